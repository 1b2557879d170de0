// What becomes of a child's descriptors 0, 1 and 2. Parent side.
#pragma once

#include <fcntl.h>

#include <string>
#include <utility>

#include "reexec/sys/unique_fd.h"

namespace mycontainer::reexec {

// One choice for one of the three. Move-only, because it may own a descriptor.
class Stdio {
 public:
  enum class Kind { kInherit, kNull, kFd, kFile, kPipe, kBuffer, kPty, kBytes };

  static Stdio inherit() { return Stdio(Kind::kInherit); }
  static Stdio null() { return Stdio(Kind::kNull); }
  // The caller's descriptor, which must stay open until start; or one given away.
  static Stdio fd(int borrowed);
  static Stdio fd(UniqueFd owned);
  // Opened by the parent at start, relative to its own working directory.
  static Stdio file(std::string path, int flags, mode_t mode = 0644);
  // A pipe whose other end is Command::take_pipe() after start.
  static Stdio pipe() { return Stdio(Kind::kPipe); }
  // Output only: collected by Command::output().
  static Stdio buffer() { return Stdio(Kind::kBuffer); }
  // Input only: these bytes and then end of file, from a sealed memfd, so that nothing blocks.
  static Stdio bytes(std::string text);
  // The one new terminal of this command; its master is Command::take_terminal() after start.
  static Stdio pty() { return Stdio(Kind::kPty); }

  [[nodiscard]] Kind kind() const { return kind_; }
  [[nodiscard]] int given_fd() const { return borrowed_ >= 0 ? borrowed_ : owned_.get(); }
  [[nodiscard]] const std::string& text() const { return text_; }
  [[nodiscard]] int flags() const { return flags_; }
  [[nodiscard]] mode_t mode() const { return mode_; }

 private:
  explicit Stdio(Kind kind) : kind_(kind) {}

  Kind kind_;
  int borrowed_ = -1;
  UniqueFd owned_;
  std::string text_;  // a path, or the bytes
  int flags_ = 0;
  mode_t mode_ = 0;
};

}  // namespace mycontainer::reexec
