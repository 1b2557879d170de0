// The caller's own terminal: what it is, how large it is, and raw mode that never outlives us.
// Parent side.
#pragma once

#include <sys/ioctl.h>
#include <termios.h>

#include <optional>

#include "reexec/sys/error.h"

namespace mycontainer::runtime::io {

// The size of the caller's terminal, looked for at standard output, input and error in this order;
// nothing when none of them is a terminal. It is what the child gives the container's terminal
// before the program starts.
std::optional<winsize> current_size();

// The size of the terminal behind `fd` (tty_ioctl(4)).
std::optional<winsize> window_size(int fd);

// Our process may read and change the terminal: it is in the terminal's foreground process group,
// or the terminal is not our controlling one, so that job control does not apply.
bool in_foreground(int terminal);

// Raw mode (cfmakeraw(3)) of a terminal for as long as this object lives. The descriptor is
// borrowed and must outlive it. leave() and enter() may alternate: a stopped process leaves and
// enters again.
class RawMode {
 public:
  // Fails with ENOTTY when `terminal` is none. A background process is stopped by the kernel
  // (SIGTTOU) until it is in the foreground.
  static Result<RawMode> start(int terminal);
  RawMode(RawMode&& other) noexcept;
  RawMode& operator=(RawMode&& other) noexcept;
  RawMode(const RawMode&) = delete;
  RawMode& operator=(const RawMode&) = delete;
  ~RawMode() { leave(); }

  Result<void> enter();
  // Puts back what start() found. Does nothing in the background: the terminal is the shell's then.
  void leave() noexcept;

 private:
  RawMode(int terminal, const termios& found) : terminal_(terminal), found_(found) {}

  int terminal_ = -1;
  bool raw_ = false;
  termios found_;
};

}  // namespace mycontainer::runtime::io
