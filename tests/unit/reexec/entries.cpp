#include "tests/unit/reexec/entries.h"

#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <cstddef>
#include <cstdlib>

#include "reexec/command.h"
#include "reexec/fork_function.h"
#include "reexec/sealed_self.h"
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

Result<Look> look_in_user_namespace(bool range, std::string path) {
  ::setenv("PATH", path.c_str(), 1);
  Command command = kLook.command();
  Attributes& wanted = command.attributes();
  wanted.new_namespaces = CLONE_NEWUSER | CLONE_NEWNS;
  wanted.deny_setgroups = !range;
  wanted.uid_map = {{0, ::getuid(), 1}};
  wanted.gid_map = {{0, ::getgid(), 1}};
  if (range) wanted.uid_map.push_back({1, 100000, 5});
  if (range) wanted.gid_map.push_back({1, 100000, 5});
  TRY(auto call, kLook.start_with(command));
  return call.wait();
}

Result<Look> look_without_new_calls(uid_t user) {
  std::array<sock_filter, 5> steps{
      sock_filter BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)),
      sock_filter BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_clone3, 2, 0),
      sock_filter BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_close_range, 1, 0),
      sock_filter BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
      sock_filter BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | ENOSYS)};
  const sock_fprog filter{steps.size(), steps.data()};
  if (::prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter) < 0) return fail_errno("seccomp");
  const UniqueFd careless(::open("/", O_RDONLY));  // without close-on-exec
  Command command = kLook.command();
  command.attributes().new_namespaces = CLONE_NEWUTS;
  const UniqueFd pid(::open("/proc/self/ns/pid", O_RDONLY | O_CLOEXEC));
  if (user != 0) {  // and by way of the process between that joins a PID namespace
    command.attributes().credentials = Credentials{user, user};
    command.attributes().join = {{pid.get(), CLONE_NEWPID}};
  }
  TRY(auto call, kLook.start_with(command));
  return call.wait();
}

int start_again(Invocation& invocation) {
  while (true) {
    auto message = invocation.channel.receive();
    if (!message || !*message) return 0;
    const auto sum = kAdd(40, 2);
    const std::string text = sum ? std::to_string(*sum) : sum.error().message();
    if (!invocation.channel.send(1, text)) return 1;
  }
}

int seal_and_tell(Invocation& invocation) {
  if (invocation.args.size() > 1) ::unlink(invocation.args[1]);
  const auto sealed = sealed_self(invocation.args[0]);
  std::string text = sealed ? "" : sealed.error().message();
  if (sealed && sealed->seal == Seal::kAlready) text = "already";
  if (sealed && sealed->seal == Seal::kOverlay) text = "overlay";
  if (sealed && sealed->seal == Seal::kMemory) text = "memory";
  return invocation.channel.send(1, text) ? 0 : 1;
}

}  // namespace mycontainer::reexec::testing
