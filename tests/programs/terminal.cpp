// Runs a command on a terminal of its own and plays the human in front of it.
//
//   terminal [--size ROWSxCOLS] [STEP...] -- COMMAND [ARG...]
//
// Steps, in order: expect=TEXT (waits, at most 30 s, until that was printed), send=TEXT (\n and
// \xHH are understood), resize=ROWSxCOLS, signal=N (to the command), pause=MILLISECONDS.
// Everything the command prints goes to our standard output. Ends with the command's status, or 98
// if an expected text never came; the last line on standard error says whether the terminal's
// modes are what they were ("modes: restored" or "modes: changed").
#include <fcntl.h>
#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>
#include <utmp.h>

#include <array>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <string_view>

namespace {

constexpr int kPatienceMs = 30'000;
constexpr int kNeverCame = 98;

struct Session {
  int master = -1, slave = -1;  // slave stays open here: the modes can be read at the end
  pid_t child = -1;
  std::string seen;  // printed and not yet expected
  termios before{};
};

winsize size_from(const char* text) {
  winsize size{};
  std::sscanf(text, "%hux%hu", &size.ws_row, &size.ws_col);
  return size;
}

// Copies what the command printed; false when nothing came in time.
bool copy_output(Session& session, int timeout_ms) {
  pollfd ready{session.master, POLLIN, 0};
  if (::poll(&ready, 1, timeout_ms) <= 0) return false;
  std::array<char, 4096> buffer;
  const ssize_t size = ::read(session.master, buffer.data(), buffer.size());
  if (size <= 0) return false;
  session.seen.append(buffer.data(), static_cast<std::size_t>(size));
  return ::write(STDOUT_FILENO, buffer.data(), static_cast<std::size_t>(size)) == size;
}

bool expect(Session& session, std::string_view text) {
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::milliseconds(kPatienceMs);
  for (;;) {
    const std::size_t at = session.seen.find(text);
    if (at != std::string::npos) {
      session.seen.erase(0, at + text.size());
      return true;
    }
    if (std::chrono::steady_clock::now() > deadline) return false;
    copy_output(session, 50);
  }
}

void send(const Session& session, std::string_view text) {
  std::string bytes;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text.substr(i, 2) == "\\n") {
      bytes += '\r';
      ++i;
    } else if (text.substr(i, 2) == "\\x") {
      bytes +=
          static_cast<char>(std::strtol(std::string(text.substr(i + 2, 2)).c_str(), nullptr, 16));
      i += 3;
    } else {
      bytes += text[i];
    }
  }
  if (::write(session.master, bytes.data(), bytes.size()) < 0) std::perror("terminal: write");
}

bool play(Session& session, const char* step) {
  const char* value = std::strchr(step, '=');
  if (value == nullptr) return false;
  const std::string_view name(step, static_cast<std::size_t>(value++ - step));
  if (name == "expect") return expect(session, value);
  if (name == "send") send(session, value);
  if (name == "signal") ::kill(session.child, std::atoi(value));
  if (name == "pause") ::usleep(static_cast<useconds_t>(std::atoi(value)) * 1000);
  if (name == "resize") {
    const winsize size = size_from(value);
    ::ioctl(session.master, TIOCSWINSZ, &size);
  }
  return true;
}

[[noreturn]] void become_command(const Session& session, char** command) {
  ::close(session.master);
  ::login_tty(session.slave);
  ::execvp(command[0], command);
  std::perror("terminal: exec");
  ::_exit(127);
}

int wait_for_end(Session& session) {
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::milliseconds(kPatienceMs);
  int status = 0;
  while (::waitpid(session.child, &status, WNOHANG) == 0) {
    copy_output(session, 20);
    if (std::chrono::steady_clock::now() > deadline) ::kill(session.child, SIGKILL);
  }
  while (copy_output(session, 20)) {
  }
  return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

bool modes_are_restored(const Session& session) {
  termios now{};
  ::tcgetattr(session.slave, &now);
  return now.c_iflag == session.before.c_iflag && now.c_oflag == session.before.c_oflag &&
         now.c_cflag == session.before.c_cflag && now.c_lflag == session.before.c_lflag;
}

}  // namespace

int main(int argc, char** argv) {
  winsize size{24, 80, 0, 0};
  int first = 1;
  if (argc > 2 && std::string_view(argv[1]) == "--size") {
    size = size_from(argv[2]);
    first = 3;
  }
  int command = first;
  while (command < argc && std::string_view(argv[command]) != "--") ++command;
  if (command + 1 >= argc) {
    std::fprintf(stderr, "usage: terminal [--size ROWSxCOLS] [STEP...] -- COMMAND [ARG...]\n");
    return 99;
  }

  Session session;
  if (::openpty(&session.master, &session.slave, nullptr, nullptr, &size) != 0) {
    std::perror("terminal: openpty");
    return 99;
  }
  ::tcgetattr(session.slave, &session.before);
  session.child = ::fork();
  if (session.child == 0) become_command(session, argv + command + 1);

  bool played = true;
  for (int i = first; i < command && played; ++i) played = play(session, argv[i]);
  if (!played) ::kill(session.child, SIGKILL);
  const int status = wait_for_end(session);
  std::fprintf(stderr, "modes: %s\n", modes_are_restored(session) ? "restored" : "changed");
  return played ? status : kNeverCame;
}
