#include "tests/unit/reexec/look.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <climits>
#include <cstdlib>

#include "reexec/sys/file.h"

namespace mycontainer::reexec::testing {

namespace {

std::string text_of(const std::string& path) {
  return sys::read_file_at(AT_FDCWD, path).value_or("(unreadable)");
}

std::string link_of(const std::string& path) {
  std::array<char, PATH_MAX> buffer;
  const ssize_t size = ::readlink(path.c_str(), buffer.data(), buffer.size());
  return size < 0 ? "" : std::string(buffer.data(), static_cast<std::size_t>(size));
}

std::vector<std::string> entries_of(const char* path) {
  std::vector<std::string> names;
  DIR* const directory = ::opendir(path);
  if (directory == nullptr) return names;
  while (const dirent* entry = ::readdir(directory)) {
    if (entry->d_name[0] != '.') names.emplace_back(entry->d_name);
  }
  ::closedir(directory);
  return names;
}

std::map<int, std::string> open_descriptors() {
  std::map<int, std::string> fds;
  for (const std::string& name : entries_of("/proc/self/fd")) {
    const std::string target = link_of("/proc/self/fd/" + name);
    // The directory's own descriptor is closed again by now.
    if (!target.empty()) fds[std::atoi(name.c_str())] = target;
  }
  return fds;
}

std::map<std::string, std::string> status_fields() {
  std::map<std::string, std::string> fields;
  const std::string text = text_of("/proc/self/status");
  for (std::size_t at = 0; at < text.size();) {
    const auto end = text.find('\n', at);
    const std::string line = text.substr(at, end - at);
    const auto colon = line.find(':');
    const auto value = line.find_first_not_of("\t ", colon + 1);
    fields[line.substr(0, colon)] = value == std::string::npos ? "" : line.substr(value);
    at = end + 1;
  }
  return fields;
}

std::map<std::string, std::string> namespace_links() {
  std::map<std::string, std::string> links;
  for (const std::string& name : entries_of("/proc/self/ns")) links[name] = own_namespace(name);
  return links;
}

std::string controlling_terminal() {
  // tcgetsid(3) fails for a terminal that is not our controlling one.
  const char* name = ::tcgetpgrp(0) >= 0 ? ::ttyname(0) : nullptr;
  return name != nullptr ? name : "";
}

}  // namespace

Look look_around() {
  Look look;
  look.pid = ::getpid();
  look.ppid = ::getppid();
  look.session = ::getsid(0);
  look.group = ::getpgrp();
  look.umask = static_cast<int>(::umask(0));
  ::prctl(PR_GET_PDEATHSIG, &look.death_signal);
  std::array<char, PATH_MAX> buffer;
  look.directory = ::getcwd(buffer.data(), buffer.size()) != nullptr ? buffer.data() : "";
  look.fds = open_descriptors();
  look.status = status_fields();
  look.namespaces = namespace_links();
  for (const int resource : {RLIMIT_NOFILE, RLIMIT_CORE, RLIMIT_STACK}) {
    rlimit limit{};
    ::getrlimit(static_cast<__rlimit_resource>(resource), &limit);
    look.limits[resource] = {limit.rlim_cur, limit.rlim_max};
  }
  for (char** one = environ; *one != nullptr; ++one) look.environment.emplace_back(*one);
  look.oom_score_adj = text_of("/proc/self/oom_score_adj");
  look.cgroup = text_of("/proc/self/cgroup");
  look.uid_map = text_of("/proc/self/uid_map");
  look.gid_map = text_of("/proc/self/gid_map");
  look.setgroups = text_of("/proc/self/setgroups");
  look.exe = link_of("/proc/self/exe");
  look.comm = text_of("/proc/self/comm");
  look.terminal = controlling_terminal();
  look.root_entries = entries_of("/");
  return look;
}

std::uint64_t mask_of(const Look& look, const std::string& field) {
  const auto found = look.status.find(field);
  return found == look.status.end() ? 0 : std::strtoull(found->second.c_str(), nullptr, 16);
}

std::string own_namespace(const std::string& name) { return link_of("/proc/self/ns/" + name); }

}  // namespace mycontainer::reexec::testing
