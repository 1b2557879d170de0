#include "tests/fuzz/exercise_layer.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>

#include "reexec/sys/file.h"
#include "rootfs/layer/unpack_stream.h"

namespace mycontainer::fuzz {

namespace {

constexpr const char* kCanary = "untouched";

// A directory with "tree" and "canary" in it, for as long as the process lives.
const std::string& place() {
  static const std::string path = [] {
    std::string name = "/tmp/mycontainer-fuzz-XXXXXX";
    if (::mkdtemp(name.data()) == nullptr) return std::string("/nonexistent");
    (void)sys::write_file_at(AT_FDCWD, name + "/canary", kCanary, O_WRONLY | O_CREAT, 0600);
    return name;
  }();
  return path;
}

std::string what_changed() {
  std::size_t count = 0;
  for (const auto& entry : std::filesystem::directory_iterator(place())) {
    (void)entry;
    ++count;
  }
  struct stat status {};
  const std::string canary = place() + "/canary";
  if (count != 2 || ::lstat(canary.c_str(), &status) < 0) return "the directory around the tree";
  if (status.st_mode != (S_IFREG | 0600) || status.st_nlink != 1) return "the canary's node";
  if (sys::read_file_at(AT_FDCWD, canary).value_or("") != kCanary) return "the canary's bytes";
  return {};
}

}  // namespace

Outcome exercise_layer(std::string_view blob) {
  const std::string tree = place() + "/tree";
  const mode_t before = ::umask(0);
  Outcome outcome;
  if (::mkdir(tree.c_str(), 0755) < 0) return {"mkdir", "the tree before could not be removed"};
  const UniqueFd root(::open(tree.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  bool given = false;
  const auto source = [&]() -> Result<std::string_view> {
    return std::exchange(given, true) ? std::string_view() : blob;
  };
  const auto made = rootfs::layer::unpack_stream(source, {blob.size(), {}, true}, root.get());
  if (!made) outcome.refusal = made.error().message();
  outcome.finding = what_changed();
  (void)sys::remove_tree_at(AT_FDCWD, tree);
  ::umask(before);
  return outcome;
}

}  // namespace mycontainer::fuzz
