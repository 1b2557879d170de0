// The files of one log, by name: log.json is the one of the moment, log.json.1 the one before, and
// so on. Monitor and readers.
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

#include "reexec/sys/error.h"
#include "reexec/sys/unique_fd.h"

namespace mycontainer::runtime::log {

std::string file_name(unsigned index);

// Makes a new, empty log.json and gives every older file the next number; the one that would be the
// `files`th (from 0) is gone. The new file exists before anything is renamed, so that a full disk
// leaves all as it was; log.json is missing for one moment between two renames.
Result<UniqueFd> rotate(int directory, unsigned files);

struct LogFile {
  UniqueFd fd;
  dev_t device = 0;
  ino_t inode = 0;
  off_t size = 0;

  [[nodiscard]] bool is(const LogFile& other) const {
    return device == other.device && inode == other.inode;
  }
};

// All files, oldest first, as they were at one moment: when the writer rotates meanwhile, it looks
// again. None: an empty list.
Result<std::vector<LogFile>> open_files(int directory);

// log.json is still the file that `file` was opened as.
bool is_youngest(int directory, const LogFile& file);

}  // namespace mycontainer::runtime::log
