// Our own binary as a descriptor that nobody can write the host's file through. Parent side.
#pragma once

#include <string>

#include "reexec/sys/error.h"
#include "reexec/sys/unique_fd.h"

namespace mycontainer::reexec {

// Why a descriptor of sealed_self() is safe to run inside a container (CVE-2019-5736: the container
// opens /proc/PID/exe of ours for writing).
enum class Seal {
  kAlready,  // no id the container can have may write it: see sealed_self()
  kOverlay,  // a read-only overlay that is mounted nowhere (0.09 ms)
  kMemory,   // a sealed copy in memory (0.4 ms per MiB)
};

struct SealedSelf {
  UniqueFd fd;  // close-on-exec; run it with Command::executable() or execveat(AT_EMPTY_PATH)
  Seal seal = Seal::kMemory;
  // With kOverlay: the mount that `fd` lies in. Closing it makes the kernel wait for an RCU grace
  // period (0.05 to 2 ms), so keep it until there is time; it may be closed before or after `fd` is
  // run.
  UniqueFd mount = {};
};

// `scratch_directory` is an existing directory that is neither an ancestor nor a descendant of the
// binary's (an overlay of the two would be ELOOP); it only serves as the overlay's second lower
// layer and nothing is written there. Empty: the overlay is not tried. Call it before unsharing any
// namespace. The binary is the one that runs, also when its file was deleted or replaced since.
//
// kAlready: a sealed memfd, a read-only filesystem, or a file that root owns and nobody else may
// write while we are not root (and thus can map neither root nor its group).
Result<SealedSelf> sealed_self(const std::string& scratch_directory);

}  // namespace mycontainer::reexec
