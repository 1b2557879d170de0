// Replacing a small file whole: who reads it finds the old text or the new one. Either side.
#pragma once

#include <sys/types.h>

#include <string>
#include <string_view>

#include "reexec/sys/error.h"

namespace mycontainer::reexec::sys {

// Written as NAME.tmp below `dirfd` and renamed; nothing is synced. On failure (a full disk) the
// old file is as it was, and nothing else is left. "write NAME" with the errno.
Result<void> replace_file_at(int dirfd, const std::string& name, std::string_view bytes,
                             mode_t mode);

// The same, synced before it is renamed: after a crash it is the old text or the new one, never
// an empty file.
Result<void> replace_file_durably_at(int dirfd, const std::string& name, std::string_view bytes,
                                     mode_t mode);

}  // namespace mycontainer::reexec::sys
