// Which code a program and all its children execute, in the order of first execution: single-steps
// them (ptrace(2)) and writes the addresses, four bytes to a line. For scripts/order-text, which
// lays the program out by it. Hundred times slower than life, so for short commands only.
//
//   executed FILE LOWEST HIGHEST COMMAND [ARG...]      (addresses in hexadecimal)
#include <signal.h>
#include <sys/ptrace.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <vector>

namespace {

constexpr std::uint64_t kBlock = 4;
constexpr int kFirstArgument = 4;

struct Range {
  std::uint64_t lowest = 0, highest = 0;
};

// When each block of the range was first executed; 0: never.
class Seen {
 public:
  explicit Seen(Range range) : range_(range), when_((range.highest - range.lowest) / kBlock + 1) {}

  void note(std::uint64_t address) {
    if (address < range_.lowest || address >= range_.highest) return;
    std::uint32_t& when = when_[(address - range_.lowest) / kBlock];
    if (when == 0) when = ++count_;
  }

  void write(std::FILE* file) const {
    for (std::size_t i = 0; i < when_.size(); ++i) {
      if (when_[i] != 0) std::fprintf(file, "%u %016lx\n", when_[i], range_.lowest + i * kBlock);
    }
  }

 private:
  Range range_;
  std::vector<std::uint32_t> when_;
  std::uint32_t count_ = 0;
};

pid_t start(char** command) {
  const pid_t child = ::fork();
  if (child != 0) return child;
  ::ptrace(PTRACE_TRACEME, 0, nullptr, nullptr);
  ::raise(SIGSTOP);
  ::execvp(command[0], command);
  ::_exit(127);
}

int step_through(pid_t child, Seen& seen) {
  int status = 0;
  ::waitpid(child, &status, 0);
  ::ptrace(PTRACE_SETOPTIONS, child, nullptr,
           PTRACE_O_TRACECLONE | PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK | PTRACE_O_TRACEEXEC);
  ::ptrace(PTRACE_SINGLESTEP, child, nullptr, nullptr);
  while (true) {
    const pid_t pid = ::waitpid(-1, &status, __WALL);
    if (pid < 0) return 1;
    if (!WIFSTOPPED(status)) {
      if (pid == child) return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
      continue;
    }
    user_regs_struct registers{};
    if (::ptrace(PTRACE_GETREGS, pid, nullptr, &registers) == 0) seen.note(registers.rip);
    const int signal = WSTOPSIG(status);
    const long passed = signal == SIGTRAP || signal == SIGSTOP ? 0 : signal;
    ::ptrace(PTRACE_SINGLESTEP, pid, nullptr, passed);
  }
}

}  // namespace

int main(int argc, char** argv) {
  if (argc <= kFirstArgument) {
    std::fprintf(stderr, "usage: executed FILE LOWEST HIGHEST COMMAND [ARG...]\n");
    return 2;
  }
  Seen seen({std::strtoull(argv[2], nullptr, 16), std::strtoull(argv[3], nullptr, 16)});
  const int code = step_through(start(argv + kFirstArgument), seen);
  std::FILE* file = std::fopen(argv[1], "w");
  if (file == nullptr) return 1;
  seen.write(file);
  return std::fclose(file) == 0 ? code : 1;
}
