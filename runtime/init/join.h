// The stage before the steps for a container that takes namespaces over from others: joins them,
// and makes the container's first process. Child side, in a process started for this only.
//
// Joining is done here, after the re-exec, and not between clone and execve, because a process that
// is a member of somebody else's PID namespace can be looked at from there: an execve would make
// it dumpable again for a moment, with the host's working directory and descriptors in
// /proc/PID (CVE-2016-9962). setns(2) into a PID namespace and clock offsets
// (time_namespaces(7)) only concern children, so a second process is needed in any case.
#pragma once

#include <sys/types.h>

#include "reexec/channel.h"
#include "reexec/sys/error.h"

namespace mycontainer::runtime::init {

// Which of the two processes returns.
enum class JoinSide { kJoiner, kContainer };

// Does what the message kJoin says. The container's process is a child of our own parent
// (CLONE_PARENT), not dumpable, and goes on with the plan; the joiner has told the parent its pidfd
// (kJoined) and must end.
Result<JoinSide> join(reexec::Channel& channel, reexec::Message message);

}  // namespace mycontainer::runtime::init
