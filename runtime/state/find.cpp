#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <memory>
#include <optional>

#include "reexec/sys/file.h"
#include "runtime/state/names.h"
#include "runtime/state/record_scanner.h"
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

// A record as we write it, in three system calls; nothing for everything else.
std::optional<Record> read_quickly(const UniqueFd& containers, const std::string& id) {
  const UniqueFd file(::openat(containers.get(), (id + "/record.json").c_str(),
                               O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
  std::array<char, 16384> text;
  const ssize_t size = file ? ::read(file.get(), text.data(), text.size()) : -1;
  if (size <= 0) return std::nullopt;
  auto record = scan_record({text.data(), static_cast<std::size_t>(size)});
  return record && record->id == id ? std::move(record) : std::nullopt;
}

// Nothing of a container that is gone, or was never finished.
std::optional<Listed> read_thoroughly(const Roots& roots, const std::string& id) {
  const auto container = Container::open(roots, id);
  if (!container) return std::nullopt;
  auto record = container->read();
  if (record) return Listed{std::move(*record), {}};
  struct stat status {};
  const bool gone = ::fstat(container->fd(), &status) == 0 && status.st_nlink == 0;
  if (gone || is_unfinished(*container)) return std::nullopt;
  Listed broken;
  broken.record.id = id;
  broken.broken = record.error().message();
  return broken;
}

// Records are large: each is moved once.
std::vector<Listed> newest_first(std::vector<Listed> all) {
  std::vector<Listed*> order;
  order.reserve(all.size());
  for (Listed& item : all) order.push_back(&item);
  std::ranges::sort(order, std::greater(), [](const Listed* item) { return item->record.created; });
  std::vector<Listed> sorted;
  sorted.reserve(all.size());
  for (Listed* item : order) sorted.push_back(std::move(*item));
  return sorted;
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
  const UniqueFd directory(
      ::open(containers_in(roots.data).c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  std::vector<Listed> all;
  all.reserve(ids.size());
  for (const std::string& id : ids) {
    if (auto record = read_quickly(directory, id)) {
      all.push_back({std::move(*record), {}});
    } else if (auto listed = read_thoroughly(roots, id)) {
      all.push_back(std::move(*listed));
    }
  }
  return newest_first(std::move(all));
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
