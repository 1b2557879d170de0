#include "runtime/network/user_mode/slirp_socket.h"

#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>

#include <algorithm>

#include "reexec/sys/file.h"
#include "reexec/sys/unique_fd.h"
#include "runtime/network/user_mode/slirp.h"

namespace mycontainer::runtime::network {

namespace {

constexpr timeval kPatience{10, 0};

Result<UniqueFd> connect_to(const std::string& path) {
  UniqueFd socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (!socket) return fail_errno("make a socket");
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof address.sun_path) return fail_code(ENAMETOOLONG, "connect to {}", path);
  std::ranges::copy(path, address.sun_path);
  for (const int option : {SO_RCVTIMEO, SO_SNDTIMEO}) {
    ::setsockopt(socket.get(), SOL_SOCKET, option, &kPatience, sizeof kPatience);
  }
  if (::connect(socket.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) {
    return fail_errno("connect to the API of slirp4netns");
  }
  return socket;
}

}  // namespace

Result<void> publish_with_slirp(int live_directory, const PublishedPort& port) {
  TRY(const std::string request, slirp_request(port));
  TRY(const UniqueFd socket,
      connect_to(fmt::format("{}/{}", sys::fd_path(live_directory), kSlirpSocket)));
  if (::send(socket.get(), request.data(), request.size(), MSG_NOSIGNAL) !=
      static_cast<ssize_t>(request.size())) {
    return fail_errno("ask slirp4netns for port {}", port.host_port);
  }
  ::shutdown(socket.get(), SHUT_WR);
  TRY(const std::string answer, sys::read_all(socket.get()));
  return read_slirp_answer(answer, port);
}

}  // namespace mycontainer::runtime::network
