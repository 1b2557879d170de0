#include "runtime/attach/packet.h"

#include <sys/socket.h>
#include <sys/uio.h>

#include <cerrno>

namespace mycontainer::runtime::attach {

Sent send_packet(int socket, Type type, std::string_view bytes) {
  // sendmsg(2) only reads them.
  iovec parts[] = {{&type, sizeof(type)}, {const_cast<char*>(bytes.data()), bytes.size()}};
  msghdr message{};
  message.msg_iov = parts;
  message.msg_iovlen = 2;
  while (::sendmsg(socket, &message, MSG_DONTWAIT | MSG_NOSIGNAL) < 0) {
    if (errno == EINTR) continue;
    const bool later = errno == EAGAIN || errno == EWOULDBLOCK || errno == ENOBUFS;
    return later ? Sent::kLater : Sent::kGone;
  }
  return Sent::kDone;
}

}  // namespace mycontainer::runtime::attach
