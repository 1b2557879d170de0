#include "runtime/init/reaper.h"

#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>

#include "reexec/sys/file.h"
#include "reexec/sys/syscalls.h"
#include "runtime/init/program.h"

namespace mycontainer::runtime::init {

namespace {

[[noreturn]] void run_program(Context& context) {
  // A process group of its own, in the foreground where there is a terminal, so that ctrl-c reaches
  // the program only.
  ::setpgid(0, 0);
  if (context.plan.terminal) {
    // The new group is not the foreground group yet, and writing to the terminal would stop it.
    ::signal(SIGTTOU, SIG_IGN);
    const pid_t group = ::getpgrp();
    ::ioctl(STDIN_FILENO, TIOCSPGRP, &group);
    ::signal(SIGTTOU, SIG_DFL);
  }
  sigset_t none;
  sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
  const Error error = become_program(context);
  report(context, "exec", error);
  ::_exit(error.exit_status != 0 ? error.exit_status : 125);
}

// Reaps all that ended. Returns the program's exit status once it is among them, else -1.
int reap(pid_t program) {
  int result = -1;
  int status = 0;
  for (pid_t pid = 0; (pid = ::waitpid(-1, &status, WNOHANG)) > 0;) {
    if (pid != program) continue;
    result = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  }
  return result;
}

[[noreturn]] void serve(pid_t program, const sigset_t& all) {
  while (true) {
    siginfo_t info{};
    const int signal = ::sigwaitinfo(&all, &info);
    if (signal < 0) continue;
    if (signal != SIGCHLD) {
      // A number is safe here: the program is our child and cannot be reaped by anyone else.
      ::kill(program, signal);
      continue;
    }
    const int status = reap(program);
    if (status >= 0) ::_exit(status);
  }
}

}  // namespace

Error become_reaper(Context& context) {
  // Blocked before the fork, so that no signal meets PID 1 unprepared and none is lost.
  sigset_t all;
  sigfillset(&all);
  ::sigprocmask(SIG_SETMASK, &all, nullptr);
  const pid_t program = ::fork();
  if (program < 0) return fail_errno("fork the program of --init").value();
  if (program == 0) run_program(context);
  // The program alone holds the channel now: its execve ends the conversation with the parent.
  sys::close_range(3, ~0U, 0);
  serve(program, all);
}

}  // namespace mycontainer::runtime::init
