#include "runtime/io/pty.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>

#include "rootfs/path/verify.h"

namespace mycontainer::runtime::io {

Result<Pty> open_pty(int devpts) {
  // O_PATH first: opening a device that only claims to be ptmx would already act on it.
  const UniqueFd found(::openat(devpts, "ptmx", O_PATH | O_NOFOLLOW | O_CLOEXEC));
  if (!found) return fail_errno("find ptmx");
  TRY_VOID(rootfs::path::verify_ptmx(found.get()));
  Pty pty;
  pty.master.reset(::openat(devpts, "ptmx", O_RDWR | O_NOCTTY | O_NOFOLLOW | O_CLOEXEC));
  if (!pty.master) return fail_errno("open ptmx");
  TRY_VOID(rootfs::path::verify_ptmx(pty.master.get()));
  const int unlocked = 0;
  if (::ioctl(pty.master.get(), TIOCSPTLCK, &unlocked) != 0) return fail_errno("unlock the pty");
  pty.slave.reset(::ioctl(pty.master.get(), TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC));
  if (!pty.slave) return fail_errno("open the pty's other end");
  return pty;
}

Result<void> set_window_size(int terminal, const winsize& size) {
  if (::ioctl(terminal, TIOCSWINSZ, &size) != 0) return fail_errno("set the terminal's size");
  return {};
}

Result<void> set_owner(int slave, uid_t uid) {
  if (::fchown(slave, uid, static_cast<gid_t>(-1)) != 0) {
    return fail_errno("give the terminal to user {}", uid);
  }
  return {};
}

Result<void> become_session_leader(UniqueFd slave) {
  // EPERM: the start made us a session leader already, which is as good.
  if (::setsid() < 0 && errno != EPERM) return fail_errno("setsid");
  if (::ioctl(slave.get(), TIOCSCTTY, 0) != 0) return fail_errno("set the controlling terminal");
  for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; ++fd) {
    if (::dup3(slave.get(), fd, 0) < 0 && errno != EINVAL) return fail_errno("dup3 the terminal");
  }
  if (slave.get() <= STDERR_FILENO) {
    // It already stands in its place, where it must stay open over execve.
    if (::fcntl(slave.release(), F_SETFD, 0) != 0) return fail_errno("keep the terminal open");
  }
  return {};
}

}  // namespace mycontainer::runtime::io
