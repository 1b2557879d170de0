// What the verbs about images print alike.
#pragma once

#include <string>

#include "runtime/images/remove.h"

namespace mycontainer::cmd {

// "Deleted Images:" and a line for each name and image, in the words of `prune`; empty when there is
// none.
std::string images_pruned_text(const runtime::images::Removed& removed);

}  // namespace mycontainer::cmd
