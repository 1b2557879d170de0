// Handing a terminal's master end to whoever drives it (runc's docs/terminals.md). Parent side.
#pragma once

#include <string>

#include "reexec/sys/error.h"

namespace mycontainer::runtime::container {

// Connects to the unix stream socket at `path` and sends the descriptor with its name as data. The
// path may be longer than sockaddr_un takes.
Result<void> send_console(const std::string& path, int master);

}  // namespace mycontainer::runtime::container
