// What the reader and the writer share of libarchive. Private to rootfs/archive: no other folder
// includes the library's headers.
#pragma once

#include <archive.h>
#include <archive_entry.h>
#include <sys/stat.h>

#include <memory>
#include <string>

#include "reexec/sys/error.h"
#include "rootfs/archive/entry.h"

namespace mycontainer::rootfs::archive {

struct FreeMember {
  void operator()(archive_entry* member) const { archive_entry_free(member); }
};
using Member = std::unique_ptr<archive_entry, FreeMember>;

mode_t file_type(Kind kind);

// What the library says went wrong. EILSEQ (the format) and EINVAL (its use) are numbers of its
// own; for all others what the kernel said.
Failure library_failure(::archive* handle, const std::string& what);

}  // namespace mycontainer::rootfs::archive
