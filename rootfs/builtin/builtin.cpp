#include "rootfs/builtin/builtin.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "reexec/sys/file.h"
#include "rootfs/builtin/archive.h"
#include "rootfs/builtin/embedded.h"

namespace mycontainer::rootfs::builtin {

namespace {

constexpr const char* kUnfinished = ".unpacking";

Result<UniqueFd> lock(int store) {
  TRY(UniqueFd fd, sys::open_at(store, ".lock", O_RDWR | O_CREAT, 0600));
  while (::flock(fd.get(), LOCK_EX) < 0) {
    if (errno != EINTR) return fail_errno("lock the store of the built-in root filesystem");
  }
  return fd;
}

Result<void> unpack_unfinished(int store) {
  TRY_VOID(sys::remove_tree_at(store, kUnfinished));
  if (::mkdirat(store, kUnfinished, 0700) < 0) return fail_errno("mkdir {}", kUnfinished);
  TRY(UniqueFd directory, sys::open_at(store, kUnfinished, O_RDONLY | O_DIRECTORY));
  TRY(const std::string archive, decompress(embedded_archive()));
  TRY(const auto entries, read_archive(archive));
  TRY_VOID(unpack(entries, directory.get()));
  if (::fchmod(directory.get(), 0755) < 0) return fail_errno("chmod {}", kUnfinished);
  return {};
}

Result<void> unpack_once(const std::string& store_path) {
  TRY_VOID(sys::make_directories(store_path, 0700));
  TRY(UniqueFd store, sys::open_at(AT_FDCWD, store_path, O_RDONLY | O_DIRECTORY));
  TRY(UniqueFd held, lock(store.get()));
  if (::faccessat(store.get(), content_digest(), F_OK, 0) == 0) return {};  // somebody was faster
  if (auto unpacked = unpack_unfinished(store.get()); !unpacked) {
    (void)sys::remove_tree_at(store.get(), kUnfinished);  // the disk may be full
    return unpacked;
  }
  if (::renameat(store.get(), kUnfinished, store.get(), content_digest()) == 0) return {};
  return fail_errno("rename {}", kUnfinished);
}

}  // namespace

ImageConfig image_config() {
  return {{"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"}, {"sh"}, "/"};
}

Result<std::string> ensure_unpacked(const std::string& data_root) {
  const std::string store = data_root + "/builtin";
  std::string tree = store + "/" + content_digest();
  if (::access(tree.c_str(), F_OK) == 0) return tree;
  auto unpacked = unpack_once(store);
  if (!unpacked) {
    return within("unpack the built-in root filesystem into " + store, std::move(unpacked).error());
  }
  return tree;
}

}  // namespace mycontainer::rootfs::builtin
