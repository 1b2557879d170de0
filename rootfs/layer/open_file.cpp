#include "rootfs/layer/open_file.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <climits>
#include <deque>

#include "reexec/sys/file.h"
#include "rootfs/layer/marks.h"
#include "rootfs/path/open.h"

namespace mycontainer::rootfs::layer {

namespace {

constexpr int kMaxLinks = 40;
constexpr std::size_t kMaxKeptRoots = 200;  // of the 1,024 descriptors that a process may have
constexpr std::size_t kMaxNames = PATH_MAX / 2;

void push_front(std::deque<std::string>& rest, std::string_view path) {
  std::vector<std::string> names;
  while (!path.empty()) {
    const std::size_t slash = path.find('/');
    const std::string_view name = path.substr(0, slash);
    if (!name.empty() && name != ".") names.emplace_back(name);
    path = slash == path.npos ? std::string_view() : path.substr(slash + 1);
  }
  rest.insert(rest.begin(), names.begin(), names.end());
}

enum class Seen { kNothing, kNotEvenTheFirst, kFound, kEnd };

// One layer's part in a path without links. kEnd: the layers below do not show there.
Result<Seen> look_into(int root, const std::vector<std::string>& names, UniqueFd& found) {
  UniqueFd place;
  bool hides_below = false;
  for (std::size_t depth = 0; depth < names.size(); ++depth) {
    const int directory = place ? place.get() : root;
    UniqueFd next(::openat(directory, names[depth].c_str(), O_PATH | O_NOFOLLOW | O_CLOEXEC));
    if (!next && errno == ENOENT && depth == 0) return Seen::kNotEvenTheFirst;
    if (!next && errno == ENOENT) break;
    struct stat status {};
    if (!next || ::fstat(next.get(), &status) < 0) return fail_errno("look into a layer");
    if (is_whiteout(next.get(), status)) return Seen::kEnd;
    if (depth + 1 == names.size()) {
      found = std::move(next);
      return Seen::kFound;
    }
    // What is no directory does not show below the directory of an upper layer.
    if (!S_ISDIR(status.st_mode)) return Seen::kEnd;
    hides_below = hides_below || is_opaque(next.get());
    place = std::move(next);
  }
  return hides_below ? Seen::kEnd : Seen::kNothing;
}

}  // namespace

Result<int> LayerStack::root(std::size_t layer) {
  if (!roots_[layer]) {
    TRY(roots_[layer], sys::open_at(AT_FDCWD, trees_[layer], O_PATH | O_DIRECTORY));
  }
  return roots_[layer].get();
}

// `names` but the last are directories of the merged tree.
Result<UniqueFd> LayerStack::find(const Names& names) {
  UniqueFd found;
  std::vector<bool>& lacking = lacking_[names.front()];
  lacking.resize(trees_.size());
  for (std::size_t layer = 0; layer < trees_.size(); ++layer) {
    if (lacking[layer]) continue;
    TRY(const int directory, root(layer));
    TRY(const Seen seen, look_into(directory, names, found));
    if (layer >= kMaxKeptRoots) roots_[layer].reset();
    if (seen == Seen::kFound) return found;
    if (seen == Seen::kEnd) break;
    lacking[layer] = seen == Seen::kNotEvenTheFirst;
  }
  return fail_code(ENOENT, "open {} in the image", names.back());
}

Result<UniqueFd> LayerStack::open(std::string_view path) {
  Names done;
  std::deque<std::string> rest;
  push_front(rest, path);
  UniqueFd place;
  for (int links = 0; !rest.empty();) {
    const std::string name = std::move(rest.front());
    rest.pop_front();
    if (name == "..") {
      if (!done.empty()) done.pop_back();
      place.reset();
      continue;
    }
    if (name.size() > NAME_MAX) return fail_code(ENAMETOOLONG, "open a file of the image");
    done.push_back(name);
    TRY(place, find(done));
    struct stat status {};
    if (::fstat(place.get(), &status) < 0) return fail_errno("look into a layer");
    if (S_ISLNK(status.st_mode)) {
      if (++links > kMaxLinks) return fail_code(ELOOP, "open {} in the image", path);
      TRY(const std::string target, path::readlink_fd(place.get()));
      done.pop_back();
      place.reset();
      if (target.starts_with('/')) done.clear();
      push_front(rest, target);
      if (rest.size() > kMaxNames) return fail_code(ELOOP, "open {} in the image", path);
    } else if (!rest.empty() && !S_ISDIR(status.st_mode)) {
      return fail_code(ENOTDIR, "open {} in the image", path);
    }
  }
  if (!place) return fail_code(EISDIR, "open {} in the image", path);
  return place;
}

}  // namespace mycontainer::rootfs::layer
