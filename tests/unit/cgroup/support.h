// What the tests of this folder share: a tree of files to stand for a cgroup filesystem.
#pragma once

#include <stdlib.h>

#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

#include "reexec/sys/file.h"

namespace mycontainer::runtime::cgroup {

class TemporaryTree {
 public:
  TemporaryTree() {
    std::string name = (std::filesystem::temp_directory_path() / "cgroup-test-XXXXXX").string();
    root_ = ::mkdtemp(name.data());
  }
  TemporaryTree(const TemporaryTree&) = delete;
  TemporaryTree& operator=(const TemporaryTree&) = delete;
  ~TemporaryTree() { std::filesystem::remove_all(root_); }

  [[nodiscard]] std::string path(const std::string& below) const {
    return below.empty() ? root_ : root_ + "/" + below;
  }
  void make(const std::string& below) const { std::filesystem::create_directories(path(below)); }
  void write(const std::string& below, const std::string& text) const {
    std::filesystem::create_directories(std::filesystem::path(path(below)).parent_path());
    std::ofstream(path(below)) << text;
  }
  [[nodiscard]] std::string read(const std::string& below) const {
    std::ostringstream text;
    text << std::ifstream(path(below)).rdbuf();
    return text.str();
  }
  [[nodiscard]] bool has(const std::string& below) const {
    return std::filesystem::exists(path(below));
  }

 private:
  std::string root_;
};

}  // namespace mycontainer::runtime::cgroup
