// The floor that scripts/bench measures against: what the kernel itself takes for a container.
//
//   floor ROOTFS PROGRAM [ARG...]
//
// One clone3 with mycontainer's namespaces, nine mount calls, pivot_root, exec, wait; no error
// text, no overlay, cgroup, capabilities, seccomp or clean-up. Any failure ends it with status 1.
#include <fcntl.h>
#include <linux/sched.h>
#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <initializer_list>

namespace {

void need(bool done) {
  if (!done) ::_exit(1);
}

void mount_new(const char* type, const char* target, unsigned long flags, const char* data) {
  need(::mount(type, target, type, flags, data) == 0);
}

// Runs in the child, below the new root's directory.
void make_mounts() {
  constexpr unsigned long kSafe = MS_NOSUID | MS_NODEV | MS_NOEXEC;
  mount_new("proc", "proc", kSafe, nullptr);
  mount_new("tmpfs", "dev", MS_NOSUID, "mode=755,size=65536k");
  for (const char* directory : {"dev/pts", "dev/shm", "dev/mqueue"}) {
    need(::mkdir(directory, 0755) == 0);
  }
  mount_new("devpts", "dev/pts", MS_NOSUID | MS_NOEXEC, "newinstance,ptmxmode=0666,mode=620");
  mount_new("tmpfs", "dev/shm", kSafe, "mode=1777,size=65536k");
  mount_new("mqueue", "dev/mqueue", kSafe, nullptr);
  mount_new("sysfs", "sys", kSafe | MS_RDONLY, nullptr);
  mount_new("cgroup2", "sys/fs/cgroup", kSafe | MS_RDONLY, nullptr);
}

[[noreturn]] void become(char** argv) {
  const char* root = argv[1];
  need(::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0);
  need(::mount(root, root, nullptr, MS_BIND | MS_REC, nullptr) == 0);
  need(::chdir(root) == 0);
  make_mounts();
  need(::syscall(SYS_pivot_root, ".", ".") == 0);
  need(::umount2(".", MNT_DETACH) == 0);
  need(::chdir("/") == 0);
  ::execv(argv[2], argv + 2);
  ::_exit(1);
}

}  // namespace

int main(int argc, char** argv) {
  need(argc >= 3);
  clone_args args{};
  args.flags =
      CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWNET | CLONE_NEWCGROUP;
  args.exit_signal = SIGCHLD;
  const long child = ::syscall(SYS_clone3, &args, sizeof args);
  need(child >= 0);
  if (child == 0) become(argv);
  int status = 0;
  need(::waitpid(static_cast<pid_t>(child), &status, 0) == child);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}
