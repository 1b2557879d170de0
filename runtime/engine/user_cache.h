// What the layers of an image say about users, kept beside its topmost layer: to ask each of a
// hundred layers costs a millisecond at every start, and layers never change. Parent side.
//
//   <data>/layers/<chain ID>/user-database    "<bytes of passwd> <bytes of group>\n", then both
#pragma once

#include <optional>
#include <string>

#include "reexec/sys/error.h"
#include "runtime/engine/user_lookup.h"

namespace mycontainer::runtime::engine {

// `top` is the topmost layer's tree. Nothing: it is not there, or was not written to its end.
std::optional<UserDatabase> cached_users(const std::string& top);

// Appears whole or not at all; a failure (a full disk) is nobody's loss.
void cache_users(const std::string& top, const UserDatabase& database);

}  // namespace mycontainer::runtime::engine
