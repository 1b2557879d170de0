#include "runtime/cgroup/leaf.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <utility>

#include "reexec/sys/file.h"
#include "runtime/cgroup/cpuset.h"
#include "runtime/cgroup/members.h"

namespace mycontainer::runtime::cgroup {

namespace {

constexpr const char* kDelegationHint =
    "as root, put \"[Service]\" and \"Delegate=cpu cpuset io memory pids\" into "
    "/etc/systemd/system/user@.service.d/delegate.conf, run systemctl daemon-reload and log in "
    "again; outside of a user service start with: systemd-run --user --scope";

Failure refuse(const Need& need, const std::string& why, std::string hint) {
  return Failure(
      Error{fmt::format("{} needs the cgroup controller {}, {}", need.flag, need.controller, why),
            0, std::move(hint), 0});
}

std::string shown(const std::string& path) { return path.empty() ? "/" : path; }

Failure refuse_absent(const Need& need, const std::string& path) {
  if (::geteuid() != 0) return refuse_undelegated(need);
  return refuse(need, "which cgroup v2 does not offer in " + shown(path),
                "see cgroup.controllers there; the kernel may lack it (/proc/cgroups), have it "
                "turned off (cgroup_disable=) or have given it to a v1 hierarchy");
}

Failure refuse_write(const Need& need, const std::string& path, int code) {
  if (code == EACCES || code == EPERM || code == EROFS) return refuse_undelegated(need);
  if (code == EBUSY) {
    return refuse(need, "which " + shown(path) + " cannot give on while processes run in it",
                  "start mycontainer in a cgroup below it (systemd: DelegateSubgroup=), or name "
                  "another --cgroup-parent");
  }
  return fail_code(code, "{}: enable the cgroup controller {} in {}", need.flag, need.controller,
                   shown(path));
}

// Only the root cgroup, which has no type, may have both processes and children with controllers. The
// kernel refuses that of most controllers (EBUSY); cpu and pids it gives, but makes the children
// "domain invalid", which no process can enter (EOPNOTSUPP; cgroups(7), "Thread mode").
bool has_own_processes(int dir) {
  if (::faccessat(dir, "cgroup.type", F_OK, 0) < 0) return false;
  const auto processes = sys::read_file_at(dir, "cgroup.procs");
  return processes && !processes->empty();
}

// Lets the children of `dir` have the controllers.
Result<void> give_controllers(int dir, const std::string& path, const std::vector<Need>& needs) {
  if (needs.empty()) return {};
  TRY(const std::string given, sys::read_file_at(dir, "cgroup.subtree_control"));
  std::vector<Need> missing;
  for (const Need& need : needs) {
    if (!has_word(given, need.controller)) missing.push_back(need);
  }
  if (missing.empty()) return {};
  TRY(const std::string offered, sys::read_file_at(dir, "cgroup.controllers"));
  std::string wish;
  for (const Need& need : missing) {
    if (!has_word(offered, need.controller)) return refuse_absent(need, path);
    wish += "+" + need.controller + " ";
  }
  wish.pop_back();
  if (has_own_processes(dir)) return refuse_write(missing.front(), path, EBUSY);
  auto written = sys::write_file_at(dir, "cgroup.subtree_control", wish);
  if (!written) return refuse_write(missing.front(), path, written.error().code);
  return {};
}

bool gives_all(int dir, const std::vector<Need>& needs) {
  if (needs.empty()) return true;
  const auto given = sys::read_file_at(dir, "cgroup.subtree_control");
  return given && std::ranges::all_of(
                      needs, [&](const Need& need) { return has_word(*given, need.controller); });
}

Result<void> walk_parents(Leaf& leaf, const std::vector<Need>& needs, MadeDirectories& made) {
  TRY(UniqueFd current, sys::open_at(AT_FDCWD, leaf.mount_point, O_RDONLY | O_DIRECTORY));
  std::string path;
  TRY_VOID(give_controllers(current.get(), path, needs));
  std::size_t begin = 1;
  while (begin < leaf.parent_path.size()) {
    const std::size_t end = std::min(leaf.parent_path.find('/', begin), leaf.parent_path.size());
    const std::string component = leaf.parent_path.substr(begin, end - begin);
    begin = end + 1;
    path += "/" + component;
    TRY_VOID(made.make(current.get(), component));
    TRY(UniqueFd next, sys::open_at(current.get(), component, O_RDONLY | O_DIRECTORY | O_NOFOLLOW));
    if (leaf.version == Version::kV1 && uses(leaf, "cpuset")) {
      TRY_VOID(inherit_cpuset(current.get(), next.get()));
    }
    TRY_VOID(give_controllers(next.get(), path, needs));
    current = std::move(next);
  }
  leaf.parent = std::move(current);
  return {};
}

// Without swap a limit on it holds by itself, and a kernel may not have the file.
bool has_swap() {
  const auto swaps = sys::read_file_at(AT_FDCWD, "/proc/swaps");
  return swaps && std::ranges::count(*swaps, '\n') > 1;
}

bool is_swap_file(std::string_view file) {
  return file == "memory.swap.max" || file == "memory.memsw.limit_in_bytes";
}

Result<void> write_setting(int dir, const Setting& setting) {
  auto written = sys::write_file_at(dir, setting.file, setting.value);
  const bool missing = !written && written.error().code == ENOENT;
  if (missing && !setting.other_file.empty()) {
    written = sys::write_file_at(dir, setting.other_file, setting.other_value);
  } else if (missing && (setting.if_present || (is_swap_file(setting.file) && !has_swap()))) {
    return {};
  }
  if (written) return {};
  const int code = written.error().code;
  if (code != ENOENT) {
    return fail_code(code, "{} {}: write to the cgroup's {}", setting.flag, setting.value,
                     setting.file);
  }
  return Failure(Error{fmt::format("{} {}: this kernel has no cgroup file {}", setting.flag,
                                   setting.value, setting.file),
                       0,
                       {},
                       0});
}

// Two containers in one cgroup would share limits, and deleting one would kill the other.
Result<void> check_unused(const Leaf& leaf) {
  if (const std::size_t count = population_of(leaf.dir.get()); count != 0) {
    return fail_code(EBUSY, "container's cgroup is not empty: {} process(es) found in {}{}/{}",
                     count, leaf.mount_point, leaf.parent_path, leaf.name);
  }
  if (is_frozen(leaf).value_or(false)) {
    return fail("container's cgroup {}/{} is frozen", leaf.parent_path, leaf.name);
  }
  return {};
}

}  // namespace

std::vector<Need> needs_of(const std::vector<Setting>& settings) {
  std::vector<Need> needs;
  for (const Setting& setting : settings) {
    const bool known =
        std::ranges::find(needs, setting.controller, &Need::controller) != needs.end();
    if (!known && !setting.controller.empty()) needs.push_back({setting.controller, setting.flag});
  }
  return needs;
}

Failure refuse_undelegated(const Need& need) {
  return refuse(need, "which is not delegated to this user", kDelegationHint);
}

bool has_word(std::string_view list, std::string_view word) {
  while (!list.empty()) {
    const std::size_t end = std::min(list.find_first_of(" \n"), list.size());
    if (list.substr(0, end) == word) return true;
    list.remove_prefix(std::min(end + 1, list.size()));
  }
  return false;
}

bool uses(const Leaf& leaf, std::string_view controller) {
  return std::ranges::find(leaf.controllers, controller) != leaf.controllers.end();
}

MadeDirectories::~MadeDirectories() {
  for (auto made = made_.rbegin(); made != made_.rend(); ++made) {
    ::unlinkat(made->at.get(), made->name.c_str(), AT_REMOVEDIR);  // a sharer may be using it
  }
}

Result<bool> MadeDirectories::make(int at, const std::string& name) {
  // First what removing it needs: once it is made, nothing may fail.
  UniqueFd parent(::fcntl(at, F_DUPFD_CLOEXEC, 3));
  if (!parent) return fail_errno("make cgroup {}", name);
  if (::mkdirat(at, name.c_str(), 0755) < 0) {
    if (errno == EEXIST) return false;
    return fail_errno("make cgroup {}", name);
  }
  made_.push_back({std::move(parent), name});
  return true;
}

Result<void> open_parent(Leaf& leaf, const std::vector<Need>& needs, MadeDirectories& made) {
  if (leaf.version == Version::kV2 || !uses(leaf, "cpuset")) {
    const std::string path = leaf.mount_point + leaf.parent_path;
    UniqueFd there(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (there && gives_all(there.get(), needs)) {
      leaf.parent = std::move(there);
      return {};
    }
  }
  return walk_parents(leaf, needs, made);
}

namespace {

void offer_controllers(int dir) {
  const auto offered = sys::read_file_at(dir, "cgroup.controllers");
  const auto given = sys::read_file_at(dir, "cgroup.subtree_control");
  if (!offered || !given || has_own_processes(dir)) return;
  for (std::size_t begin = 0; begin < offered->size();) {
    const std::size_t end = std::min(offered->find_first_of(" \n", begin), offered->size());
    const std::string controller = offered->substr(begin, end - begin);
    begin = end + 1;
    if (controller.empty() || has_word(*given, controller)) continue;
    (void)sys::write_file_at(dir, "cgroup.subtree_control", "+" + controller);
  }
}

}  // namespace

void offer_all_controllers(const Leaf& leaf) {
  UniqueFd current(::open(leaf.mount_point.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  std::size_t begin = 1;
  while (current) {
    offer_controllers(current.get());
    if (begin >= leaf.parent_path.size()) return;
    const std::size_t end = std::min(leaf.parent_path.find('/', begin), leaf.parent_path.size());
    const std::string component = leaf.parent_path.substr(begin, end - begin);
    begin = end + 1;
    current.reset(::openat(current.get(), component.c_str(),
                           O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  }
}

Result<void> make_leaf(Leaf& leaf, MadeDirectories& made, Existing existing) {
  TRY(const bool fresh, made.make(leaf.parent.get(), leaf.name));
  if (!fresh && existing == Existing::kRefuse) {
    return fail_code(EEXIST, "make cgroup {}/{}", leaf.parent_path, leaf.name);
  }
  TRY(leaf.dir, sys::open_at(leaf.parent.get(), leaf.name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW));
  if (leaf.version == Version::kV1 && uses(leaf, "cpuset")) {
    TRY_VOID(inherit_cpuset(leaf.parent.get(), leaf.dir.get()));
  }
  leaf.taken_over = !fresh;
  return fresh ? Result<void>() : check_unused(leaf);
}

Result<bool> open_leaf(Leaf& leaf) {
  const std::string path = leaf.mount_point + leaf.parent_path;
  leaf.parent.reset(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (leaf.parent) {
    leaf.dir.reset(::openat(leaf.parent.get(), leaf.name.c_str(),
                            O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
    if (leaf.dir) return true;
  }
  if (errno == ENOENT) return false;
  return fail_errno("open cgroup {}/{}", leaf.parent_path, leaf.name);
}

Result<void> rewrite_settings(const Leaf& leaf, const std::vector<Setting>& settings) {
  std::vector<const Setting*> refused;
  for (const Setting& setting : settings) {
    // What the leaf itself may use is what is being changed.
    if (setting.controller == "cpuset") TRY_VOID(check_cpuset(leaf.parent.get(), setting));
    auto written = write_setting(leaf.dir.get(), setting);
    if (written) continue;
    if (written.error().code != EINVAL && written.error().code != EBUSY) return written;
    refused.push_back(&setting);
  }
  for (const Setting* setting : refused) TRY_VOID(write_setting(leaf.dir.get(), *setting));
  return {};
}

Result<void> give_and_rewrite(const Leaf& leaf, const std::vector<Setting>& settings) {
  Leaf same;
  same.mount_point = leaf.mount_point;
  same.parent_path = leaf.parent_path;
  MadeDirectories none;
  TRY_VOID(open_parent(same, needs_of(settings), none));
  return rewrite_settings(leaf, settings);
}

Result<void> write_settings(int dir, const std::vector<Setting>& settings) {
  for (const Setting& setting : settings) {
    if (setting.controller == "cpuset") TRY_VOID(check_cpuset(dir, setting));
    TRY_VOID(write_setting(dir, setting));
  }
  return {};
}

}  // namespace mycontainer::runtime::cgroup
