#include "runtime/images/save.h"

#include <fcntl.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>

#include "reexec/sys/copy_bytes.h"
#include "reexec/sys/file.h"
#include "reexec/sys/new_file.h"
#include "runtime/images/plain_tar.h"
#include "runtime/state/event_log.h"

namespace mycontainer::runtime::images {

namespace {

using rootfs::content::BlobStore;
using rootfs::image::ImageStore;

constexpr mode_t kFileMode = 0600;  // Docker's

Result<void> write_content(const BlobStore& blobs, const SavedMember& member, int out) {
  if (member.blob.empty()) return sys::write_all(out, member.text);
  TRY(const UniqueFd blob, blobs.open_blob(member.blob));
  auto copied = sys::copy_bytes(blob.get(), member.size, out);
  if (!copied) return within(member.name, std::move(copied).error());
  return copied;
}

Result<void> write_tar(const BlobStore& blobs, const std::vector<SavedMember>& members, int out) {
  for (const SavedMember& member : members) {
    TRY_VOID(sys::write_all(out, tar_header(member.name, member.size)));
    if (member.is_directory()) continue;
    TRY_VOID(write_content(blobs, member, out));
    TRY_VOID(sys::write_all(out, tar_padding(member.size)));
  }
  return sys::write_all(out, tar_end());
}

Result<void> write_files(const BlobStore& blobs, const std::vector<SavedMember>& members,
                         int directory) {
  for (const SavedMember& member : members) {
    if (member.is_directory()) {
      if (::mkdirat(directory, member.name.c_str(), 0755) < 0) {
        return fail_errno("create {}", member.name);
      }
      continue;
    }
    TRY(const UniqueFd file,
        sys::open_at(directory, member.name, O_WRONLY | O_CREAT | O_EXCL, 0644));
    TRY_VOID(write_content(blobs, member, file.get()));
  }
  return {};
}

Result<void> save_directory(const BlobStore& blobs, const std::vector<SavedMember>& members,
                            std::string path) {
  while (path.size() > 1 && path.ends_with('/')) path.pop_back();
  const std::size_t slash = path.rfind('/');
  const std::size_t name = slash == std::string::npos ? 0 : slash + 1;
  std::uint64_t number = 0;
  (void)::getrandom(&number, sizeof number, 0);
  const std::string temporary =
      fmt::format("{}.{}.{:016x}", path.substr(0, name), path.substr(name), number);
  if (::mkdir(temporary.c_str(), 0755) < 0) return fail_errno("create a directory for {}", path);
  const auto make = [&]() -> Result<void> {
    TRY(const UniqueFd directory, sys::open_at(AT_FDCWD, temporary, O_RDONLY | O_DIRECTORY));
    TRY_VOID(write_files(blobs, members, directory.get()));
    if (::rename(temporary.c_str(), path.c_str()) < 0) return fail_errno("create {}", path);
    return {};
  };
  auto made = make();
  if (!made) (void)sys::remove_tree_at(AT_FDCWD, temporary);
  return made;
}

Result<void> save_file(const BlobStore& blobs, const std::vector<SavedMember>& members,
                       const std::string& path) {
  TRY(sys::NewFile file, sys::NewFile::create(path, kFileMode));
  auto written = write_tar(blobs, members, file.fd());
  if (!written) return within(path, std::move(written).error());
  return file.commit();
}

}  // namespace

Result<void> save(const state::Roots& roots, const SaveRequest& request) {
  (void)std::signal(SIGPIPE, SIG_IGN);
  TRY(const ImageStore store, ImageStore::open(roots.data));
  TRY(const rootfs::image::Use use, store.use());
  TRY(const auto images, images_to_save(store, request.words, request.platform));
  TRY(const auto members, members_of(store, images, request.format));
  if (request.format == SaveFormat::kOciDirectory) {
    TRY_VOID(save_directory(store.blobs(), members, request.output));
  } else if (request.output.empty()) {
    TRY_VOID(write_tar(store.blobs(), members, STDOUT_FILENO));
  } else {
    TRY_VOID(save_file(store.blobs(), members, request.output));
  }
  for (const SavedImage& saved : images) {
    const std::string& id = saved.image.id.text();
    state::append_event(roots, {state::now(), "image", "save", id, {{"name", id}}});
  }
  return {};
}

}  // namespace mycontainer::runtime::images
