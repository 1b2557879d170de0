// A directory below /tmp for one test, removed with all it holds when the test ends.
#pragma once

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <string>

#include "reexec/sys/file.h"

namespace mycontainer::test {

class TemporaryDirectory {
 public:
  TemporaryDirectory() {
    std::string name = "/tmp/mycontainer-test-XXXXXX";
    if (::mkdtemp(name.data()) == nullptr) ADD_FAILURE() << "mkdtemp: errno " << errno;
    path_ = name;
  }
  ~TemporaryDirectory() {
    const auto removed = sys::remove_tree_at(AT_FDCWD, path_);
    EXPECT_TRUE(removed) << removed.error().message();
  }
  TemporaryDirectory(const TemporaryDirectory&) = delete;
  TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;

  [[nodiscard]] const std::string& path() const { return path_; }
  [[nodiscard]] std::string operator/(const std::string& name) const { return path_ + "/" + name; }

  void make_directory(const std::string& name, mode_t mode = 0755) const {
    EXPECT_EQ(::mkdir((*this / name).c_str(), mode), 0) << name << ": errno " << errno;
  }
  void make_file(const std::string& name, const std::string& text = "") const {
    const auto written =
        sys::write_file_at(AT_FDCWD, *this / name, text, O_WRONLY | O_CREAT | O_TRUNC, 0644);
    EXPECT_TRUE(written) << written.error().message();
  }
  void make_link(const std::string& target, const std::string& name) const {
    EXPECT_EQ(::symlink(target.c_str(), (*this / name).c_str()), 0) << name << ": errno " << errno;
  }
  [[nodiscard]] UniqueFd open(const std::string& name = ".") const {
    return UniqueFd(::open((*this / name).c_str(), O_PATH | O_CLOEXEC));
  }

 private:
  std::string path_;
};

}  // namespace mycontainer::test
