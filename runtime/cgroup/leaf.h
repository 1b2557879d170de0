// One container's directory in one hierarchy, and the shared parents above it. Parent side;
// cgroup.h is what other folders use.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "reexec/sys/error.h"
#include "reexec/sys/unique_fd.h"
#include "runtime/cgroup/resources.h"

namespace mycontainer::runtime::cgroup {

struct Leaf {
  Version version = Version::kV2;
  std::vector<std::string> controllers{};  // v1: the hierarchy's own; v2: those in use
  std::string mount_point{};
  std::string parent_path{};  // below mount_point: "/mycontainer"
  std::string name{};
  UniqueFd parent{}, dir{};
  bool taken_over = false;  // it was there before us
};

// A controller that a limit needs, with that limit's flag for the message.
struct Need {
  std::string controller, flag;
};

// The distinct controllers of the settings, each with the first limit that needs it.
std::vector<Need> needs_of(const std::vector<Setting>& settings);

// Directories made so far, removed again (newest first) unless commit() is called.
class MadeDirectories {
 public:
  MadeDirectories() = default;
  MadeDirectories(const MadeDirectories&) = delete;
  MadeDirectories& operator=(const MadeDirectories&) = delete;
  ~MadeDirectories();
  // mkdirat(2); true when this call made it, false when it was there.
  Result<bool> make(int at, const std::string& name);
  void commit() { made_.clear(); }

 private:
  struct Made {
    UniqueFd at;
    std::string name;
  };
  std::vector<Made> made_;
};

// Fills in leaf.parent: opens the parents, making missing ones. In v2 every one of them gives
// `needs` to its children (cgroup.subtree_control); in v1's cpuset every one has cpus and mems.
Result<void> open_parent(Leaf& leaf, const std::vector<Need>& needs, MadeDirectories& made);

// What make_leaf() does with a cgroup that is there already.
enum class Existing { kRefuse, kTakeOver };

// Lets the children of the parents, of all of them, have every v2 controller that can be given:
// statistics are only kept by a controller that is there. What is refused is left out.
void offer_all_controllers(const Leaf& leaf);

// Makes leaf.name in leaf.parent and fills in leaf.dir. When it is there: EEXIST, or it is taken
// over, unless processes are in it or below (EBUSY) or it is frozen.
Result<void> make_leaf(Leaf& leaf, MadeDirectories& made, Existing existing = Existing::kRefuse);

// Fills in parent and dir of a leaf that exists; false when it does not.
Result<bool> open_leaf(Leaf& leaf);

// One open and one write per setting, in order.
Result<void> write_settings(int dir, const std::vector<Setting>& settings);

// The same for a leaf in use, whose present values may stand in the way of one setting until
// another was written (v1: memory.limit_in_bytes is never above memory.memsw.limit_in_bytes): what
// is refused is tried again after all others.
Result<void> rewrite_settings(const Leaf& leaf, const std::vector<Setting>& settings);

// The same in v2, whose parents may not have given the controllers yet.
Result<void> give_and_rewrite(const Leaf& leaf, const std::vector<Setting>& settings);

// Stops what runs in it and below, or lets it go on. false when this leaf cannot: a v1 hierarchy
// without the freezer, v2 before Linux 5.2. freeze_leaf() waits until all have stopped; ETIMEDOUT
// after `patience`, and then they run again.
Result<bool> freeze_leaf(const Leaf& leaf, std::chrono::milliseconds patience);
Result<bool> thaw_leaf(const Leaf& leaf);
// Whether it is to be frozen; nothing when this leaf cannot tell.
std::optional<bool> is_frozen(const Leaf& leaf);

// SIGKILL to all in it and below, also to what is frozen. Without cgroup.kill (v1; v2 before Linux
// 5.14) in rounds, until it is empty.
Result<void> kill_leaf(const Leaf& leaf, std::chrono::milliseconds patience);
// Waits until it is empty and removes it and what is below.
Result<void> remove_leaf(const Leaf& leaf, std::chrono::milliseconds patience);

// The error for a limit whose controller this user may not hand out.
[[nodiscard]] Failure refuse_undelegated(const Need& need);

// Whether `controller` is among leaf.controllers.
bool uses(const Leaf& leaf, std::string_view controller);

// Whether the space-separated `list` (cgroup.controllers) has `word`.
bool has_word(std::string_view list, std::string_view word);

}  // namespace mycontainer::runtime::cgroup
