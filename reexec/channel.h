// Two ends that exchange messages and descriptors between a process and its re-executed child.
// Either side: the parent holds one end, the child finds the other on descriptor kChannelFd.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "reexec/sys/error.h"
#include "reexec/sys/unique_fd.h"

namespace mycontainer::reexec {

// Where an entry's end of its channel stands when main begins.
inline constexpr int kChannelFd = 3;

struct Message {
  std::uint32_t type = 0;
  std::string bytes{};
  std::vector<UniqueFd> fds{};
};

// One end of a SOCK_SEQPACKET pair (unix(7)). A message arrives whole or not at all, with its
// descriptors, which are close-on-exec on arrival. Sending and receiving block, unless the caller
// made the descriptor non-blocking (then EAGAIN comes back as an error). Never raises SIGPIPE: a
// closed peer is EPIPE on send and nullopt on receive. Not for use by two threads in one direction.
class Channel {
 public:
  static constexpr std::size_t kMaxFds = 64;          // in one message
  static constexpr std::size_t kMaxBytes = 64 << 20;  // in one message
  static constexpr std::size_t kInlineBytes = 32 << 10;

  Channel() = default;
  // Takes a descriptor that is one end of such a pair.
  explicit Channel(UniqueFd fd) : fd_(std::move(fd)) {}
  static Result<std::pair<Channel, Channel>> make();

  // Bytes beyond kInlineBytes travel in a sealed memfd; the receiver sees no difference. The
  // descriptors stay the caller's.
  Result<void> send(std::uint32_t type, std::string_view bytes,
                    std::span<const int> fds = {}) const;
  // The next message, or nullopt when the peer closed its end and everything was read.
  Result<std::optional<Message>> receive() const;

  [[nodiscard]] int fd() const { return fd_.get(); }
  [[nodiscard]] bool valid() const { return fd_.valid(); }
  void close() { fd_.reset(); }
  [[nodiscard]] UniqueFd take() { return std::move(fd_); }

 private:
  UniqueFd fd_;
};

}  // namespace mycontainer::reexec
