// The root filesystem that is always there: Debian's busybox-static, embedded in this binary at
// build time (scripts/make-builtin-rootfs) and unpacked into the store on first use. Run by the
// parent.
#pragma once

#include <string>
#include <vector>

#include "reexec/sys/error.h"

namespace mycontainer::rootfs::builtin {

// What an image's configuration would say of it.
struct ImageConfig {
  std::vector<std::string> env, command;
  std::string working_directory;
};
ImageConfig image_config();

// The SHA-256 of the tree's archive, 64 hexadecimal digits: changes with its content only.
const char* content_digest();

// The path of the unpacked tree, <data_root>/builtin/<digest>, a read-only lower layer that must
// not be written to. One call when it is there; otherwise it is unpacked beside its place, synced,
// and renamed, under a lock: safe against any number of first starts at once and against being
// killed at any moment. `data_root` is made (0700) when missing. Files belong to the caller.
Result<std::string> ensure_unpacked(const std::string& data_root);

}  // namespace mycontainer::rootfs::builtin
