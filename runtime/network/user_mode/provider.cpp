#include "runtime/network/user_mode/provider.h"

#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>

#include "reexec/command.h"
#include "reexec/sys/file.h"
#include "runtime/network/address/settings.h"
#include "runtime/network/user_mode/diagnostics.h"
#include "runtime/network/user_mode/keeper.h"
#include "runtime/network/user_mode/pasta_version.h"
#include "runtime/network/user_mode/slirp.h"

namespace mycontainer::runtime::network {

namespace {

constexpr const char* kTun = "/dev/net/tun";
constexpr int kPatienceSeconds = 30;

struct Pipe {
  UniqueFd read_end, write_end;
};

Result<Pipe> make_pipe() {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) return fail_errno("make a pipe");
  return Pipe{UniqueFd(ends[0]), UniqueFd(ends[1])};
}

// Neither of the two waits for the other: nobody reads what a provider says while it runs.
Result<Pipe> make_diagnostics() {
  TRY(Pipe pipe, make_pipe());
  for (const int end : {pipe.read_end.get(), pipe.write_end.get()}) {
    if (::fcntl(end, F_SETFL, O_NONBLOCK) != 0) return fail_errno("set O_NONBLOCK");
  }
  return pipe;
}

std::string find_in_path(std::string_view name) {
  const char* path = ::getenv("PATH");
  std::string_view rest = path != nullptr ? path : "/usr/local/bin:/usr/bin:/bin";
  while (!rest.empty()) {
    const std::size_t colon = rest.find(':');
    const std::string_view directory = rest.substr(0, colon);
    rest.remove_prefix(colon == std::string_view::npos ? rest.size() : colon + 1);
    // A relative directory would be whatever the caller happens to stand in.
    if (!directory.starts_with('/')) continue;
    std::string file = fmt::format("{}/{}", directory, name);
    if (::access(file.c_str(), X_OK) == 0) return file;
  }
  return {};
}

bool has_tun() { return ::access(kTun, R_OK | W_OK) == 0; }

// Those that were abandoned and not reaped yet. Never destroyed, so that the end of this process waits
// for none of them.
std::vector<UniqueFd>& dying() {
  static auto* const all = new std::vector<UniqueFd>;
  return *all;
}

void reap_the_dead() {
  std::erase_if(dying(), [](const UniqueFd& pidfd) {
    siginfo_t info{};
    const auto id = static_cast<id_t>(pidfd.get());
    return ::waitid(P_PIDFD, id, &info, WEXITED | WNOHANG) != 0 || info.si_pid != 0;
  });
}

reexec::Command command_for(const std::string& program, std::vector<std::string> arguments,
                            const Pipe& diagnostics) {
  reap_the_dead();
  auto command = reexec::Command::program(program, std::move(arguments));
  command.in(reexec::Stdio::null()).out(reexec::Stdio::null());
  command.err(reexec::Stdio::fd(diagnostics.write_end.get()));
  command.attributes().new_session = true;
  command.attributes().parent_death_signal = SIGKILL;
  return command;
}

bool is_good(const std::string& pasta) {
  auto command = reexec::Command::program(pasta, {"--version"});
  command.in(reexec::Stdio::null()).out(reexec::Stdio::buffer()).err(reexec::Stdio::null());
  const auto output = command.output(4096);
  return output && publishes_well(output->out);
}

}  // namespace

std::string installed_provider(bool publishes_tcp) {
  if (!has_tun()) return {};
  const std::string pasta = find_in_path(kPasta);
  if (!pasta.empty() && !publishes_tcp) return std::string(kPasta);
  const bool has_slirp = !find_in_path(kSlirp).empty();
  if (!pasta.empty() && (!has_slirp || is_good(pasta))) return std::string(kPasta);
  return has_slirp ? std::string(kSlirp) : std::string();
}

Result<std::string> find_provider(std::string_view name) {
  std::string program = find_in_path(name);
  if (program.empty()) {
    Error error{fmt::format("{} is not installed", name)};
    error.hint = fmt::format("install the package {}, or choose --network none or host",
                             name == kPasta ? "passt" : name);
    return Failure(std::move(error));
  }
  if (has_tun()) return program;
  Error error{fmt::format("{} needs {}", name, kTun), errno};
  error.hint =
      "the device is for everybody (mode 0666) on most machines; --network none and host do "
      "without it";
  return Failure(std::move(error));
}

Result<Provider> Provider::start_pasta(const std::string& program,
                                       std::vector<std::string> arguments, pid_t pid) {
  TRY(Pipe diagnostics, make_diagnostics());
  const std::string namespaces = fmt::format("/proc/{}/ns/", pid);
  TRY(const UniqueFd users, sys::open_at(AT_FDCWD, namespaces + "user", O_RDONLY));
  TRY(UniqueFd network, sys::open_at(AT_FDCWD, namespaces + "net", O_RDONLY));
  auto command = command_for(program, std::move(arguments), diagnostics);
  command.attributes().join.push_back({users.get(), CLONE_NEWUSER});
  command.in(reexec::Stdio::fd(std::move(network)));
  command.out(reexec::Stdio::pipe());
  TRY(auto process, command.start());
  Provider provider(std::string(kPasta), std::move(process));
  provider.ready_ = command.take_pipe(STDOUT_FILENO);
  provider.errors_ = std::move(diagnostics.read_end);
  return provider;
}

Result<Provider> Provider::start_slirp(const std::string& program,
                                       std::vector<std::string> arguments, int directory) {
  TRY(Pipe diagnostics, make_diagnostics());
  TRY(Pipe ready, make_pipe());
  TRY(Pipe exit, make_pipe());
  auto command = command_for(program, std::move(arguments), diagnostics);
  command.give(ready.write_end.get(), kSlirpReadyFd);
  command.give(exit.read_end.get(), kSlirpExitFd);
  command.give(directory, kSlirpDirectoryFd);
  TRY(auto process, command.start());
  Provider provider(std::string(kSlirp), std::move(process));
  provider.ready_ = std::move(ready.read_end);
  provider.errors_ = std::move(diagnostics.read_end);
  provider.exit_ = std::move(exit.write_end);
  return provider;
}

Result<void> Provider::await() {
  pollfd waiting{ready_.get(), POLLIN, 0};
  int ready = 0;
  do {
    ready = ::poll(&waiting, 1, kPatienceSeconds * 1000);
  } while (ready < 0 && errno == EINTR);
  if (ready < 0) return fail_errno("wait for {}", name_);
  if (ready == 0) return fail("{} was not ready after {} seconds", name_, kPatienceSeconds);
  char byte = 0;
  if (::read(ready_.get(), &byte, 1) != 1) return failure();
  ready_.reset();
  if (!is_confined(process_.pid())) return {};
  TRY(keeper_, start_keeper(process_.pidfd()));
  return {};
}

Failure Provider::failure() {
  kill();
  const auto status = process_.wait();
  std::string text(4096, '\0');
  const ssize_t size = ::read(errors_.get(), text.data(), text.size());
  text.resize(size > 0 ? static_cast<std::size_t>(size) : 0);
  std::string reason = reason_in(text);
  if (reason.empty()) reason = status ? status->describe() : "ended";
  Error error{fmt::format("{}: {}", name_, reason)};
  error.hint = "--network none and host do without it";
  return Failure(std::move(error));
}

void Provider::kill() const { (void)process_.signal(SIGKILL); }

void Provider::abandon() {
  kill();
  const auto ended = process_.try_wait();
  if (!ended || !*ended) dying().push_back(process_.release());
}

}  // namespace mycontainer::runtime::network
