// One member of an archive: a file, directory, link or device with all that is known of it. Plain
// data, between whoever reads a tree or a tar stream and whoever writes one.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <ctime>
#include <map>
#include <string>
#include <vector>

namespace mycontainer::rootfs::archive {

enum class Kind : std::uint8_t {
  kFile,
  kDirectory,
  kSymlink,
  kHardLink,  // another name of the member `target`
  kFifo,
  kCharacterDevice,
  kBlockDevice,
};

// Bytes that are there; between them a sparse file has holes.
struct Extent {
  std::uint64_t offset = 0, length = 0;
};

struct Entry {
  std::string path;  // as the archive has it; what reads a tree makes relative ones
  Kind kind = Kind::kFile;
  mode_t mode = 0;  // permissions, setuid, setgid and sticky bits
  uid_t uid = 0;    // as this process's user namespace has them
  gid_t gid = 0;
  std::uint64_t size = 0;  // of a file
  timespec mtime{};
  std::string target;  // of a symbolic or hard link
  dev_t device = 0;
  // By the kernel's names and with its bytes, ACLs (system.posix_acl_*) too.
  std::map<std::string, std::string> xattrs;
  // Of a sparse file, in order; a file of one hole has one of length 0. Empty: no holes.
  std::vector<Extent> extents;
};

}  // namespace mycontainer::rootfs::archive
