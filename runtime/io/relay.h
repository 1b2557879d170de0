// Moves bytes from one descriptor to another without ever blocking. Parent side.
#pragma once

#include <poll.h>

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "reexec/sys/error.h"
#include "reexec/sys/unique_fd.h"

namespace mycontainer::runtime::io {

// One end of a relay: a descriptor, and how much it takes at once when poll(2) says that it is
// ready.
class Endpoint {
 public:
  // A stream of the caller's. Its file status flags are shared with other processes, so O_NONBLOCK
  // is never set on it: a terminal is opened a second time (with access mode `access`, O_RDONLY or
  // O_WRONLY), a socket is asked not to wait by every call, and others get no more than poll(2)
  // promises room for.
  static Endpoint borrow(int fd, int access);
  // A descriptor that already is non-blocking. The first closes with the relay, the second
  // is borrowed.
  static Endpoint own(UniqueFd fd);
  static Endpoint share(int fd);

  [[nodiscard]] int fd() const { return fd_; }
  // A write may be tried without poll(2) first.
  [[nodiscard]] bool never_blocks() const { return kind_ != Kind::kCareful; }
  // As read(2) and write(2), EINTR aside; EAGAIN instead of waiting.
  ssize_t read(char* to, std::size_t size) const;
  ssize_t write(const char* from, std::size_t size) const;
  void close() { owned_.reset(); }

 private:
  enum class Kind : unsigned char { kNonBlocking, kSocket, kCareful };
  Endpoint(int fd, Kind kind) : fd_(fd), kind_(kind) {}

  UniqueFd owned_{};
  int fd_ = -1;
  Kind kind_ = Kind::kNonBlocking;
  std::size_t most_ = static_cast<std::size_t>(-1);  // bytes one write may take
};

// One direction. At the end of the source, or when the sink takes no more (EPIPE), what it owns is
// closed, so that the other sides see end of file or EPIPE as if they were connected directly.
// Bytes are copied: splice(2) from a pipe to a file costs the same here (0.45 s of CPU for 1 GiB),
// and from a file into the container's pipe it would lay the host's page cache where the container
// can write (CVE-2022-0847).
class Relay {
 public:
  Relay(Endpoint source, Endpoint sink);
  // Appends to `passed` what is to be passed on of `read`: at most kFilterRoom bytes more than that.
  using Filter = std::function<void(std::string_view read, std::string& passed)>;
  static constexpr std::size_t kFilterRoom = 64;
  void set_filter(Filter filter) { filter_ = std::move(filter); }

  [[nodiscard]] bool finished() const { return finished_; }
  // The sink or the source failed, other than by being closed.
  [[nodiscard]] const std::optional<Error>& error() const { return error_; }
  // What to wait for before the next step().
  [[nodiscard]] pollfd awaited() const;
  // Moves what can be moved now, at most one buffer.
  void step();
  // Nobody whom we wait for writes to the source any more: move on what lies in it and finish as
  // soon as it is empty, even if somebody still holds it open.
  void last_call();

 private:
  void fill();
  void filter();
  void flush();
  void end();
  void fail_with(const char* what);

  Endpoint source_;
  Endpoint sink_;
  Filter filter_{};
  std::unique_ptr<char[]> buffer_{};
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
  std::size_t left_ = static_cast<std::size_t>(-1);  // bytes still to be read
  bool last_call_ = false;
  bool finished_ = false;
  std::optional<Error> error_{};
};

}  // namespace mycontainer::runtime::io
