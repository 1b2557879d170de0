#include "runtime/state/names.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <memory>

#include "reexec/sys/file.h"
#include "runtime/state/live.h"
#include "runtime/state/store.h"

namespace mycontainer::runtime::state {

namespace {

std::string names_in(const Roots& roots) { return roots.data + "/names"; }

// A link's text is the id in 44 characters, two for three hexadecimal digits: ext4 keeps up to 59 in
// the inode, and for a longer text a block, which costs some 0.1 ms to free on a disk that is told
// of it (mount option discard).
constexpr std::size_t kIdLength = 64, kPackedLength = 44;
constexpr std::string_view kHex = "0123456789abcdef";
constexpr std::string_view kPacked =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

std::string packed(const std::string& id) {
  if (id.size() != kIdLength || id.find_first_not_of(kHex) != std::string::npos) return id;
  const std::string digits = id + "00";
  std::string text;
  for (std::size_t i = 0; i < digits.size(); i += 3) {
    const std::size_t value =
        kHex.find(digits[i]) << 8 | kHex.find(digits[i + 1]) << 4 | kHex.find(digits[i + 2]);
    text += {kPacked[value >> 6], kPacked[value & 63]};
  }
  return text;
}

std::string unpacked(const std::string& text) {
  if (text.size() != kPackedLength || text.find_first_not_of(kPacked) != std::string::npos) {
    return text;
  }
  std::string id;
  for (std::size_t i = 0; i < text.size(); i += 2) {
    const std::size_t value = kPacked.find(text[i]) << 6 | kPacked.find(text[i + 1]);
    id += {kHex[value >> 8], kHex[value >> 4 & 15], kHex[value & 15]};
  }
  id.resize(kIdLength);
  return id;
}

// One component of a path, as all names and ids are.
bool is_file_name(const std::string& text) {
  return !text.empty() && text.front() != '.' && text.find('/') == std::string::npos;
}

// By nobody of this id, or somebody who has another name: then a killed command left the link.
bool is_abandoned(const Roots& roots, const std::string& name, const std::string& owner) {
  const auto container = Container::open(roots, owner);
  if (!container) return true;
  const UniqueFd again(::openat(container->fd(), ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  // Locked: it is being made or renamed, and the record says nothing yet.
  if (!again || ::flock(again.get(), LOCK_SH | LOCK_NB) < 0) return false;
  const auto record = container->read();
  return record && record->name != name;
}

// A `run --rm` that was killed: by now, or in a moment, when the kernel has let go of its locks.
bool collects(const Roots& roots, const std::string& owner,
              const RemoveForeignTree& remove_foreign) {
  const auto container = Container::open(roots, owner);
  const auto record = container ? container->read() : Result<Record>(Failure(Error{}));
  if (!record || !record->foreground) return false;
  constexpr int kLooks = 20;
  constexpr int kMicrosecondsBetween = 1000;
  for (int look = 0; look < kLooks; ++look) {
    if (!is_supervised(roots, owner)) {
      const auto collected = collect_if_stale(roots, owner, remove_foreign);
      if (collected && *collected) return true;
    }
    ::usleep(kMicrosecondsBetween);
  }
  return false;
}

}  // namespace

std::string owner_of_name(const Roots& roots, const std::string& name) {
  if (!is_file_name(name)) return {};
  std::string owner(256, '\0');
  const ssize_t length =
      ::readlink((names_in(roots) + "/" + name).c_str(), owner.data(), owner.size());
  owner.resize(length > 0 ? static_cast<std::size_t>(length) : 0);
  // What leads elsewhere is no id, and must not be taken for a container's directory.
  return is_file_name(owner) ? unpacked(owner) : std::string();
}

void release_names_of(const Roots& roots, const std::string& id) {
  const std::unique_ptr<DIR, int (*)(DIR*)> names(::opendir(names_in(roots).c_str()), ::closedir);
  if (!names) return;
  while (const dirent* entry = ::readdir(names.get())) {
    if (owner_of_name(roots, entry->d_name) == id) release_name(roots, entry->d_name, id);
  }
}

void release_name(const Roots& roots, const std::string& name, const std::string& id) {
  if (name.empty()) return;
  // Between the look and the unlink another could give the name away and a third one claim it.
  const UniqueFd names(::open(names_in(roots).c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!names || ::flock(names.get(), LOCK_EX) < 0) return;
  if (owner_of_name(roots, name) == id) ::unlinkat(names.get(), name.c_str(), 0);
}

namespace {

// What is no link to an id was not put there by a command of ours. Nobody else can remove it
// meanwhile, and while it is there nobody can claim the name.
void remove_foreign_entry(const Roots& roots, const std::string& name) {
  const UniqueFd names(::open(names_in(roots).c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!names || ::flock(names.get(), LOCK_EX) < 0) return;
  struct stat status {};
  const bool is_there = ::fstatat(names.get(), name.c_str(), &status, AT_SYMLINK_NOFOLLOW) == 0;
  if (!is_there || !owner_of_name(roots, name).empty()) return;
  ::unlinkat(names.get(), name.c_str(), S_ISDIR(status.st_mode) ? AT_REMOVEDIR : 0);
}

}  // namespace

Result<void> claim_name(const Roots& roots, const std::string& name, const std::string& id,
                        const RemoveForeignTree& remove_foreign) {
  const std::string link = names_in(roots) + "/" + name;
  const std::string target = packed(id);
  constexpr int kAttempts = 10;
  for (int attempt = 0; attempt < kAttempts; ++attempt) {
    if (::symlink(target.c_str(), link.c_str()) == 0) return {};
    if (errno == ENOENT) {
      TRY_VOID(sys::make_directories(names_in(roots), 0700));
      continue;
    }
    if (errno != EEXIST) return fail_errno("claim the name {}", name);
    const std::string owner = owner_of_name(roots, name);
    if (owner.empty()) {
      remove_foreign_entry(roots, name);
      continue;
    }
    if (owner == id) return {};
    if (!is_abandoned(roots, name, owner) && !collects(roots, owner, remove_foreign)) {
      Error error{fmt::format("the container name \"{}\" is already in use by container {}", name,
                              owner.substr(0, 12)),
                  0, "remove or rename that container to reuse the name", 0};
      return Failure(std::move(error));
    }
    release_name(roots, name, owner);
  }
  return fail("the container name \"{}\" is being claimed by others", name);
}

}  // namespace mycontainer::runtime::state
