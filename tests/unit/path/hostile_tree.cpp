#include "tests/unit/path/hostile_tree.h"

#include <algorithm>
#include <climits>
#include <filesystem>

namespace mycontainer::test {

HostileTree::HostileTree() {
  directory_.make_directory("outside");
  directory_.make_directory("outside/sub");
  directory_.make_file("outside/secret", "secret");
  directory_.make_directory("root");
  directory_.make_directory("root/dir");
  directory_.make_directory("root/dir/sub");
  directory_.make_file("root/dir/file", "inside");
  directory_.make_file("root/file", "inside");
  EXPECT_EQ(::mkfifo((root() + "/fifo").c_str(), 0644), 0);
  names_ = {"dir", "file", "fifo", "sub", "missing"};
  link("/dir", "abs_dir");
  link("dir/../dir/sub/", "roundabout");
  link("/dir/file", "abs_file");
  link(outside(), "out");
  link(outside() + "/secret", "out_file");
  link("../outside", "up");
  link("../../../../../../../../../..", "top");
  link("/..", "abs_up");
  link("/", "slash");
  link("missing", "dangling");
  link("/missing/too", "dangling_deep");
  link("dangling", "dangling_twice");
  link("loop_b", "loop_a");
  link("loop_a", "loop_b");
  link("/proc/self/root" + outside(), "magic");
  link(".", "here");
  link("fifo", "to_fifo");
}

void HostileTree::link(const std::string& target, const std::string& name) {
  directory_.make_link(target, "root/" + name);
  names_.push_back(name);
}

std::string HostileTree::canary() const {
  std::vector<std::string> lines;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(outside())) {
    lines.push_back(entry.path().string() + " " +
                    std::to_string(static_cast<int>(entry.symlink_status().type())) +
                    (entry.is_regular_file() ? " " + std::to_string(entry.file_size()) : ""));
  }
  std::sort(lines.begin(), lines.end());
  std::string text;
  for (const std::string& line : lines) text += line + "\n";
  return text;
}

std::string path_of(int fd) {
  std::string path(PATH_MAX, '\0');
  const ssize_t length = ::readlink(sys::fd_path(fd).c_str(), path.data(), path.size());
  path.resize(length < 0 ? 0 : static_cast<std::size_t>(length));
  return path;
}

}  // namespace mycontainer::test
