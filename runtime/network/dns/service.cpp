#include "runtime/network/dns/service.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sched.h>
#include <sys/socket.h>
#include <unistd.h>

#include <csignal>

#include "reexec/command.h"
#include "reexec/sys/file.h"
#include "reexec/wire.h"
#include "runtime/network/dns/names.h"
#include "runtime/network/dns/order.h"
#include "runtime/network/firewall/firewall.h"

namespace mycontainer::runtime::network {

namespace {

constexpr std::uint32_t kServiceAddress = 0x7f00000b;  // 127.0.0.11, as Docker's
constexpr int kBacklog = 128;

constexpr std::uint32_t number(NameServiceMessage message) {
  return static_cast<std::uint32_t>(message);
}

struct Sockets {
  UniqueFd udp, tcp;
};

Result<UniqueFd> bound_socket(int type) {
  UniqueFd made(::socket(AF_INET, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!made) return fail_errno("make a socket for the name service");
  // The container may not have brought its loopback interface up yet.
  const int on = 1;
  if (::setsockopt(made.get(), IPPROTO_IP, IP_FREEBIND, &on, sizeof on) < 0) {
    return fail_errno("set IP_FREEBIND");
  }
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(kServiceAddress);
  if (::bind(made.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) < 0) {
    return fail_errno("bind the name service to 127.0.0.11");
  }
  return made;
}

Result<std::uint16_t> port_of(const UniqueFd& bound) {
  sockaddr_in address{};
  socklen_t size = sizeof address;
  if (::getsockname(bound.get(), reinterpret_cast<sockaddr*>(&address), &size) < 0) {
    return fail_errno("look at the name service's socket");
  }
  return ntohs(address.sin_port);
}

Result<Sockets> make_sockets() {
  Sockets sockets;
  TRY(sockets.udp, bound_socket(SOCK_DGRAM));
  TRY(sockets.tcp, bound_socket(SOCK_STREAM));
  if (::listen(sockets.tcp.get(), kBacklog) < 0) return fail_errno("listen");
  TRY(const std::uint16_t udp_port, port_of(sockets.udp));
  TRY(const std::uint16_t tcp_port, port_of(sockets.tcp));
  TRY_VOID(redirect_name_service(udp_port, tcp_port));
  return sockets;
}

// Sockets stay in the namespace they were made in.
Result<Sockets> make_sockets_in(pid_t pid) {
  TRY(const UniqueFd here, sys::open_at(AT_FDCWD, "/proc/thread-self/ns/net", O_RDONLY));
  TRY(const UniqueFd there,
      sys::open_at(AT_FDCWD, "/proc/" + std::to_string(pid) + "/ns/net", O_RDONLY));
  if (::setns(there.get(), CLONE_NEWNET) < 0) return fail_errno("enter the network namespace");
  auto sockets = make_sockets();
  if (::setns(here.get(), CLONE_NEWNET) < 0) return fail_errno("return to the network namespace");
  return sockets;
}

reexec::Command service_command(bool follows) {
  auto command = reexec::Command::entry(std::string(kNameServiceEntry));
  command.clear_env();
  command.in(reexec::Stdio::null()).out(reexec::Stdio::null()).err(reexec::Stdio::null());
  reexec::Attributes& attributes = command.attributes();
  attributes.limits = {{RLIMIT_CORE, {0, 0}}};
  attributes.no_new_privs = true;
  if (!follows) attributes.parent_death_signal = SIGKILL;
  attributes.new_session = true;  // a terminal's ^C is not for it
  attributes.keep_dispositions = true;
  return command;
}

Result<void> wait_until_ready(reexec::Process& process, const reexec::Channel& channel) {
  TRY(const auto message, channel.receive());
  if (message && message->type == number(NameServiceMessage::kReady)) return {};
  if (message && message->type == number(NameServiceMessage::kError)) {
    TRY(Error error, reexec::decode<Error>(message->bytes));
    return Failure(std::move(error));
  }
  TRY(const reexec::Status status, process.wait());
  return fail("the process {}", status.describe());
}

Result<reexec::Process> start(const NameServiceRequest& request) {
  // It begins to run while the sockets are made.
  const bool follows = request.follow >= 0;
  auto command = service_command(follows);
  TRY(reexec::Process process, command.start());
  const reexec::Channel channel = command.take_channel();
  TRY(const Sockets sockets, make_sockets_in(request.pid));
  TRY(const UniqueFd lock, lock_membership(request.places, request.container_id));
  TRY(const UniqueFd live, sys::open_at(AT_FDCWD, request.places.live(), O_RDONLY | O_DIRECTORY));
  const NameServiceOrder order{request.container_id, request.servers, follows ? 0 : ::getpid()};
  std::vector<int> fds = {sockets.udp.get(), sockets.tcp.get(), live.get(), lock.get()};
  if (follows) fds.push_back(request.follow);
  TRY_VOID(channel.send(number(NameServiceMessage::kOrder), reexec::encode(order), fds));
  TRY_VOID(wait_until_ready(process, channel));
  return process;
}

}  // namespace

Result<reexec::Process> start_name_service(const NameServiceRequest& request) {
  auto process = start(request);
  if (!process) return within("start the name service", std::move(process).error());
  return process;
}

}  // namespace mycontainer::runtime::network
