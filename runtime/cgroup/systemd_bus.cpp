#include "runtime/cgroup/systemd_bus.h"

#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <utility>

#include "reexec/sys/file.h"

namespace mycontainer::runtime::cgroup {

namespace {

constexpr std::chrono::seconds kPatience(30);
constexpr const char* kSystemd = "org.freedesktop.systemd1";
constexpr const char* kBus = "org.freedesktop.DBus";
constexpr const char* kExists = "org.freedesktop.systemd1.UnitExists";
constexpr const char* kNoSuchUnit = "org.freedesktop.systemd1.NoSuchUnit";

struct Address {
  std::string path;
  bool is_bus = false;  // a bus, not systemd itself
};

// "unix:path=/run/user/1000/bus,guid=..."; other transports and abstract sockets are not used by
// systemd's session buses.
std::string path_in(std::string_view address) {
  constexpr std::string_view kPrefix = "unix:path=";
  if (!address.starts_with(kPrefix)) return {};
  address.remove_prefix(kPrefix.size());
  return std::string(address.substr(0, address.find_first_of(",;")));
}

std::string environment(const char* name) {
  const char* value = std::getenv(name);  // NOLINT(concurrency-mt-unsafe): one thread
  return value == nullptr ? std::string() : value;
}

// The first host id in uid_map: ours, also in the user namespace that podman made.
std::string uid_on_host() {
  const auto map = sys::read_file_at(AT_FDCWD, "/proc/self/uid_map");
  unsigned long inside = 0, outside = 0;
  if (!map || std::sscanf(map->c_str(), "%lu %lu", &inside, &outside) != 2) {
    return std::to_string(::geteuid());
  }
  return std::to_string(outside + ::geteuid() - inside);
}

std::vector<Address> addresses(bool of_user) {
  if (!of_user) return {{"/run/systemd/private", false}, {"/run/dbus/system_bus_socket", true}};
  std::string runtime = environment("XDG_RUNTIME_DIR");
  if (runtime.empty()) runtime = "/run/user/" + uid_on_host();
  return {{runtime + "/systemd/private", false},
          {path_in(environment("DBUS_SESSION_BUS_ADDRESS")), true},
          {runtime + "/bus", true}};
}

Result<UniqueFd> connect_to(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.empty() || path.size() >= sizeof(address.sun_path)) return fail_code(ENOENT, "connect");
  std::memcpy(address.sun_path, path.c_str(), path.size() + 1);
  UniqueFd socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!socket) return fail_errno("make a socket");
  if (::connect(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)) < 0) {
    return fail_errno("connect to {}", path);
  }
  return socket;
}

Failure no_systemd(bool of_user, const Error& last) {
  Error error{fmt::format("the systemd cgroup driver needs {}, and none answers",
                          of_user ? "a systemd of this user" : "systemd as the system's init")};
  error.hint = last.message() + "; without systemd use the cgroupfs driver";
  return Failure(std::move(error));
}

// Waits until `events` happen on the socket.
Result<void> wait_for(int socket, short events, std::chrono::steady_clock::time_point deadline) {
  while (true) {
    const auto left =
        std::chrono::ceil<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now());
    if (left.count() <= 0) return fail_code(ETIMEDOUT, "wait for systemd");
    pollfd poll{socket, events, 0};
    const int ready = ::poll(&poll, 1, static_cast<int>(left.count()));
    if (ready > 0) return {};
    if (ready < 0 && errno != EINTR) return fail_errno("wait for systemd");
  }
}

// Adds what is there to `input`.
Result<void> read_some(int socket, std::string& input,
                       std::chrono::steady_clock::time_point deadline) {
  char bytes[4096];
  while (true) {
    const ssize_t count = ::recv(socket, bytes, sizeof(bytes), 0);
    if (count > 0) {
      input.append(bytes, static_cast<std::size_t>(count));
      return {};
    }
    if (count == 0) return fail_code(ECONNRESET, "talk to systemd");
    if (errno != EAGAIN && errno != EINTR) return fail_errno("talk to systemd");
    TRY_VOID(wait_for(socket, POLLIN, deadline));
  }
}

std::chrono::steady_clock::time_point deadline_from_now() {
  return std::chrono::steady_clock::now() + kPatience;
}

Call to_manager(const char* member, ArgumentWriter arguments) {
  return {"/org/freedesktop/systemd1", "org.freedesktop.systemd1.Manager", member,
          std::move(arguments)};
}

// The error of a reply keeps its D-Bus name as the hint's place would be wasted on it.
Failure refused(const Message& reply, std::string_view member) {
  const auto text = argument(reply, 0);
  return fail("systemd: {}: {} ({})", member, text ? *text : "no reason given", reply.error_name);
}

bool is_error(const Error& error, std::string_view name) {
  return error.operation.ends_with("(" + std::string(name) + ")");
}

}  // namespace

Result<SystemdBus> SystemdBus::connect(bool of_user) {
  Error last{"no socket of systemd or of a bus is known"};
  for (const Address& address : addresses(of_user)) {
    auto socket = connect_to(address.path);
    if (!socket) {
      if (!address.path.empty()) last = std::move(socket).error();
      continue;
    }
    SystemdBus bus;
    bus.socket_ = std::move(*socket);
    auto ready = bus.authenticate();
    if (ready && address.is_bus) ready = bus.join_bus();
    if (ready) return bus;
    last = within(address.path, std::move(ready).error()).value();
  }
  return no_systemd(of_user, last);
}

