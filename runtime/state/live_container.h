// One container's traces on this machine while it lives, and their removal: by its supervisor in
// the end, or by any later command when the supervisor was killed. Parent side.
//
//   <state-root>/containers/<id>/  record.json, hosts, hostname, resolv.conf;
//                                  flock'ed by the supervisor: unlocked means stale
//   <state-root>/names/<name>      a symbolic link to the id: makes --name unique, no global lock
//   <data-root>/upper/<id>         the writable layer, and what overlayfs needs beside it
//   <data-root>/work/<id>
//   cgroups named after the id     (runtime/cgroup finds them by that name alone)
#pragma once

#include <functional>
#include <string>

#include "reexec/sys/error.h"
#include "reexec/sys/unique_fd.h"

namespace mycontainer::runtime::state {

struct Roots {
  std::string data;   // --root
  std::string state;  // --state-root
};

// What cleaning up needs to know beyond the id. Written as JSON; a record cut short by a crash
// reads as empty fields.
struct Record {
  std::string id;
  std::string name;           // only what --name claimed
  std::string cgroup_parent;  // as given to cgroup::Cgroup::create
  std::string data_root;
};

// Removes a directory tree that this process may not remove itself because other ids of a user
// namespace own parts of it. Given by the engine, which knows how to enter such a namespace.
using RemoveForeignTree = std::function<Result<void>(const std::string& path)>;

class LiveContainer {
 public:
  // Makes the directories, takes the lock and claims the name: an error when a living container has
  // it, whereas a stale one is collected. Undone wholly when any of it fails.
  static Result<LiveContainer> create(const Roots& roots, Record record,
                                      RemoveForeignTree remove_foreign = {});

  LiveContainer(LiveContainer&&) noexcept = default;
  LiveContainer& operator=(LiveContainer&&) = delete;
  // Removes what remove() was not called for.
  ~LiveContainer();

  [[nodiscard]] const std::string& id() const { return record_.id; }
  // <state-root>/containers/<id>, as a path and as the locked descriptor.
  [[nodiscard]] const std::string& directory() const { return directory_; }
  [[nodiscard]] int dirfd() const { return lock_.get(); }

  // Removes what a volatile overlay leaves in its work directory to refuse a second mount (mount
  // option "volatile"). Nobody mounts it again, and while the container runs this costs nobody's
  // time.
  void remove_volatile_marker() const;

  // Removes every trace except the cgroup, which its own object removes. Called when all processes
  // are gone.
  Result<void> remove();
  // Leaves what is still there, unlocked, for the collector.
  void leave() { lock_.reset(); }

 private:
  LiveContainer(std::string state_root, Record record, RemoveForeignTree remove_foreign);
  Result<void> make_directories();
  Result<void> claim_name();

  std::string state_root_;
  Record record_;
  RemoveForeignTree remove_foreign_;
  std::string directory_;
  UniqueFd lock_;
};

// Where a container's writable layer lies.
std::string upper_directory(const std::string& data_root, const std::string& id);
std::string work_directory(const std::string& data_root, const std::string& id);

// Ends and removes what containers left whose supervisor no longer lives. Never waits for a living
// one. A container that cannot be removed is left for the next time, with a line in the
// diagnostics.
void collect_stale(const Roots& roots, const RemoveForeignTree& remove_foreign);

}  // namespace mycontainer::runtime::state
