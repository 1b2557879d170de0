// A file descriptor that closes itself. Either side may use it.
#pragma once

#include <utility>

namespace mycontainer::reexec::sys {

// Owns one descriptor, or none (-1). Every descriptor in this project is born close-on-exec; the
// only place that gives one away is Command (reexec/command.h). close() is called once and never
// retried (close(2), "Dealing with error returns").
class UniqueFd {
 public:
  UniqueFd() noexcept = default;
  explicit UniqueFd(int fd) noexcept : fd_(fd) {}
  UniqueFd(UniqueFd&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  UniqueFd& operator=(UniqueFd&& other) noexcept {
    if (this != &other) reset(std::exchange(other.fd_, -1));
    return *this;
  }
  UniqueFd(const UniqueFd&) = delete;
  UniqueFd& operator=(const UniqueFd&) = delete;
  ~UniqueFd() { reset(); }

  [[nodiscard]] int get() const noexcept { return fd_; }
  [[nodiscard]] bool valid() const noexcept { return fd_ >= 0; }
  explicit operator bool() const noexcept { return valid(); }
  // Gives up ownership without closing.
  [[nodiscard]] int release() noexcept { return std::exchange(fd_, -1); }
  // Closes what is held and takes `fd` instead; errno is left as it was.
  void reset(int fd = -1) noexcept;

 private:
  int fd_ = -1;
};

}  // namespace mycontainer::reexec::sys

namespace mycontainer {
using reexec::sys::UniqueFd;
}
