// A file that appears under its name whole or not at all. Either side.
#pragma once

#include <sys/types.h>

#include <string>

#include "reexec/sys/error.h"
#include "reexec/sys/unique_fd.h"

namespace mycontainer::reexec::sys {

// What is written to fd() gets its name with commit(), in the place of what had it before; without
// that nothing is left. Where the filesystem can, not even SIGKILL leaves anything behind. What is
// no regular file (a device, a fifo) is written to as it is.
class NewFile {
 public:
  static Result<NewFile> create(const std::string& path, mode_t mode);
  NewFile(NewFile&& other) noexcept;
  NewFile& operator=(NewFile&&) = delete;
  ~NewFile();

  [[nodiscard]] int fd() const { return file_.get(); }
  Result<void> commit();

 private:
  NewFile() = default;
  [[nodiscard]] Result<void> name_unnamed();

  UniqueFd directory_, file_;
  std::string name_;       // in directory_; empty: written to as it is, or committed
  std::string temporary_;  // in directory_; empty: it has no name yet
};

}  // namespace mycontainer::reexec::sys
