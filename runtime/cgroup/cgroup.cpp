#include "runtime/cgroup/cgroup.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <utility>

#include "reexec/sys/file.h"
#include "runtime/cgroup/builder.h"
#include "runtime/cgroup/device_program.h"
#include "runtime/cgroup/stats_files.h"
#include "runtime/cgroup/systemd_driver.h"

namespace mycontainer::runtime::cgroup {

namespace {

constexpr std::chrono::seconds kPatience(10);
constexpr std::size_t kMaxName = 255;

bool is_alphanumeric(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

// The number after "key " at the start of a line, or 0.
std::uint64_t counter(std::string_view text, std::string_view key) {
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (!line.starts_with(key) || line.size() <= key.size() || line[key.size()] != ' ') continue;
    std::uint64_t value = 0;
    std::from_chars(line.data() + key.size() + 1, line.data() + line.size(), value);
    return value;
  }
  return 0;
}

std::vector<std::string> mount_options() { return {"ro", "nosuid", "nodev", "noexec", "relatime"}; }

oci::Mount mount_of(const Leaf& leaf) {
  const std::string name = leaf.mount_point.substr(leaf.mount_point.rfind('/') + 1);
  oci::Mount mount{"/sys/fs/cgroup/" + name, "cgroup", "cgroup", mount_options(), {}, {}};
  mount.options.insert(mount.options.end(), leaf.controllers.begin(), leaf.controllers.end());
  return mount;
}

oci::Mount v2_mount(std::string destination) {
  return {std::move(destination), "cgroup2", "cgroup2", mount_options(), {}, {}};
}

}  // namespace

Result<void> check_id(const std::string& id) {
  const bool good = !id.empty() && id.size() <= kMaxName && is_alphanumeric(id.front()) &&
                    std::ranges::all_of(id, [](char c) {
                      return is_alphanumeric(c) || c == '_' || c == '.' || c == '-' || c == '+';
                    });
  if (good) return {};
  return fail("container id \"{}\": not [a-zA-Z0-9][a-zA-Z0-9_.+-]* of at most {} characters", id,
              kMaxName);
}

Cgroup& Cgroup::operator=(Cgroup&& other) noexcept {
  std::swap(leaves_, other.leaves_);
  std::swap(v2_mount_, other.v2_mount_);
  std::swap(unit_, other.unit_);
  std::swap(user_bus_, other.user_bus_);
  std::swap(rootless_, other.rootless_);
  std::swap(owned_, other.owned_);
  return *this;
}

Cgroup::~Cgroup() {
  if (!owned_ || !unit_.empty()) return;  // systemd removes a scope that nobody is in
  for (const Leaf& leaf : leaves_) {
    if (!leaf.taken_over) ::unlinkat(leaf.parent.get(), leaf.name.c_str(), AT_REMOVEDIR);
  }
}

Result<Cgroup> Cgroup::create(const CgroupRequest& request) {
  if (request.driver == Driver::kSystemd) return fail("systemd makes cgroups for processes only");
  TRY(Hierarchies hierarchies, find_hierarchies());
  return Builder(request, std::move(hierarchies)).build();
}

namespace {

Result<void> attach_rules(int cgroup, const std::vector<oci::DeviceRule>& rules) {
  TRY(const std::vector<bpf_insn> program, device_program(rules));
  TRY(const UniqueFd loaded, load_device_program(program));
  return attach_device_program(cgroup, loaded.get());
}

}  // namespace

namespace {

// Root of a user namespace may not make device nodes (user_namespaces(7)), nor put rules into
// force: nothing is lost.
bool in_user_namespace() {
  const auto map = sys::read_file_at(AT_FDCWD, "/proc/self/uid_map");
  return map && map->find("4294967295") == std::string::npos;
}

}  // namespace

Result<void> Cgroup::limit_devices(const CgroupRequest& request) {
  if (request.rootless || request.resources.devices.empty() || dirfd() < 0) return {};
  auto attached = attach_rules(dirfd(), request.resources.devices);
  if (attached || in_user_namespace()) return {};
  TRY(Hierarchies hierarchies, find_hierarchies());
  return Builder(request, std::move(hierarchies))
      .keep_devices_by_v1(*this, std::move(attached).error());
}

Result<Cgroup> Cgroup::open(const std::string& id, const std::string& parent, bool rootless) {
  TRY_VOID(check_id(id));
  TRY(Hierarchies hierarchies, find_hierarchies());
  TRY_VOID(find_v1(hierarchies));
  TRY(const Place place, find_place(parent, rootless, hierarchies));
  Cgroup found;
  found.v2_mount_ = hierarchies.v2;
  if (!place.exists) return found;
  std::vector<Leaf> candidates;
  if (!hierarchies.v2.empty()) {
    candidates.push_back({Version::kV2, {}, hierarchies.v2, place.path, id, {}, {}});
  }
  for (V1Hierarchy& v1 : hierarchies.v1) {
    candidates.push_back({Version::kV1,
                          std::move(v1.controllers),
                          std::move(v1.mount_point),
                          place.path,
                          id,
                          {},
                          {}});
  }
  for (Leaf& leaf : candidates) {
    TRY(const bool there, open_leaf(leaf));
    if (there) found.leaves_.push_back(std::move(leaf));
  }
  return found;
}

Result<void> Cgroup::remove_stale(const std::string& id, const std::string& parent, bool rootless) {
  TRY(Cgroup stale, open(id, parent, rootless));
  TRY_VOID(stale.kill_all());
  // Whoever collects has work of his own to go on with.
  return stale.remove(std::chrono::milliseconds(200));
}

int Cgroup::dirfd() const {
  const bool v2 = !leaves_.empty() && leaves_.front().version == Version::kV2;
  return v2 ? leaves_.front().dir.get() : -1;
}

bool Cgroup::needs_move() const {
  return !leaves_.empty() && leaves_.back().version == Version::kV1;
}

Result<void> Cgroup::move(pid_t pid) const {
  for (const Leaf& leaf : leaves_) {
    if (leaf.version == Version::kV2) continue;
    auto moved = sys::write_file_at(leaf.dir.get(), "cgroup.procs", std::to_string(pid));
    if (!moved) return within(leaf.mount_point + path(), std::move(moved).error());
  }
  return {};
}

std::uint64_t Cgroup::oom_kills() const {
  for (const Leaf& leaf : leaves_) {
    const bool v1 = leaf.version == Version::kV1;
    if (v1 && !uses(leaf, "memory")) continue;
    const auto text =
        sys::read_file_at(leaf.dir.get(), v1 ? "memory.oom_control" : "memory.events");
    if (text) return counter(*text, "oom_kill");
  }
  return 0;
}

Result<void> Cgroup::give_to(uid_t owner) const {
  if (dirfd() < 0) return {};
  const auto list = sys::read_file_at(AT_FDCWD, "/sys/kernel/cgroup/delegate");
  std::vector<std::string> files{"."};
  for_each_line(list ? *list : "cgroup.procs\ncgroup.subtree_control\ncgroup.threads\n",
                [&](std::string_view file) { files.emplace_back(file); });
  constexpr auto kSameGroup = static_cast<gid_t>(-1);
  for (const std::string& file : files) {
    const int changed = ::fchownat(dirfd(), file.c_str(), owner, kSameGroup, AT_SYMLINK_NOFOLLOW);
    // The list names files of controllers that may not be given here.
    if (changed < 0 && errno != ENOENT) return fail_errno("change the owner of {}", path());
  }
  return {};
}

Result<void> Cgroup::kill_all() const {
  // Whoever froze it by v1: a frozen process dies only once it is thawed.
  for (const Leaf& leaf : leaves_) {
    if (uses(leaf, "freezer")) std::ignore = thaw_leaf(leaf);
  }
  for (const Leaf& leaf : leaves_) TRY_VOID(kill_leaf(leaf, kPatience));
  return {};
}

Result<void> Cgroup::remove(std::chrono::milliseconds patience) {
  while (!leaves_.empty()) {
    TRY_VOID(remove_leaf(leaves_.back(), patience));
    leaves_.pop_back();
  }
  if (!unit_.empty()) TRY_VOID(stop_unit(unit_, user_bus_));
  owned_ = false;
  return {};
}

std::vector<oci::Mount> Cgroup::mounts() const {
  if (!needs_move()) {
    if (v2_mount_.empty()) return {};
    return {v2_mount("/sys/fs/cgroup")};
  }
  // Writable until its own mount points are made in it; nothing in it matters.
  std::vector<oci::Mount> mounts{
      {"/sys/fs/cgroup", "tmpfs", "cgroup", {"nosuid", "nodev", "noexec", "mode=755"}, {}, {}}};
  for (const Leaf& leaf : leaves_) {
    mounts.push_back(leaf.version == Version::kV2 ? v2_mount("/sys/fs/cgroup/unified")
                                                  : mount_of(leaf));
  }
  return mounts;
}

std::string Cgroup::path() const {
  if (leaves_.empty()) return {};
  return leaves_.front().parent_path + "/" + leaves_.front().name;
}

}  // namespace mycontainer::runtime::cgroup
