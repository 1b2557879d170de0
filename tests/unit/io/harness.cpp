#include "harness.h"

#include <fcntl.h>
#include <linux/close_range.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <thread>
#include <utility>

#include "reexec/sys/file.h"
#include "reexec/sys/syscalls.h"
#include "runtime/io/pty.h"

namespace mycontainer::runtime::io::testing {
namespace {

constexpr int kDeadline = 10'000;  // milliseconds

template <class T>
T must(Result<T> result) {
  if (result) return std::move(*result);
  std::fprintf(stderr, "harness: %s\n", result.error().message().c_str());
  ::_exit(125);
}

void must_have(const Result<void>& result) {
  if (result) return;
  std::fprintf(stderr, "harness: %s\n", result.error().message().c_str());
  ::_exit(125);
}

void place(const Streams& streams) {
  int parked[3];
  const int wanted[3] = {streams.in, streams.out, streams.err};
  for (int i = 0; i < 3; ++i) parked[i] = wanted[i] < 0 ? -1 : ::fcntl(wanted[i], F_DUPFD, 10);
  for (int i = 0; i < 3; ++i) {
    parked[i] < 0 ? ::close(i) : ::dup2(parked[i], i);
  }
  sys::close_range(3, ~0u, 0);
}

[[noreturn]] void become(const Program& program, const Streams& streams, const sigset_t& mask) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  place(streams);
  ::sigprocmask(SIG_SETMASK, &mask, nullptr);
  ::_exit(program());
}

}  // namespace

Ends make_pipe() {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) std::abort();
  return {UniqueFd(ends[1]), UniqueFd(ends[0])};
}

Ends make_sockets() {
  int ends[2];
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0) std::abort();
  return {UniqueFd(ends[0]), UniqueFd(ends[1])};
}

Ends make_terminal() {
  const UniqueFd devpts(::open("/dev/pts", O_PATH | O_DIRECTORY | O_CLOEXEC));
  auto pty = must(open_pty(devpts.get()));
  return {std::move(pty.master), std::move(pty.slave)};
}

void make_raw(int terminal) {
  termios settings{};
  ::tcgetattr(terminal, &settings);
  ::cfmakeraw(&settings);
  ::tcsetattr(terminal, TCSANOW, &settings);
}

UniqueFd file_with(std::string_view bytes, int flags) {
  UniqueFd file(::memfd_create("stream", MFD_CLOEXEC));
  if (!sys::write_all(file.get(), bytes)) std::abort();
  return UniqueFd(::open(sys::fd_path(file.get()).c_str(), O_RDWR | O_CLOEXEC | flags));
}

std::string contents(int file) {
  ::lseek(file, 0, SEEK_SET);
  return read_to_end(file);
}

std::string random_bytes(std::size_t size) {
  std::string bytes(size, '\0');
  for (std::size_t at = 0; at < size;) {
    const ssize_t got = ::getrandom(bytes.data() + at, size - at, 0);
    if (got > 0) at += static_cast<std::size_t>(got);
  }
  return bytes;
}

std::string read_to_end(int fd, std::size_t enough) {
  std::string all;
  std::string part(64u << 10, '\0');
  while (all.size() < enough) {
    const ssize_t got = ::read(fd, part.data(), part.size());
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) break;
    all.append(part, 0, static_cast<std::size_t>(got));
  }
  return all;
}

std::string read_until(int fd, std::string_view text) {
  std::string all;
  char part[512];
  while (all.find(text) == std::string::npos) {
    pollfd waiting{fd, POLLIN, 0};
    if (::poll(&waiting, 1, kDeadline) <= 0) return "";
    const ssize_t got = ::read(fd, part, sizeof(part));
    if (got <= 0) return "";
    all.append(part, static_cast<std::size_t>(got));
  }
  return all;
}

void write_text(int fd, std::string_view text) {
  if (!sys::write_all(fd, text)) std::abort();
}

pid_t fork_caller(const Streams& streams, const Program& body) {
  const pid_t pid = ::fork();
  if (pid != 0) return pid;
  sigset_t none;
  ::sigemptyset(&none);
  become(body, streams, none);
}

int wait_for(pid_t pid) {
  int status = 0;
  while (::waitpid(pid, &status, 0) < 0) {
    if (errno != EINTR) return -1;
  }
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

int call(const Streams& streams, const Program& body) {
  return wait_for(fork_caller(streams, body));
}

bool wait_until(const std::function<bool()>& condition) {
  for (int i = 0; i < kDeadline; ++i) {
    if (condition()) return true;
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  return false;
}

reexec::Process start(Session& session, const Program& program, bool terminal) {
  Ends pty;
  if (terminal) {
    pty = make_terminal();
    if (const auto size = current_size()) must_have(set_window_size(pty.far.get(), *size));
  }
  const auto streams = session.child_streams();
  const pid_t pid = ::fork();
  if (pid == 0) {
    if (!terminal) {
      ::setsid();
      become(program, {streams[0], streams[1], streams[2]}, session.original_mask());
    }
    must_have(become_session_leader(std::move(pty.far)));
    become(program, {0, 1, 2}, session.original_mask());
  }
  auto process = reexec::Process::from_child(UniqueFd(sys::pidfd_open(pid, 0)), pid);
  session.close_child_streams();
  pty.far.reset();
  if (terminal) must_have(session.adopt_console(std::move(pty.near)));
  return process;
}

int run_foreground(const SessionRequest& request, const Program& program) {
  auto session = must(Session::prepare(request));
  auto process = start(session, program, request.terminal);
  return must(session.run(process)).shell_code();
}

Program shell(std::string script) {
  return [script = std::move(script)] {
    ::execl("/bin/sh", "sh", "-c", script.c_str(), nullptr);
    return 127;
  };
}

}  // namespace mycontainer::runtime::io::testing
