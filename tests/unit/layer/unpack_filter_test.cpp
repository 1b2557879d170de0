#include "rootfs/layer/unpack_filter.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "reexec/fork_function.h"

namespace mycontainer::rootfs::layer {
namespace {

bool refused(long result) { return result == -1 && errno == EPERM; }

// In a process of its own: it is for good. Prints what is wrong as its exit code.
int try_all() {
  if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 || !give_up_system_calls()) return 1;
  if (!refused(::mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr))) return 2;
  if (!refused(::unshare(CLONE_NEWNS))) return 3;
  if (!refused(::open_tree(AT_FDCWD, "/", OPEN_TREE_CLONE))) return 4;
  if (!refused(::socket(AF_UNIX, SOCK_STREAM, 0))) return 5;
  if (!refused(::fork())) return 6;
  if (!refused(::syscall(SYS_open_by_handle_at, -1, nullptr, 0))) return 7;
  if (!refused(::syscall(SYS_bpf, 0, nullptr, 0))) return 8;
  if (!refused(::execl("/bin/true", "true", nullptr))) return 9;
  // What unpacking needs goes on.
  const int fd = ::open("/", O_RDONLY | O_DIRECTORY);
  if (fd < 0 || ::close(fd) < 0) return 10;
  return 0;
}

TEST(UnpackFilter, LeavesFilesAndTakesTheRest) {
  auto child = reexec::fork_function(try_all);
  ASSERT_TRUE(child) << child.error().message();
  const auto status = child->wait();
  ASSERT_TRUE(status);
  EXPECT_TRUE(status->success()) << status->describe();
}

}  // namespace
}  // namespace mycontainer::rootfs::layer
