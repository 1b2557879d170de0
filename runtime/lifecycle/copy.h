// `cp`: files from a container to the host or the other way round. Parent side; the container, all
// it holds, and whoever else writes to the directories in question is hostile.
//
// What is copied crosses as a tar stream through a pipe between this process, which works on the
// host's files as the caller, and a helper that works on the container's (runtime/files).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "reexec/sys/error.h"
#include "runtime/state/roots.h"

namespace mycontainer::runtime::lifecycle {

struct CopyRequest {
  std::string id;         // the container's
  std::string container;  // as typed, for messages
  std::string container_path;
  std::string local_path;  // "-": the archive itself, from standard input or to standard output
  // Owners: kept, with all rights that go with them. Else what comes to the container is root's
  // there, and what comes to the host the caller's, without setuid bits and capabilities.
  // A stream from standard input says by itself whose its files are; without `archive` those of ids
  // that the container does not have are root's.
  bool archive = false;
  bool follow_link = false;  // a link as the source: what it leads to
};

struct CopyOutcome {
  std::uint64_t size = 0;             // of a plain archive of it, as Docker tells it
  std::string target;                 // "NAME:/path" or the local path
  std::vector<std::string> left_out;  // device nodes that were not made
};

Result<CopyOutcome> copy_from_container(const state::Roots& roots, const CopyRequest& request);
Result<CopyOutcome> copy_to_container(const state::Roots& roots, const CopyRequest& request);

}  // namespace mycontainer::runtime::lifecycle
