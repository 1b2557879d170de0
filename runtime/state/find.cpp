#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <memory>

#include "reexec/sys/file.h"
#include "runtime/state/names.h"
#include "runtime/state/store.h"

namespace mycontainer::runtime::state {

namespace {

bool is_hexadecimal(std::string_view text) {
  return std::ranges::all_of(
      text, [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}

// A directory without a record whose maker is gone or still busy; one with a layer has been more.
bool is_unfinished(const Container& container) {
  return ::faccessat(container.fd(), "record.json", F_OK, AT_SYMLINK_NOFOLLOW) < 0 &&
         ::faccessat(container.fd(), "upper", F_OK, AT_SYMLINK_NOFOLLOW) < 0;
}

// The record decides: a rename that was killed leaves a link beside it, by the old name or the new.
bool bears_name(const Roots& roots, const std::string& id, std::string_view name) {
  const auto container = Container::open(roots, id);
  if (!container) return false;
  const auto record = container->read();
  return !record || record->name == name;
}

}  // namespace

Result<std::vector<std::string>> list_ids(const Roots& roots) {
  std::vector<std::string> ids;
  const std::string path = containers_in(roots.data);
  const std::unique_ptr<DIR, int (*)(DIR*)> directory(::opendir(path.c_str()), ::closedir);
  if (!directory) {
    if (errno == ENOENT) return ids;
    return fail_errno("open {}", path);
  }
  while (const dirent* entry = ::readdir(directory.get())) {
    if (entry->d_name[0] != '.') ids.emplace_back(entry->d_name);
  }
  return ids;
}

Result<std::vector<Listed>> list(const Roots& roots) {
  TRY(const auto ids, list_ids(roots));
  std::vector<Listed> all;
  all.reserve(ids.size());
  for (const std::string& id : ids) {
    const auto container = Container::open(roots, id);
    if (!container) continue;
    auto record = container->read();
    if (record) {
      all.push_back({std::move(*record), {}});
      continue;
    }
    struct stat status {};
    const bool gone = ::fstat(container->fd(), &status) == 0 && status.st_nlink == 0;
    if (gone || is_unfinished(*container)) continue;
    Listed broken;
    broken.record.id = id;
    broken.broken = record.error().message();
    all.push_back(std::move(broken));
  }
  std::ranges::sort(all, std::greater(), [](const Listed& item) { return item.record.created; });
  return all;
}

Result<std::string> find(const Roots& roots, std::string_view word) {
  const std::string_view asked = word;
  if (word.starts_with('/')) word.remove_prefix(1);
  if (!word.empty() && word.find('/') == std::string_view::npos && word.front() != '.') {
    auto owner = owner_of_name(roots, std::string(word));
    if (!owner.empty() && bears_name(roots, owner, word)) return owner;
    if (Container::open(roots, std::string(word))) return std::string(word);
  }
  std::vector<std::string> matches;
  if (!word.empty() && is_hexadecimal(word)) {
    TRY(const auto ids, list_ids(roots));
    for (const std::string& id : ids) {
      if (id.starts_with(word)) matches.push_back(id);
    }
  }
  if (matches.size() == 1) return matches.front();
  if (matches.empty()) {
    return Failure(Error{fmt::format("no such container: {}", asked), 0, {}, 0});
  }
  return Failure(
      Error{fmt::format("{} is the beginning of the ids of several containers", asked), 0, {}, 0});
}

}  // namespace mycontainer::runtime::state
