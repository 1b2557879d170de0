// The archive inside this binary. Private to rootfs/builtin.
#pragma once

#include <string>
#include <string_view>

#include "reexec/sys/error.h"

namespace mycontainer::rootfs::builtin {

// The compressed bytes, as embedded.
std::string_view embedded_archive();

// Decompresses one zstd frame that states its size.
Result<std::string> decompress(std::string_view compressed);

}  // namespace mycontainer::rootfs::builtin
