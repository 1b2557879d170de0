#include "runtime/container/console_socket.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstring>
#include <string_view>

#include "reexec/sys/file.h"

namespace mycontainer::runtime::container {

namespace {

constexpr std::string_view kName = "/dev/ptmx";

Result<UniqueFd> connect_to(const std::string& path) {
  // By the descriptor's short name: containerd's socket paths may be longer than sun_path.
  TRY(const UniqueFd found, sys::open_at(AT_FDCWD, path, O_PATH));
  const std::string name = sys::fd_path(found.get());
  UniqueFd socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (!socket) return fail_errno("open a socket");
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::memcpy(address.sun_path, name.c_str(), name.size() + 1);
  if (::connect(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) < 0) {
    return fail_errno("connect to the console socket {}", path);
  }
  return socket;
}

}  // namespace

Result<void> send_console(const std::string& path, int master) {
  TRY(const UniqueFd socket, connect_to(path));
  iovec data{const_cast<char*>(kName.data()), kName.size()};
  alignas(cmsghdr) char control[CMSG_SPACE(sizeof(int))] = {};
  msghdr message{};
  message.msg_iov = &data;
  message.msg_iovlen = 1;
  message.msg_control = control;
  message.msg_controllen = sizeof control;
  cmsghdr* header = CMSG_FIRSTHDR(&message);
  header->cmsg_level = SOL_SOCKET;
  header->cmsg_type = SCM_RIGHTS;
  header->cmsg_len = CMSG_LEN(sizeof(int));
  std::memcpy(CMSG_DATA(header), &master, sizeof master);
  if (::sendmsg(socket.get(), &message, MSG_NOSIGNAL) < 0) {
    return fail_errno("send the terminal to {}", path);
  }
  return {};
}

}  // namespace mycontainer::runtime::container
