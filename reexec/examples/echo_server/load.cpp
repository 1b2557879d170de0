#include "reexec/examples/echo_server/load.h"

#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <csignal>
#include <cstdio>
#include <filesystem>
#include <string>
#include <vector>

#include "reexec/examples/echo_server/server.h"
#include "reexec/examples/echo_server/worker.h"
#include "reexec/sys/file.h"

namespace echo_server {

using mycontainer::fail;
using mycontainer::fail_errno;
using mycontainer::Result;
using mycontainer::UniqueFd;
using mycontainer::reexec::Channel;
using mycontainer::reexec::Command;
using mycontainer::reexec::Process;

namespace {

constexpr unsigned kWorkers = 4;
constexpr unsigned kClients = 4;
constexpr std::uint64_t kCrashEvery = 100;

Result<UniqueFd> connect_to(std::uint16_t port) {
  UniqueFd fd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (!fd) return fail_errno("socket");
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (::connect(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) < 0) {
    return fail_errno("connect to port {}", port);
  }
  return fd;
}

// Sends the rest of a request and reads to the end of the answer.
Result<std::string> finish(int connection, const std::string& request) {
  TRY_VOID(mycontainer::sys::write_all(connection, request));
  if (::shutdown(connection, SHUT_WR) < 0) return fail_errno("shutdown");
  return mycontainer::sys::read_all(connection);
}

Result<bool> is_echoed(std::uint16_t port, const std::string& request) {
  TRY(const UniqueFd connection, connect_to(port));
  TRY(const std::string answer, finish(connection.get(), request));
  return answer == request;
}

// Zombies among the children of `pid`.
int zombies_of(pid_t pid) {
  int count = 0;
  for (const auto& entry : std::filesystem::directory_iterator("/proc")) {
    const auto stat = mycontainer::sys::read_file_at(AT_FDCWD, entry.path() / "stat");
    if (!stat) continue;
    const std::string rest = stat->substr(stat->rfind(')') + 2);
    if (rest[0] == 'Z' && std::stoi(rest.substr(2)) == pid) ++count;
  }
  return count;
}

Result<std::uint64_t> load(std::uint16_t port, std::uint64_t connections) {
  std::vector<mycontainer::reexec::Call<std::uint64_t>> calls;
  for (unsigned i = 0; i < kClients; ++i) {
    const std::uint64_t share = (connections + i) / kClients;
    TRY(auto call, kClient.start(port, share, i == 0));
    calls.push_back(std::move(call));
  }
  std::uint64_t echoed = 0;
  for (auto& call : calls) {
    TRY(const std::uint64_t count, call.wait());
    echoed += count;
  }
  return echoed;
}

// SIGTERM while a connection is half through: it has to be finished.
Result<Tally> drain(Process& server, const Channel& channel, std::uint16_t port) {
  TRY(const UniqueFd open, connect_to(port));
  TRY_VOID(mycontainer::sys::write_all(open.get(), "begun, "));
  std::array<char, 16> begun{};
  if (::recv(open.get(), begun.data(), 7, MSG_WAITALL) != 7)
    return fail("no echo before the drain");
  TRY_VOID(server.signal(SIGTERM));
  TRY(const std::string rest, finish(open.get(), "finished"));
  if (rest != "finished") return fail("an open connection was lost: \"{}\"", rest);
  TRY(const auto message, channel.receive());
  if (!message) return fail("the server ended without its tally");
  return mycontainer::reexec::decode<Tally>(message->bytes);
}

Result<void> run_checked(std::uint64_t connections) {
  Command command = Command::entry("echo-server");
  TRY(Process server, command.start());
  const Channel channel = command.take_channel();
  TRY(const auto hello, channel.receive());
  if (!hello) return fail("the server did not start");
  TRY(const auto port, mycontainer::reexec::decode<std::uint16_t>(hello->bytes));
  TRY(const std::uint64_t echoed, load(port, connections));
  const int zombies = zombies_of(server.pid()) + zombies_of(::getpid());
  TRY(const Tally tally, drain(server, channel, port));
  TRY(const auto status, server.wait());
  std::printf("%llu of %llu connections echoed, %llu workers replaced, %d zombies, the server %s\n",
              static_cast<unsigned long long>(echoed), static_cast<unsigned long long>(connections),
              static_cast<unsigned long long>(tally.replaced), zombies, status.describe().c_str());
  const bool replaced = tally.replaced == connections / kClients / kCrashEvery;
  if (echoed != connections || !replaced || zombies != 0 || !status.success()) {
    return fail("the server did not do what it should");
  }
  return {};
}

}  // namespace

Result<std::uint64_t> be_client(std::uint16_t port, std::uint64_t connections, bool crashing) {
  std::uint64_t echoed = 0;
  for (std::uint64_t i = 0; i < connections; ++i) {
    if (crashing && i % kCrashEvery == kCrashEvery - 1) {
      TRY(const UniqueFd victim, connect_to(port));
      (void)finish(victim.get(), kCrashRequest);
    }
    TRY(const bool same, is_echoed(port, "connection " + std::to_string(i)));
    if (same) ++echoed;
  }
  return echoed;
}

int run_server_entry(mycontainer::reexec::Invocation& self) {
  const auto serve = [&]() -> Result<void> {
    TRY(UniqueFd listener, listen_on_loopback(0));
    TRY(const std::uint16_t port, port_of(listener.get()));
    TRY_VOID(self.channel.send(0, mycontainer::reexec::encode(port)));
    TRY(const Tally tally, Server(std::move(listener), kWorkers).run(self.channel.fd()));
    return self.channel.send(0, mycontainer::reexec::encode(tally));
  };
  sigset_t signals;
  ::sigemptyset(&signals);
  ::sigaddset(&signals, SIGTERM);
  ::sigprocmask(SIG_BLOCK, &signals, nullptr);
  const auto served = serve();
  if (!served) std::fprintf(stderr, "echo_server: %s\n", served.error().message().c_str());
  return served ? 0 : 1;
}

int run_load(std::uint64_t connections) {
  const auto result = run_checked(connections);
  if (!result) std::fprintf(stderr, "echo_server: %s\n", result.error().message().c_str());
  return result ? 0 : 1;
}

}  // namespace echo_server
