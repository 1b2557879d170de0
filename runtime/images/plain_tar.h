// Writes a tar archive whose members are whole files of ours: one block for each header, and the
// kernel copies the bytes (libarchive would hand each of them through two buffers). Private to
// runtime/images.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "reexec/sys/error.h"

namespace mycontainer::runtime::images {

// The block before a member's bytes: ustar, with GNU's form of a size from 8 GiB on. Nobody's time
// and root's files, so that the same content gives the same bytes. `name` has at most 100 bytes;
// one that ends with "/" is a directory's. Pure.
std::string tar_header(std::string_view name, std::uint64_t size);

// To the next whole block.
std::string_view tar_padding(std::uint64_t size);
std::string_view tar_end();

}  // namespace mycontainer::runtime::images
