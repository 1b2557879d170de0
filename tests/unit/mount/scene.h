// What the mount tests share: a root filesystem of their own, inside their mount namespace.
#pragma once

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/mount.h>
#include <sys/stat.h>

#include <algorithm>
#include <string>
#include <vector>

#include "reexec/sys/file.h"
#include "rootfs/mount/attach.h"
#include "rootfs/mount/mountinfo.h"
#include "rootfs/mount/prepare.h"
#include "tests/support/in_namespaces.h"
#include "tests/support/temporary_directory.h"

namespace mycontainer::test {

// The mounts on exactly `mount_point`, bottom first.
inline std::vector<rootfs::mount::MountEntry> mounts_on(const std::string& mount_point) {
  const auto text = sys::read_file_at(AT_FDCWD, "/proc/self/mountinfo");
  EXPECT_TRUE(text);
  auto entries = rootfs::mount::parse_mountinfo(*text);
  std::erase_if(entries, [&](const auto& entry) { return entry.mount_point != mount_point; });
  return entries;
}

inline bool has(const std::vector<std::string>& words, const std::string& word) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

// Plans, prepares and attaches one mount below `rootfd`, as the child does.
inline Result<void> mount_one(int rootfd, const std::string& destination, const std::string& type,
                              const std::string& source, const std::vector<std::string>& options) {
  TRY(auto plan, rootfs::mount::plan_mount(destination, type, source, options));
  TRY(UniqueFd mounted, rootfs::mount::prepare(plan));
  return rootfs::mount::attach(rootfd, plan, mounted.get());
}

inline void expect_ok(const Result<void>& result) {
  EXPECT_TRUE(result) << result.error().message() << " hint: " << result.error().hint;
}

}  // namespace mycontainer::test
