// Where the engine keeps its data and its live state unless told otherwise. Parent side.
#pragma once

#include "reexec/sys/error.h"
#include "runtime/state/roots.h"

namespace mycontainer::runtime::engine {

// Fills what is empty with the defaults. Root: /var/lib/mycontainer and /run/mycontainer. An
// ordinary user: mycontainer below $XDG_DATA_HOME (or ~/.local/share) and below $XDG_RUNTIME_DIR;
// without the latter /tmp/mycontainer-UID, which is made here with mode 0700 and refused when it is
// not a directory that belongs to the caller alone, since anybody may make names in /tmp. No other
// directory is made or looked at.
Result<state::Roots> with_defaults(state::Roots roots);

}  // namespace mycontainer::runtime::engine
