#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <fstream>
#include <iterator>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include "tests/programs/probe/probe.h"

namespace mycontainer::probe {
namespace {

std::string link_target(const std::string& path) {
  std::array<char, 4096> buffer{};
  const ssize_t size = ::readlink(path.c_str(), buffer.data(), buffer.size());
  return size < 0 ? "" : std::string(buffer.data(), static_cast<std::size_t>(size));
}

// Prints the lines whose key was asked for, or every line.
class Printer {
 public:
  explicit Printer(Args keys) : keys_(keys.begin(), keys.end()) {}

  void print(std::string_view key, std::string_view value) const {
    if (!wants(key)) return;
    std::printf("%.*s=%.*s\n", static_cast<int>(key.size()), key.data(),
                static_cast<int>(value.size()), value.data());
  }

 private:
  bool wants(std::string_view key) const {
    if (keys_.empty()) return true;
    for (const std::string_view wanted : keys_) {
      // "fd_" asks for every key that begins so.
      if (key == wanted || (wanted.ends_with('_') && key.starts_with(wanted))) return true;
    }
    return false;
  }

  std::vector<std::string_view> keys_;
};

void show_identity(const Printer& out) {
  uid_t uid[3];
  gid_t gid[3];
  ::getresuid(&uid[0], &uid[1], &uid[2]);
  ::getresgid(&gid[0], &gid[1], &gid[2]);
  const auto three = [](const auto* id) {
    return std::to_string(id[0]) + " " + std::to_string(id[1]) + " " + std::to_string(id[2]);
  };
  out.print("uid", three(uid));
  out.print("gid", three(gid));
  std::vector<gid_t> groups(static_cast<std::size_t>(std::max(0, ::getgroups(0, nullptr))));
  ::getgroups(static_cast<int>(groups.size()), groups.data());
  std::string text;
  for (const gid_t group : groups) text += (text.empty() ? "" : " ") + std::to_string(group);
  out.print("groups", text);
  out.print("pid", std::to_string(::getpid()));
  out.print("ppid", std::to_string(::getppid()));
  out.print("pgid", std::to_string(::getpgrp()));
  out.print("sid", std::to_string(::getsid(0)));
}

// CapEff, NoNewPrivs, SigIgn and the like, as the kernel spells them.
void show_status(const Printer& out) {
  std::ifstream file("/proc/self/status");
  for (std::string line; std::getline(file, line);) {
    const std::size_t colon = line.find(':');
    const std::size_t value = line.find_first_not_of(" \t", colon + 1);
    if (colon == std::string::npos || value == std::string::npos) continue;
    out.print("status_" + line.substr(0, colon), line.substr(value));
  }
}

void show_namespaces(const Printer& out) {
  for (const char* name : {"cgroup", "ipc", "mnt", "net", "pid", "time", "user", "uts"}) {
    out.print(std::string("ns_") + name, link_target(std::string("/proc/self/ns/") + name));
  }
}

// Asked of the kernel one by one: reading /proc/self/fd would add a descriptor of our own.
void show_descriptors(const Printer& out) {
  std::string all;
  for (int fd = 0; fd < 4096; ++fd) {
    if (::fcntl(fd, F_GETFD) < 0) continue;
    all += (all.empty() ? "" : " ") + std::to_string(fd);
    out.print("fd_" + std::to_string(fd), link_target("/proc/self/fd/" + std::to_string(fd)));
  }
  out.print("fds", all);
}

void show_limits(const Printer& out) {
  struct Named {
    const char* name;
    int resource;
  };
  constexpr std::array kLimits = {
      Named{"core", RLIMIT_CORE},       Named{"cpu", RLIMIT_CPU},
      Named{"data", RLIMIT_DATA},       Named{"fsize", RLIMIT_FSIZE},
      Named{"nofile", RLIMIT_NOFILE},   Named{"nproc", RLIMIT_NPROC},
      Named{"stack", RLIMIT_STACK},     Named{"as", RLIMIT_AS},
      Named{"memlock", RLIMIT_MEMLOCK},
  };
  const auto text = [](rlim_t value) {
    return value == RLIM_INFINITY ? std::string("unlimited") : std::to_string(value);
  };
  for (const Named& limit : kLimits) {
    rlimit value{};
    ::getrlimit(static_cast<__rlimit_resource>(limit.resource), &value);
    out.print(std::string("rlimit_") + limit.name,
              text(value.rlim_cur) + " " + text(value.rlim_max));
  }
}

void show_environment(const Printer& out) {
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string_view text = *entry;
    const std::size_t equals = text.find('=');
    out.print("env_" + std::string(text.substr(0, equals)), text.substr(equals + 1));
  }
  std::array<char, 4096> buffer{};
  out.print("cwd", ::getcwd(buffer.data(), buffer.size()) == nullptr ? "" : buffer.data());
  ::gethostname(buffer.data(), buffer.size());
  out.print("hostname", buffer.data());
}

void show_terminal(const Printer& out) {
  std::string terminals;
  for (const int fd : {0, 1, 2}) terminals += ::isatty(fd) == 1 ? '1' : '0';
  out.print("isatty", terminals);
  winsize size{};
  if (::ioctl(0, TIOCGWINSZ, &size) != 0) return;
  out.print("terminal_size", std::to_string(size.ws_row) + " " + std::to_string(size.ws_col));
}

void show_misc(const Printer& out) {
  const mode_t mask = ::umask(0);
  ::umask(mask);
  char text[8];
  std::snprintf(text, sizeof text, "%04o", mask);
  out.print("umask", text);
  int signal = 0;
  ::prctl(PR_GET_PDEATHSIG, &signal);
  out.print("pdeathsig", std::to_string(signal));
  std::string line;
  std::getline(std::ifstream("/proc/self/oom_score_adj"), line);
  out.print("oom_score_adj", line);
  for (std::ifstream file("/proc/self/cgroup"); std::getline(file, line);)
    out.print("cgroup", line);
}

void show_scheduling(const Printer& out) {
  sched_param parameters{};
  ::sched_getparam(0, &parameters);
  out.print("scheduler", std::to_string(::sched_getscheduler(0)) + " " +
                             std::to_string(parameters.sched_priority) + " " +
                             std::to_string(::getpriority(PRIO_PROCESS, 0)));
  const long io = ::syscall(SYS_ioprio_get, 1, 0);
  out.print("ioprio", std::to_string(io >> 13) + " " + std::to_string(io & 7));
  int mode = 0;
  unsigned long nodes[16] = {};
  ::syscall(SYS_get_mempolicy, &mode, nodes, sizeof nodes * 8, nullptr, 0);
  out.print("mempolicy", std::to_string(mode) + " " + std::to_string(nodes[0]));
  utsname name{};
  ::uname(&name);
  out.print("machine", name.machine);
  out.print("domainname", name.domainname);
}

// "mount=MOUNTPOINT TYPE OPTIONS SUPEROPTIONS PROPAGATION", mountinfo without what varies.
void show_mounts(const Printer& out) {
  std::ifstream file("/proc/self/mountinfo");
  for (std::string line; std::getline(file, line);) {
    std::istringstream stream(line);
    const std::vector<std::string> words{std::istream_iterator<std::string>(stream), {}};
    std::size_t dash = 6;
    while (dash < words.size() && words[dash] != "-") ++dash;
    if (dash + 3 >= words.size()) continue;
    out.print("mount", words[4] + " " + words[dash + 1] + " " + words[5] + " " + words[dash + 3] +
                           " " + (dash > 6 ? words[6] : "private"));
  }
}

}  // namespace

int show(Args keys) {
  const Printer out(keys);
  show_identity(out);
  show_status(out);
  show_namespaces(out);
  show_descriptors(out);
  show_limits(out);
  show_environment(out);
  show_terminal(out);
  show_misc(out);
  show_scheduling(out);
  show_mounts(out);
  return 0;
}

}  // namespace mycontainer::probe
