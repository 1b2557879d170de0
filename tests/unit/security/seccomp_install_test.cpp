#include "runtime/security/seccomp_install.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <functional>

#include "runtime/security/credentials.h"
#include "runtime/security/seccomp_compile.h"
#include "runtime/security/seccomp_default.h"

namespace mycontainer::runtime::security {
namespace {

// What `body` returns in a child of its own: filters cannot be taken off again.
int in_child(const std::function<int()>& body) {
  const pid_t child = ::fork();
  if (child == 0) ::_exit(body());
  int status = 0;
  EXPECT_EQ(::waitpid(child, &status, 0), child);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

std::string program_refusing(const char* name, const char* action = "SCMP_ACT_ERRNO") {
  oci::Seccomp seccomp;
  seccomp.default_action = "SCMP_ACT_ALLOW";
  seccomp.syscalls = {{{name}, action, std::nullopt, {}}};
  return compile_seccomp(seccomp).value();
}

TEST(SeccompInstall, FiltersTheCallsThatFollow) {
  EXPECT_EQ(0, in_child([] {
              if (!set_no_new_privs() || !install_seccomp(program_refusing("getppid"), 0)) return 1;
              return ::syscall(SYS_getppid) == -1 && errno == EPERM ? 0 : 2;
            }));
}

TEST(SeccompInstall, TakesTheDefaultProfileAndTheLogFlag) {
  EXPECT_EQ(0, in_child([] {
              const auto program =
                  compile_seccomp(default_seccomp(seccomp_context(kDefaultCapabilities)));
              if (!program || !set_no_new_privs()) return 1;
              const auto installed = install_seccomp(*program, SECCOMP_FILTER_FLAG_LOG);
              if (!installed || installed->valid()) return 2;
              if (::syscall(SYS_getpid) < 0) return 3;
              if (::syscall(SYS_unshare, 0) != -1 || errno != EPERM) return 4;
              if (::syscall(SYS_keyctl, 0) != -1 || errno != ENOSYS) return 5;
              if (::syscall(SYS_socket, 38, 0, 0) != -1 || errno != EPERM) return 6;
              return ::syscall(9999) == -1 && errno == ENOSYS ? 0 : 7;
            }));
}

TEST(SeccompInstall, GivesTheListenerWhenAsked) {
  EXPECT_EQ(0, in_child([] {
              if (!set_no_new_privs()) return 1;
              const auto listener = install_seccomp(program_refusing("mkdir", "SCMP_ACT_NOTIFY"),
                                                    SECCOMP_FILTER_FLAG_NEW_LISTENER);
              if (!listener || !listener->valid()) return 2;
              return ::fcntl(listener->get(), F_GETFD) == FD_CLOEXEC ? 0 : 3;
            }));
}

TEST(SeccompInstall, SaysWhatIsMissingWithoutPrivilege) {
  EXPECT_EQ(0, in_child([] {
              if (::setresuid(1000, 1000, 1000) != 0 && errno != EPERM) return 1;
              const auto refused = install_seccomp(program_refusing("getppid"), 0);
              if (refused) return 2;
              return refused.error().code == EACCES && !refused.error().hint.empty() ? 0 : 3;
            }));
}

TEST(SeccompInstall, RefusesWhatIsNoProgram) {
  EXPECT_FALSE(install_seccomp("", 0));
  EXPECT_FALSE(install_seccomp("1234567", 0));
  EXPECT_FALSE(install_seccomp(std::string(8 * 4097, '\0'), 0));
}

}  // namespace
}  // namespace mycontainer::runtime::security
