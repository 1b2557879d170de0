// Makes a tree of files from a tar stream. Any process; the stream, and whoever else writes to the
// target meanwhile, may be hostile.
//
// Safe by construction: every member is made by its last name in an open directory, which was
// reached from the target in one of two ways; no existing link is ever written through, no name
// has "..", and nothing is opened that was not just made.
#pragma once

#include <string>
#include <vector>

#include "reexec/sys/error.h"
#include "rootfs/archive/tar_reader.h"

namespace mycontainer::rootfs::archive {

// Whom new files belong to.
enum class Owner : std::uint8_t {
  kCaller,         // who runs this; what is there keeps its owner
  kRoot,           // 0:0
  kArchive,        // whom the archive says
  kArchiveOrRoot,  // the same, but 0:0 for an id that this user namespace does not have
};

struct UnpackTarget {
  int root = -1;
  // With a `directory`, links on the way to it and below it are followed, all within `root`
  // (rootfs/path). Empty: below `root` itself, and a link on the way is an error.
  std::string directory{};
};

struct UnpackOptions {
  Owner owner = Owner::kCaller;
  bool devices = false;  // make device nodes; else, or where the kernel refuses, they are left out
  // Rights that go with an owner: setuid and setgid bits, file capabilities, ACLs.
  bool rights = false;
};

// The rules are Docker's: a member replaces what has its name, but neither a directory a
// non-directory nor the other way round; a directory that exists is kept and takes the member's
// mode, owner and time, except for the target itself (a member named "."); missing parents are
// made. A leading "/" is dropped; ".." is an error. What is mounted upon (EBUSY) is overwritten in
// place. Returns the names of the device nodes that were left out.
Result<std::vector<std::string>> unpack(TarReader& in, const UnpackTarget& target,
                                        const UnpackOptions& options);

// A member's path without empty components, "." and a leading "/"; the whole is "." when nothing
// is left. An error: "..". Pure.
Result<std::string> clean_member_path(const std::string& path);

}  // namespace mycontainer::rootfs::archive
