#include "runtime/cgroup/hierarchies.h"

#include <linux/magic.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <algorithm>
#include <utility>

#include "reexec/sys/file.h"

namespace mycontainer::runtime::cgroup {

namespace {

bool is_cgroup2(const std::string& path) {
  struct statfs status {};
  return ::statfs(path.c_str(), &status) == 0 && status.f_type == CGROUP2_SUPER_MAGIC;
}

// Takes the next piece of `text` up to `separator` off its front.
std::string_view take(std::string_view& text, char separator) {
  const std::size_t end = text.find(separator);
  const std::string_view piece = text.substr(0, end);
  text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  return piece;
}

// mountinfo writes space, tab, newline and backslash as \ooo.
std::string unescape(std::string_view text) {
  std::string plain;
  while (!text.empty()) {
    if (text[0] == '\\' && text.size() >= 4) {
      plain += static_cast<char>((text[1] - '0') * 64 + (text[2] - '0') * 8 + (text[3] - '0'));
      text.remove_prefix(4);
    } else {
      plain += text[0];
      text.remove_prefix(1);
    }
  }
  return plain;
}

bool is_controller(std::string_view option) {
  static constexpr std::string_view kNames[] = {
      "cpu",     "cpuacct", "cpuset",   "memory",     "devices", "freezer", "blkio", "pids",
      "net_cls", "hugetlb", "net_prio", "perf_event", "rdma",    "misc",    "dmem"};
  return option.starts_with("name=") || std::ranges::find(kNames, option) != std::end(kNames);
}

void add_v1(Hierarchies& found, std::string mount_point, std::string_view options) {
  V1Hierarchy hierarchy;
  while (!options.empty()) {
    const std::string_view option = take(options, ',');
    if (is_controller(option)) hierarchy.controllers.emplace_back(option);
  }
  if (hierarchy.controllers.empty()) return;
  if (find_controller(found, hierarchy.controllers.front()) != nullptr) return;
  hierarchy.mount_point = std::move(mount_point);
  found.v1.push_back(std::move(hierarchy));
}

void add_line(Hierarchies& found, std::string_view line) {
  const std::size_t middle = line.find(" - cgroup");
  if (middle == std::string_view::npos) return;
  std::string_view tail = line.substr(middle + 3);
  for (int field = 0; field < 4; ++field) take(line, ' ');  // IDs, device, root
  std::string mount_point = unescape(take(line, ' '));
  const std::string_view type = take(tail, ' ');
  take(tail, ' ');  // the source
  if (type == "cgroup") {
    add_v1(found, std::move(mount_point), tail);
  } else if (type == "cgroup2" && found.v2.empty()) {
    found.v2 = std::move(mount_point);
  }
}

Result<Hierarchies> read_mountinfo(const HostFiles& files) {
  TRY(const std::string text, sys::read_file_at(AT_FDCWD, files.mountinfo));
  return parse_mountinfo(text);
}

// Writable for making sub-cgroups, moving processes and giving controllers.
bool is_delegated(const std::string& directory) {
  for (const char* file : {"", "/cgroup.procs", "/cgroup.subtree_control"}) {
    if (::faccessat(AT_FDCWD, (directory + file).c_str(), W_OK, AT_EACCESS) != 0) return false;
  }
  return true;
}

}  // namespace

Hierarchies parse_mountinfo(std::string_view text) {
  Hierarchies found;
  found.v1_known = true;
  while (!text.empty()) add_line(found, take(text, '\n'));
  found.pure_v2 = !found.v2.empty() && found.v1.empty();
  return found;
}

Result<Hierarchies> find_hierarchies(const HostFiles& files) {
  Hierarchies found;
  if (is_cgroup2(files.root)) {
    found.v2 = files.root;
    found.pure_v2 = found.v1_known = true;
    return found;
  }
  std::string unified = files.root + "/unified";
  if (is_cgroup2(unified)) {
    found.v2 = std::move(unified);
    return found;
  }
  return read_mountinfo(files);
}

Result<void> find_v1(Hierarchies& hierarchies, const HostFiles& files) {
  if (hierarchies.v1_known) return {};
  TRY(Hierarchies all, read_mountinfo(files));
  hierarchies.v1 = std::move(all.v1);
  hierarchies.v1_known = true;
  return {};
}

std::string parse_own_v2_path(std::string_view text) {
  while (!text.empty()) {
    const std::string_view line = take(text, '\n');
    if (!line.starts_with("0::/")) continue;
    const std::string_view path = line.substr(3);
    return path.starts_with("/..") ? std::string() : std::string(path);
  }
  return {};
}

const V1Hierarchy* find_controller(const Hierarchies& hierarchies, std::string_view controller) {
  for (const V1Hierarchy& hierarchy : hierarchies.v1) {
    if (std::ranges::find(hierarchy.controllers, controller) != hierarchy.controllers.end()) {
      return &hierarchy;
    }
  }
  return nullptr;
}

Result<std::string> delegated_path(const std::string& v2, const HostFiles& files) {
  TRY(const std::string text, sys::read_file_at(AT_FDCWD, files.own));
  std::string path = parse_own_v2_path(text);
  std::string highest;
  while (path.size() > 1 && is_delegated(v2 + path)) {
    highest = path;
    path.erase(path.rfind('/'));
  }
  return highest;
}

}  // namespace mycontainer::runtime::cgroup
