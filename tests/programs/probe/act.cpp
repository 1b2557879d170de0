#include <arpa/inet.h>
#include <dirent.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <string>
#include <vector>

#include "tests/programs/probe/probe.h"

namespace mycontainer::probe {
namespace {

int number(Args args, std::size_t index) {
  return index < args.size() ? std::atoi(args[index]) : 0;
}

int count_zombies() {
  int zombies = 0;
  DIR* directory = ::opendir("/proc");
  if (directory == nullptr) return -1;
  while (const dirent* entry = ::readdir(directory)) {
    std::ifstream file(std::string("/proc/") + entry->d_name + "/stat");
    std::string line;
    if (std::getline(file, line) && line.find(") Z ") != std::string::npos) ++zombies;
  }
  ::closedir(directory);
  return zombies;
}

}  // namespace

int act_exit(Args args) { return number(args, 0); }

int act_crash(Args) {
  volatile int* volatile nowhere = nullptr;
  *nowhere = 1;
  return 0;
}

int act_allocate(Args args) {
  const std::size_t size = static_cast<std::size_t>(number(args, 0)) << 20;
  void* memory = ::mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) {
    std::printf("allocate=%s\n", outcome(errno).c_str());
    return 1;
  }
  std::memset(memory, 1, size);
  std::printf("allocated=%d\n", number(args, 0));
  return 0;
}

int act_fork(Args args) {
  std::vector<pid_t> children;
  int error = 0;
  for (int i = 0; i < number(args, 0) && error == 0; ++i) {
    const pid_t child = ::fork();
    if (child == 0) {
      ::pause();
      ::_exit(0);
    }
    if (child > 0)
      children.push_back(child);
    else
      error = errno;
  }
  for (const pid_t child : children) ::kill(child, SIGKILL);
  for (const pid_t child : children) ::waitpid(child, nullptr, 0);
  std::printf("forked=%zu\nfork=%s\n", children.size(), outcome(error).c_str());
  return 0;
}

int act_catch(Args args) {
  sigset_t wanted;
  ::sigemptyset(&wanted);
  for (std::size_t i = 0; i < args.size(); ++i) ::sigaddset(&wanted, number(args, i));
  ::sigprocmask(SIG_BLOCK, &wanted, nullptr);
  std::printf("ready\n");
  for (;;) {
    int signal = 0;
    ::sigwait(&wanted, &signal);
    std::printf("caught %d\n", signal);
    if (signal == SIGTERM) return 7;
  }
}

int act_orphan(Args) {
  const pid_t child = ::fork();
  if (child == 0) {
    if (::fork() == 0) {
      ::usleep(50'000);  // outlives its parent
      ::_exit(0);
    }
    ::_exit(0);
  }
  ::waitpid(child, nullptr, 0);
  ::usleep(300'000);
  std::printf("zombies=%d\n", count_zombies());
  return 0;
}

int act_loopback(Args) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = ::htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  auto* generic = reinterpret_cast<sockaddr*>(&address);
  const int listener = ::socket(AF_INET, SOCK_STREAM, 0);
  const int client = ::socket(AF_INET, SOCK_STREAM, 0);
  const bool connected = ::bind(listener, generic, size) == 0 && ::listen(listener, 1) == 0 &&
                         ::getsockname(listener, generic, &size) == 0 &&
                         ::connect(client, generic, size) == 0;
  std::printf("loopback=%s\n", outcome(connected ? 0 : errno).c_str());
  return connected ? 0 : 1;
}

}  // namespace mycontainer::probe
