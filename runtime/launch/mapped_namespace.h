// User namespaces that only stand for a mapping of ids, as mount_setattr(2) wants it. Parent side.
#pragma once

#include <sys/types.h>

#include <vector>

#include "reexec/attributes.h"
#include "reexec/sys/error.h"
#include "reexec/sys/unique_fd.h"
#include "runtime/init/plan.h"

namespace mycontainer::runtime::launch {

// The descriptor of a new user namespace with these maps. A helper process made it and has ended;
// nobody is a member. Needs a single-threaded caller (fork), and CAP_SETUID and CAP_SETGID over
// what it maps.
Result<UniqueFd> mapped_namespace(std::vector<reexec::IdMap> uid_map,
                                  std::vector<reexec::IdMap> gid_map);

// Those that the mounts of one container are mapped by, each made once however many mounts share
// it. Descriptors are borrowed from this object.
class MappedNamespaces {
 public:
  using Ids = std::vector<init::MappedIds>;

  // `child` is a process in the container's user namespace.
  explicit MappedNamespaces(pid_t child) : child_(child) {}

  Result<int> container();
  // Without mappings the container's.
  Result<int> of(const Ids& uid_map, const Ids& gid_map);

 private:
  struct Made {
    Ids uid_map, gid_map;
    UniqueFd user_namespace;
  };

  pid_t child_;
  UniqueFd container_;
  std::vector<Made> made_;
};

}  // namespace mycontainer::runtime::launch
