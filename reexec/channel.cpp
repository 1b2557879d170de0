#include "reexec/channel.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cstring>

#include "reexec/sys/file.h"

namespace mycontainer::reexec {

namespace {

// What precedes the bytes of every packet.
struct Header {
  std::uint32_t type;
  std::uint32_t in_memfd;  // 1: the last descriptor is a memfd that holds the bytes
  std::uint64_t size;
};

constexpr std::size_t kControlSize = CMSG_SPACE(sizeof(int) * (Channel::kMaxFds + 1));

void attach(msghdr& message, char* control, std::span<const int> fds) {
  message.msg_control = control;
  message.msg_controllen = CMSG_SPACE(fds.size_bytes());
  cmsghdr* const part = CMSG_FIRSTHDR(&message);
  part->cmsg_level = SOL_SOCKET;
  part->cmsg_type = SCM_RIGHTS;
  part->cmsg_len = CMSG_LEN(fds.size_bytes());
  std::memcpy(CMSG_DATA(part), fds.data(), fds.size_bytes());
}

Result<void> send_packet(int socket, Header header, std::string_view bytes,
                         std::span<const int> fds) {
  std::array<iovec, 2> parts{iovec{&header, sizeof header},
                             iovec{const_cast<char*>(bytes.data()), bytes.size()}};
  msghdr message{};
  message.msg_iov = parts.data();
  message.msg_iovlen = parts.size();
  alignas(cmsghdr) std::array<char, kControlSize> control;
  if (!fds.empty()) {
    control.fill(0);
    attach(message, control.data(), fds);
  }
  while (::sendmsg(socket, &message, MSG_NOSIGNAL) < 0) {
    if (errno != EINTR) return fail_errno("send message {}", header.type);
  }
  return {};
}

// Takes every descriptor out of the control data, whatever else is wrong with it: what is not
// owned at once would leak.
std::vector<UniqueFd> received_fds(msghdr& message) {
  std::vector<UniqueFd> fds;
  for (cmsghdr* part = CMSG_FIRSTHDR(&message); part != nullptr;
       part = CMSG_NXTHDR(&message, part)) {
    if (part->cmsg_level != SOL_SOCKET || part->cmsg_type != SCM_RIGHTS) continue;
    const std::size_t count = (part->cmsg_len - CMSG_LEN(0)) / sizeof(int);
    for (std::size_t i = 0; i < count; ++i) {
      int fd = -1;
      std::memcpy(&fd, CMSG_DATA(part) + i * sizeof(int), sizeof fd);
      fds.emplace_back(fd);
    }
  }
  return fds;
}

Result<std::string> read_memfd(int fd, std::uint64_t size) {
  constexpr int kNeeded = F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE;
  const int seals = ::fcntl(fd, F_GET_SEALS);
  struct stat status {};
  if (seals < 0 || (seals & kNeeded) != kNeeded || ::fstat(fd, &status) < 0 ||
      static_cast<std::uint64_t>(status.st_size) != size) {
    return fail_code(EBADMSG, "receive message: its memory is not sealed or not of its size");
  }
  std::string bytes(size, '\0');
  std::size_t done = 0;
  while (done < size) {
    const ssize_t count = ::pread(fd, bytes.data() + done, size - done, static_cast<off_t>(done));
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return fail_errno("read a message's memory");
    done += static_cast<std::size_t>(count);
  }
  return bytes;
}

Result<Message> unpack(std::string_view packet, std::vector<UniqueFd> fds) {
  Header header{};
  if (packet.size() < sizeof header) return fail_code(EBADMSG, "receive message: no header");
  std::memcpy(&header, packet.data(), sizeof header);
  packet.remove_prefix(sizeof header);
  Message message{header.type, {}, std::move(fds)};
  if (header.in_memfd == 0) {
    if (header.size != packet.size()) return fail_code(EBADMSG, "receive message: wrong size");
    message.bytes = packet;
    return message;
  }
  if (message.fds.empty() || header.size > Channel::kMaxBytes) {
    return fail_code(EBADMSG, "receive message: no memory, or too much of it");
  }
  const UniqueFd memory = std::move(message.fds.back());
  message.fds.pop_back();
  TRY(message.bytes, read_memfd(memory.get(), header.size));
  return message;
}

}  // namespace

Result<std::pair<Channel, Channel>> Channel::make() {
  std::array<int, 2> ends{};
  if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends.data()) < 0) {
    return fail_errno("socketpair");
  }
  return std::pair(Channel(UniqueFd(ends[0])), Channel(UniqueFd(ends[1])));
}

Result<void> Channel::send(std::uint32_t type, std::string_view bytes,
                           std::span<const int> fds) const {
  if (fds.size() > kMaxFds)
    return fail_code(EINVAL, "send {} descriptors in one message", fds.size());
  if (bytes.size() > kMaxBytes)
    return fail_code(EMSGSIZE, "send {} bytes in one message", bytes.size());
  if (bytes.size() <= kInlineBytes) {
    return send_packet(fd_.get(), Header{type, 0, bytes.size()}, bytes, fds);
  }
  TRY(const UniqueFd memory, sys::sealed_memfd("mycontainer-message", bytes));
  std::vector<int> all(fds.begin(), fds.end());
  all.push_back(memory.get());
  return send_packet(fd_.get(), Header{type, 1, bytes.size()}, {}, all);
}

Result<std::optional<Message>> Channel::receive() const {
  std::array<char, kInlineBytes + sizeof(Header)> packet;  // not cleared: it is large
  alignas(cmsghdr) std::array<char, kControlSize> control;
  iovec part{packet.data(), packet.size()};
  msghdr message{};
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  ssize_t count = -1;
  do {
    message.msg_control = control.data();
    message.msg_controllen = control.size();
    count = ::recvmsg(fd_.get(), &message, MSG_CMSG_CLOEXEC);
    // ECONNRESET says once that the peer left something of ours unread; its own last messages are
    // still queued behind it.
  } while (count < 0 && (errno == EINTR || errno == ECONNRESET));
  if (count < 0) return fail_errno("receive message");
  std::vector<UniqueFd> fds = received_fds(message);
  if ((message.msg_flags & (MSG_TRUNC | MSG_CTRUNC)) != 0) {
    return fail_code(EBADMSG, "receive message: truncated");
  }
  if (count == 0) return std::nullopt;
  TRY(Message whole, unpack({packet.data(), static_cast<std::size_t>(count)}, std::move(fds)));
  return std::optional<Message>(std::move(whole));
}

}  // namespace mycontainer::reexec
