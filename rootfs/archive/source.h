// Bytes that come in pieces: between what reads a stream, decompresses it and takes it apart.
#pragma once

#include <functional>
#include <string_view>

#include "reexec/sys/error.h"

namespace mycontainer::rootfs::archive {

// The next piece, never empty before the end; an empty one at the end, and from then on. Valid
// until the next call.
using Source = std::function<Result<std::string_view>()>;

// What `fd`, which stays the caller's, gives from where it stands, up to `piece` bytes at a time.
Source read_from(int fd, std::size_t piece = std::size_t{1} << 20);

}  // namespace mycontainer::rootfs::archive
