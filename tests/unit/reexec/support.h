// Small questions the tests of this folder ask about their own process.
#pragma once

#include <sys/types.h>

#include <string>

#include "reexec/sys/error.h"
#include "reexec/sys/unique_fd.h"

namespace mycontainer::reexec::testing {

bool same_file(int one, int other);
int open_descriptor_count();
// The state letter of /proc/PID/stat ('Z' for a zombie), or '-' when there is no such process.
char state_of(pid_t pid);
// Children of this process, zombies included.
int child_count();
// A new directory below /tmp, removed with all it holds at the end of the test.
class TemporaryDirectory {
 public:
  TemporaryDirectory();
  ~TemporaryDirectory();
  TemporaryDirectory(const TemporaryDirectory&) = delete;
  TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;
  [[nodiscard]] const std::string& path() const { return path_; }

 private:
  std::string path_;
};

std::string read_text(const std::string& path);

}  // namespace mycontainer::reexec::testing
