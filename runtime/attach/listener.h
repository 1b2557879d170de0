// The socket's name in a directory, whatever the length of the directory's own path. Both sides.
#pragma once

#include "reexec/sys/error.h"
#include "reexec/sys/unique_fd.h"

namespace mycontainer::runtime::attach {

// unix(7) has 108 bytes for a path, a directory of ours may need more: both go through
// /proc/self/fd/N/attach.sock. What a dead monitor left under the name is removed.
Result<UniqueFd> listen_in(int directory);
// Does not wait, and the socket never does: ENOENT, ECONNREFUSED when no monitor listens, EAGAIN
// when too many others wait for it.
Result<UniqueFd> connect_in(int directory);

// The next client's socket; none when nobody waits. A client whose user is neither ours nor root
// is told so and closed, and the next one is looked at.
UniqueFd accept_next(int listener);

}  // namespace mycontainer::runtime::attach
