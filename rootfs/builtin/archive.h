// The form of the built-in root filesystem's archive: lines of text, an empty line, the files'
// bytes. It is our own because it need hold only directories, files and links without owner or
// time: the reader below is smaller than any tar library, and the writer is a shell script
// (scripts/make-builtin-rootfs, which describes the lines). Private to rootfs/builtin.
#pragma once

#include <sys/types.h>

#include <string>
#include <string_view>
#include <vector>

#include "reexec/sys/error.h"

namespace mycontainer::rootfs::builtin {

struct ArchiveEntry {
  enum class Kind { kDirectory, kFile, kLink };
  Kind kind = Kind::kDirectory;
  std::string path;  // relative, without "." or ".." in it
  mode_t mode = 0;
  std::string target;      // kLink
  std::string_view bytes;  // kFile; points into the archive
};

// Reads all entries. Nothing of `archive` is trusted: a line of another form, a path that leaves
// the tree, or sizes that do not add up to the archive's end are errors.
Result<std::vector<ArchiveEntry>> read_archive(std::string_view archive);

// Makes the entries below the empty directory `dirfd`, which nobody else may write to.
Result<void> unpack(const std::vector<ArchiveEntry>& entries, int dirfd);

}  // namespace mycontainer::rootfs::builtin
