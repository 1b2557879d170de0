// Attacks that are one system call or two.
#include <fcntl.h>
#include <linux/keyctl.h>
#include <pthread.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <thread>

#include "tests/programs/attacker/attacker.h"

namespace mycontainer::attacker {
namespace {

int become(Args program) {
  ::execv(program[0], program.data());  // argv of main ends with a null pointer
  std::perror(program[0]);
  return 98;
}

}  // namespace

int exchange(Args args) {
  while (true) {
    if (::renameat2(AT_FDCWD, args[0], AT_FDCWD, args[1], RENAME_EXCHANGE) == 0) continue;
    std::perror("renameat2");
    return 1;
  }
}

int keep_key(Args args) {
  ::syscall(SYS_keyctl, KEYCTL_JOIN_SESSION_KEYRING, nullptr);
  const long key = ::syscall(SYS_add_key, "user", args[0], "secret", 6, KEY_SPEC_SESSION_KEYRING);
  if (key < 0) {
    std::perror("add_key");
    return 97;
  }
  return become(args.subspan(1));
}

int find_key(Args args) {
  const long key =
      ::syscall(SYS_keyctl, KEYCTL_SEARCH, KEY_SPEC_SESSION_KEYRING, "user", args[0], 0);
  char text[16] = {};
  const bool read = key >= 0 && ::syscall(SYS_keyctl, KEYCTL_READ, key, text, sizeof text) > 0;
  std::printf("key=%s\n", read ? "found" : "none");
  return 0;
}

int leave_leader(Args args) {
  const unsigned seconds = static_cast<unsigned>(std::atoi(args[0]));
  std::thread([seconds] {
    ::usleep(100'000);
    std::printf("alive\n");
    ::sleep(seconds);
    std::_Exit(0);
  }).detach();
  ::pthread_exit(nullptr);
}

int leak(Args args) {
  const char* const places[] = {"/", "/sys/fs/cgroup", "/etc", "/proc/self/exe", "/proc"};
  for (int i = 0; i < 50; ++i) {
    if (::open(places[i % 5], O_RDONLY) < 0) return 96;
  }
  return become(args);
}

}  // namespace mycontainer::attacker
