// A root filesystem full of traps, beside a directory that nothing may touch.
#pragma once

#include <string>
#include <vector>

#include "tests/support/temporary_directory.h"

namespace mycontainer::test {

// <temporary>/root holds directories, files, a fifo and links of every hostile form;
// <temporary>/outside is the canary.
class HostileTree {
 public:
  HostileTree();
  [[nodiscard]] std::string root() const { return directory_ / "root"; }
  [[nodiscard]] std::string outside() const { return directory_ / "outside"; }
  [[nodiscard]] UniqueFd open_root() const { return directory_.open("root"); }
  // The names in the root that links lead out by, and the harmless ones.
  [[nodiscard]] const std::vector<std::string>& names() const { return names_; }
  // Every name below `outside` with its kind and size: equal before and after, or the test failed.
  [[nodiscard]] std::string canary() const;

 private:
  void link(const std::string& target, const std::string& name);

  TemporaryDirectory directory_;
  std::vector<std::string> names_;
};

// The path that the kernel gives for an open descriptor.
std::string path_of(int fd);

}  // namespace mycontainer::test
