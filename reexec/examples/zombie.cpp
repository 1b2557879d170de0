// A zombie: a child that ended and was not waited for, seen in /proc. Then the same with Process,
// which cannot leave one behind.
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <string>

#include "reexec/fork_function.h"
#include "reexec/sys/file.h"

namespace {

// The state letter of /proc/PID/stat: Z is a zombie, - means that there is no such process.
char state_of(pid_t pid) {
  const auto text =
      mycontainer::sys::read_file_at(AT_FDCWD, "/proc/" + std::to_string(pid) + "/stat");
  return text ? text->at(text->rfind(')') + 2) : '-';
}

char state_of_a_forgotten_child() {
  const pid_t pid = ::fork();
  if (pid == 0) ::_exit(0);
  siginfo_t info{};
  ::waitid(P_PID, static_cast<id_t>(pid), &info, WEXITED | WNOWAIT);  // looks, does not reap
  const char state = state_of(pid);
  ::waitpid(pid, nullptr, 0);
  return state;
}

char state_of_a_dropped_process() {
  pid_t pid = -1;
  {
    const auto child = mycontainer::reexec::fork_function([] { return ::pause(); });
    if (!child) return '?';
    pid = child->pid();
  }
  return state_of(pid);
}

}  // namespace

int main() {
  const char forgotten = state_of_a_forgotten_child();
  const char dropped = state_of_a_dropped_process();
  std::printf("a child nobody waits for: %c\na Process that is dropped: %c\n", forgotten, dropped);
  return forgotten == 'Z' && dropped == '-' ? 0 : 1;
}
