#include "reexec/examples/echo_server/server.h"

#include <netinet/in.h>
#include <poll.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <csignal>

#include "reexec/examples/echo_server/worker.h"
#include "reexec/wire.h"

namespace echo_server {

using mycontainer::fail_errno;
using mycontainer::Result;
using mycontainer::UniqueFd;
using mycontainer::reexec::Command;
using mycontainer::reexec::Process;

namespace {

Result<UniqueFd> open_termination() {
  sigset_t signals;
  ::sigemptyset(&signals);
  ::sigaddset(&signals, SIGTERM);
  ::sigaddset(&signals, SIGINT);
  UniqueFd fd(::signalfd(-1, &signals, SFD_CLOEXEC));
  if (!fd) return fail_errno("signalfd");
  return fd;
}

}  // namespace

Result<UniqueFd> listen_on_loopback(std::uint16_t port) {
  UniqueFd fd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!fd) return fail_errno("socket");
  const int on = 1;
  ::setsockopt(fd.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (::bind(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) < 0) {
    return fail_errno("bind to port {}", port);
  }
  if (::listen(fd.get(), SOMAXCONN) < 0) return fail_errno("listen on port {}", port);
  return fd;
}

Result<std::uint16_t> port_of(int listener) {
  sockaddr_in address{};
  socklen_t size = sizeof address;
  if (::getsockname(listener, reinterpret_cast<sockaddr*>(&address), &size) < 0) {
    return fail_errno("getsockname");
  }
  return ntohs(address.sin_port);
}

Result<Server::Worker> Server::start_worker(int listener) {
  Command command = Command::entry("echo-worker");
  command.give(listener, kListenerFd);
  TRY(Process process, command.start());
  return Worker{std::move(process), command.take_channel()};
}

Result<void> Server::replace_ended() {
  for (Worker& worker : workers_) {
    TRY(const auto status, worker.process.try_wait());
    if (!status) continue;
    TRY(worker, start_worker(listener_.get()));
    ++tally_.replaced;
  }
  return {};
}

// All are told first, so that they drain side by side.
void Server::drain() {
  for (const Worker& worker : workers_) (void)worker.channel.send(kDrain, "");
  for (Worker& worker : workers_) {
    const auto message = worker.channel.receive();
    if (message && *message && (*message)->type == kServed) {
      tally_.served += mycontainer::reexec::decode<std::uint64_t>((*message)->bytes).value_or(0);
    }
    (void)worker.process.wait();
  }
  workers_.clear();
  listener_.reset();
}

Result<Tally> Server::run(int stop) {
  TRY(const UniqueFd termination, open_termination());
  while (workers_.size() < count_) {
    TRY(Worker worker, start_worker(listener_.get()));
    workers_.push_back(std::move(worker));
  }
  while (true) {
    std::vector<pollfd> waits{{termination.get(), POLLIN, 0}, {stop, POLLIN, 0}};
    for (const Worker& worker : workers_) waits.push_back({worker.process.pidfd(), POLLIN, 0});
    if (::poll(waits.data(), waits.size(), -1) < 0 && errno != EINTR) return fail_errno("poll");
    if (waits[0].revents != 0 || waits[1].revents != 0) break;
    TRY_VOID(replace_ended());
  }
  drain();
  return tally_;
}

}  // namespace echo_server
