#include "runtime/attach/listener.h"

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "reexec/sys/file.h"
#include "reexec/sys/log.h"
#include "runtime/attach/packet.h"

namespace mycontainer::runtime::attach {
namespace {

constexpr int kWaiting = 64;  // clients in the queue of listen(2)
constexpr int kFlags = SOCK_SEQPACKET | SOCK_NONBLOCK | SOCK_CLOEXEC;

sockaddr_un address_in(int directory) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  const std::string path = fmt::format("{}/{}", sys::fd_path(directory), kSocketName);
  std::memcpy(address.sun_path, path.c_str(), path.size() + 1);
  return address;
}

bool may_attach(int socket) {
  ucred peer{};
  socklen_t size = sizeof(peer);
  if (::getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &peer, &size) != 0) return false;
  return peer.uid == 0 || peer.uid == ::geteuid();
}

}  // namespace

Result<UniqueFd> listen_in(int directory) {
  UniqueFd socket(::socket(AF_UNIX, kFlags, 0));
  if (!socket) return fail_errno("make a socket");
  if (::unlinkat(directory, kSocketName, 0) != 0 && errno != ENOENT) {
    return fail_errno("remove {}", kSocketName);
  }
  const sockaddr_un address = address_in(directory);
  const auto* const name = reinterpret_cast<const sockaddr*>(&address);
  if (::bind(socket.get(), name, sizeof(address)) != 0 || ::listen(socket.get(), kWaiting) != 0) {
    return fail_errno("listen at {}", kSocketName);
  }
  return socket;
}

Result<UniqueFd> connect_in(int directory) {
  UniqueFd socket(::socket(AF_UNIX, kFlags, 0));
  if (!socket) return fail_errno("make a socket");
  const sockaddr_un address = address_in(directory);
  const auto* const name = reinterpret_cast<const sockaddr*>(&address);
  if (::connect(socket.get(), name, sizeof(address)) != 0) {
    return fail_errno("connect to {}", kSocketName);
  }
  return socket;
}

UniqueFd accept_next(int listener) {
  while (true) {
    UniqueFd socket(::accept4(listener, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC));
    if (!socket && (errno == EINTR || errno == ECONNABORTED)) continue;
    if (!socket || may_attach(socket.get())) return socket;
    log_warn("another user's process tried to attach");
    send_packet(socket.get(), Type::kRefused, "only its owner and root may attach to a container");
  }
}

}  // namespace mycontainer::runtime::attach
