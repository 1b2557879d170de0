#include "tests/unit/reexec/entries.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cstdlib>

#include "reexec/command.h"
#include "reexec/fork_function.h"
#include "reexec/sys/file.h"

namespace mycontainer::reexec::testing {

int add(int a, int b) { return a + b; }

Result<int> divide(int dividend, int divisor) {
  if (divisor == 0) {
    return Failure(Error{"divide by zero", EDOM, "choose another divisor", 3});
  }
  return dividend / divisor;
}

Result<void> refuse(const std::string& reason) {
  if (reason.empty()) return {};
  return fail("{}", reason);
}

std::vector<std::string> repeat(std::string text, unsigned count) {
  return std::vector<std::string>(count, text);
}

void touch(const std::string& path) {
  (void)sys::open_at(AT_FDCWD, path, O_WRONLY | O_CREAT, 0644);
}

int crash(int signal) {
  const rlimit none{};
  ::setrlimit(RLIMIT_CORE, &none);
  ::signal(signal, SIG_DFL);
  ::raise(signal);
  return 0;
}

int exit_with(Invocation& invocation) { return std::atoi(invocation.args[0]); }

int echo(Invocation& invocation) {
  while (true) {
    auto message = invocation.channel.receive();
    if (!message || !*message) return message ? 0 : 1;
    std::vector<int> fds;
    for (const UniqueFd& fd : (*message)->fds) fds.push_back(fd.get());
    if (!invocation.channel.send((*message)->type, (*message)->bytes, fds)) return 2;
  }
}

int wait_for_close(Invocation& invocation) {
  auto message = invocation.channel.receive();
  return message ? 0 : 1;
}

int leave_grandchild(Invocation& invocation) {
  Command grandchild = Command::entry("wait-for-close");
  auto process = grandchild.start();
  if (!process) return 1;
  // The test ends it by closing the other end of this channel.
  const int end = grandchild.take_channel().take().release();
  if (!invocation.channel.send(1, "", {{process->pidfd(), end}})) return 2;
  (void)process->release().release();
  return sys::write_all(STDOUT_FILENO, "done") ? 0 : 3;
}

int have_child(Invocation& invocation) {
  Command command = Command::entry("wait-for-close");
  command.attributes().parent_death_signal = SIGKILL;
  auto process = command.start();
  if (!process || !invocation.channel.send(1, "", {{process->pidfd()}})) return 1;
  (void)invocation.channel.receive();
  ::_exit(0);  // without killing it as the destructor would
}

int be_init(Invocation&) {
  if (::getpid() != 1) return 1;
  auto status = Command::entry("exit-with", {"7"}).run();
  if (!status || status->shell_code() != 7) return 2;
  auto forked = fork_function([] { return 8; });
  if (!forked) return 3;
  auto ended = forked->wait();
  if (!ended || ended->shell_code() != 8) return 4;
  auto sum = kAdd(20, 3);
  if (!sum || *sum != 23) return 5;
  return 0;
}

int start_while_ignoring(Invocation&) {
  if (::signal(SIGCHLD, SIG_IGN) != SIG_IGN) return 1;
  auto status = Command::entry("exit-with", {"9"}).run();
  if (!status) return 2;
  return status->kind == Status::Kind::kExited && status->value == 9 ? 0 : 3;
}

}  // namespace mycontainer::reexec::testing