// EXTERNAL without an identity: the peer asks the kernel who we are (SO_PEERCRED). A number of
// ours would be wrong in a user namespace.
Result<void> SystemdBus::authenticate() {
  static constexpr char kHandshake[] = "\0AUTH EXTERNAL\r\nDATA\r\nBEGIN\r\n";
  TRY_VOID(send({kHandshake, sizeof(kHandshake) - 1}));
  const Deadline deadline = deadline_from_now();
  while (true) {
    const std::size_t end = input_.find("\r\n");
    if (end == std::string::npos) {
      TRY_VOID(read_some(socket_.get(), input_, deadline));
      continue;
    }
    const std::string line = input_.substr(0, end);
    input_.erase(0, end + 2);
    if (line.starts_with("OK")) return {};
    if (!line.starts_with("DATA")) return fail_code(EACCES, "authenticate: {}", line);
  }
}

Result<void> SystemdBus::join_bus() {
  const auto ask_bus = [&](const char* member, ArgumentWriter arguments) {
    return call({"/org/freedesktop/DBus", kBus, member, std::move(arguments)});
  };
  TRY_VOID(ask_bus("Hello", {}));
  ArgumentWriter rule;
  rule.text(
      "type='signal',sender='org.freedesktop.systemd1',"
      "interface='org.freedesktop.systemd1.Manager',member='JobRemoved'");
  TRY_VOID(ask_bus("AddMatch", std::move(rule)));
  TRY_VOID(call(to_manager("Subscribe", {})));
  return {};
}

Result<void> SystemdBus::send(const std::string& bytes) {
  const Deadline deadline = deadline_from_now();
  std::string_view rest = bytes;
  while (!rest.empty()) {
    const ssize_t count = ::send(socket_.get(), rest.data(), rest.size(), MSG_NOSIGNAL);
    if (count > 0) {
      rest.remove_prefix(static_cast<std::size_t>(count));
    } else if (errno != EAGAIN && errno != EINTR) {
      return fail_errno("talk to systemd");
    } else {
      TRY_VOID(wait_for(socket_.get(), POLLOUT, deadline));
    }
  }
  return {};
}

Result<Message> SystemdBus::receive(Deadline deadline) {
  while (true) {
    TRY(const std::size_t size, message_size(input_));
    if (size != 0 && input_.size() >= size) {
      TRY(Message message, decode(input_));
      input_.erase(0, size);
      return message;
    }
    TRY_VOID(read_some(socket_.get(), input_, deadline));
  }
}

Result<Message> SystemdBus::call(const Call& call) {
  const std::uint32_t serial = ++serial_;
  TRY_VOID(send(encode(call, call.interface == kBus ? kBus : kSystemd, serial)));
  const Deadline deadline = deadline_from_now();
  while (true) {
    TRY(Message message, receive(deadline));
    if (message.type == MessageType::kSignal) {
      signals_.push_back(std::move(message));
    } else if (message.reply_serial == serial) {
      if (message.type == MessageType::kError) return refused(message, call.member);
      return message;
    }
  }
}

Result<void> SystemdBus::run_job(const std::string& unit, const Call& job_call) {
  TRY(Message started, call(job_call));
  started.member = job_call.member;
  TRY(const std::string job, argument(started, 0));
  const Deadline deadline = deadline_from_now();
  while (true) {
    while (signals_.empty()) {
      TRY(Message message, receive(deadline));
      if (message.type == MessageType::kSignal) signals_.push_back(std::move(message));
    }
    const Message signal = std::move(signals_.front());
    signals_.pop_front();
    if (signal.member != "JobRemoved") continue;
    TRY(const std::string ended, argument(signal, 1));
    if (ended != job) continue;
    TRY(const std::string result, argument(signal, 3));
    if (result == "done") return {};
    return fail("systemd: {} of {} ended with \"{}\"", job_call.member, unit, result);
  }
}

Result<void> SystemdBus::start_transient(const std::string& unit,
                                         const std::vector<UnitProperty>& properties) {
  ArgumentWriter arguments;
  arguments.text(unit).text("fail").properties(properties).no_auxiliary_units();
  const Call start = to_manager("StartTransientUnit", std::move(arguments));
  auto started = run_job(unit, start);
  if (started || !is_error(started.error(), kExists)) return started;
  // What a container of that name left when it failed is still known.
  ArgumentWriter name;
  name.text(unit);
  TRY_VOID(call(to_manager("ResetFailedUnit", std::move(name))));
  return run_job(unit, start);
}

Result<void> SystemdBus::stop(const std::string& unit) {
  ArgumentWriter arguments;
  arguments.text(unit).text("replace");
  auto stopped = run_job(unit, to_manager("StopUnit", std::move(arguments)));
  if (!stopped && is_error(stopped.error(), kNoSuchUnit)) return {};
  if (!stopped) return stopped;
  ArgumentWriter name;
  name.text(unit);
  std::ignore = call(to_manager("ResetFailedUnit", std::move(name)));  // mostly it is gone already
  return {};
}

Result<void> SystemdBus::set_properties(const std::string& unit,
                                        const std::vector<UnitProperty>& properties) {
  ArgumentWriter arguments;
  arguments.text(unit).boolean(true).properties(properties);
  TRY_VOID(call(to_manager("SetUnitProperties", std::move(arguments))));
  return {};
}

}  // namespace mycontainer::runtime::cgroup
