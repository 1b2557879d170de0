// Streams and trees for the archive's tests.
#pragma once

#include <gtest/gtest.h>
#include <sys/mman.h>
#include <unistd.h>

#include <string>
#include <string_view>
#include <vector>

#include "reexec/sys/file.h"
#include "rootfs/archive/tar_reader.h"
#include "rootfs/archive/tar_writer.h"
#include "rootfs/archive/tree_reader.h"
#include "rootfs/archive/unpack.h"
#include "tests/support/temporary_directory.h"

namespace mycontainer::rootfs::archive {

inline UniqueFd stream() { return UniqueFd(::memfd_create("stream", MFD_CLOEXEC)); }

inline Entry named(Kind kind, std::string path, std::string target = "") {
  Entry entry;
  entry.kind = kind;
  entry.path = std::move(path);
  entry.target = std::move(target);
  entry.mode = kind == Kind::kDirectory ? 0755 : 0644;
  entry.uid = ::geteuid();
  entry.gid = ::getegid();
  entry.mtime = {1700000000, 123456789};
  return entry;
}

// A stream of members; files hold "new".
inline UniqueFd archive_of(const std::vector<Entry>& entries) {
  UniqueFd fd = stream();
  const UniqueFd text = *sys::sealed_memfd("text", "new");
  auto writer = *TarWriter::open(fd.get());
  for (Entry entry : entries) {
    if (entry.kind == Kind::kFile) entry.size = 3;
    const auto added = writer.add(entry, text.get());
    EXPECT_TRUE(added) << added.error().message();
  }
  EXPECT_TRUE(writer.finish());
  ::lseek(fd.get(), 0, SEEK_SET);
  return fd;
}

inline UniqueFd packed(const std::string& tree, const std::string& name = ".") {
  UniqueFd fd = stream();
  const UniqueFd node(::open(tree.c_str(), O_PATH | O_NOFOLLOW | O_CLOEXEC));
  auto writer = *TarWriter::open(fd.get());
  const auto done = pack(node.get(), name, writer);
  EXPECT_TRUE(done) << done.error().message();
  EXPECT_TRUE(writer.finish());
  ::lseek(fd.get(), 0, SEEK_SET);
  return fd;
}

inline Result<std::vector<std::string>> unpacked(int fd, const UnpackTarget& target,
                                                 const UnpackOptions& options = {}) {
  TRY(TarReader reader, TarReader::open(fd));
  return unpack(reader, target, options);
}

inline Result<std::vector<std::string>> unpacked(int fd, const std::string& directory,
                                                 const UnpackOptions& options = {}) {
  const UniqueFd root(::open(directory.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  return unpacked(fd, UnpackTarget{root.get(), {}}, options);
}

inline std::string contents(const std::string& path) {
  return sys::read_file_at(AT_FDCWD, path).value_or("(none)");
}

inline struct stat status_of(const std::string& path) {
  struct stat status {};
  EXPECT_EQ(::lstat(path.c_str(), &status), 0) << path << ": errno " << errno;
  return status;
}

}  // namespace mycontainer::rootfs::archive
