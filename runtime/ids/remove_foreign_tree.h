// Removing what other ids of a user namespace own. Parent side.
#pragma once

#include <string>
#include <string_view>

#include "reexec/registry.h"
#include "reexec/sys/error.h"

namespace mycontainer::runtime::ids {

// A container of an ordinary user may leave directories that belong to his subordinate ids, which
// he cannot empty himself. A re-executed child in a user namespace with the same maps can: root
// there owns them all.
Result<void> remove_foreign_tree(const std::string& path);

// The hidden entry that does it: one argument, the tree.
inline constexpr std::string_view kRemoveTreeEntry = "mycontainer-remove-tree";
int remove_tree_main(reexec::Invocation& invocation);

}  // namespace mycontainer::runtime::ids
