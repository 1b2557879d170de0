#include "runtime/io/prompt.h"

#include <poll.h>
#include <termios.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <optional>

#include "reexec/sys/file.h"
#include "runtime/io/signals.h"
#include "runtime/io/terminal.h"

namespace mycontainer::runtime::io {
namespace {

// Standard input's terminal without echo, for as long as this lives; but the end of the line is
// shown, so that what follows begins on a new one.
class Unseen {
 public:
  explicit Unseen(Echo echo) {
    if (echo == Echo::kOn || ::tcgetattr(STDIN_FILENO, &found_) != 0) return;
    hides_ = true;
    hide();
  }
  Unseen(const Unseen&) = delete;
  Unseen& operator=(const Unseen&) = delete;
  ~Unseen() { show(); }

  void hide() {
    if (!hides_) return;
    termios unseen = found_;
    unseen.c_lflag &= ~static_cast<tcflag_t>(ECHO);
    unseen.c_lflag |= ICANON | ISIG | ECHONL;
    // What was typed ahead was typed before anybody asked, and was shown.
    ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &unseen);
  }
  void show() {
    if (hides_) ::tcsetattr(STDIN_FILENO, TCSADRAIN, &found_);
  }

 private:
  bool hides_ = false;
  termios found_{};
};

// The signal that ends us before there is an answer; `line` otherwise.
Result<std::optional<int>> read_line(const SignalQueue& signals, Unseen& terminal,
                                     std::string& line) {
  std::array<pollfd, 2> sources = {pollfd{STDIN_FILENO, POLLIN, 0},
                                   pollfd{signals.fd(), POLLIN, 0}};
  while (true) {
    if (::poll(sources.data(), sources.size(), -1) < 0 && errno != EINTR) {
      return fail_errno("poll");
    }
    while (const auto signal = signals.next()) {
      if (wants_end(*signal)) return signal;
      if (*signal != SIGTSTP) continue;
      terminal.show();
      signals.stop_self(*signal);
      terminal.hide();
    }
    if ((sources[0].revents & (POLLIN | POLLHUP | POLLERR)) == 0) continue;
    std::array<char, 4096> buffer{};
    const ssize_t count = ::read(STDIN_FILENO, buffer.data(), buffer.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return fail_errno("read the terminal");
    if (count == 0 && line.empty()) return fail("read the terminal: end of file");
    line.append(buffer.data(), static_cast<std::size_t>(count));
    if (count == 0 || line.ends_with('\n')) return std::optional<int>();
  }
}

}  // namespace

bool can_ask() { return ::isatty(STDIN_FILENO) == 1 && ::isatty(STDOUT_FILENO) == 1; }

Result<std::string> ask(std::string_view question, Echo echo) {
  std::string line;
  std::optional<int> end;
  {
    TRY(const SignalQueue signals, SignalQueue::open());
    Unseen terminal(echo);
    TRY_VOID(sys::write_all(STDOUT_FILENO, question));
    TRY(end, read_line(signals, terminal, line));
  }
  if (end) {
    (void)sys::write_all(STDOUT_FILENO, "\n");
    ::raise(*end);
    return fail_code(EINTR, "read the terminal");
  }
  while (line.ends_with('\n') || line.ends_with('\r')) line.pop_back();
  return line;
}

}  // namespace mycontainer::runtime::io
