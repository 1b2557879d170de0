// The host's side of a copy: what the caller's own path means. Private to runtime/lifecycle.
#pragma once

#include <string>

#include "reexec/sys/error.h"
#include "reexec/sys/unique_fd.h"
#include "runtime/lifecycle/copy_rules.h"

namespace mycontainer::runtime::lifecycle {

// Absolute, as typed but for that: a "/" or "/." at its end stays.
Result<std::string> absolute_path(const std::string& typed);

struct LocalSource {
  CopySource source;
  UniqueFd node;  // O_PATH
};
Result<LocalSource> open_local_source(const std::string& typed, bool follow_link);

// What is at the end of the links, if any; missing is no error as long as the parent is there.
Result<CopyTarget> look_at_local_target(const std::string& typed);

// A pipe whose ends are close-on-exec.
struct Pipe {
  UniqueFd read, write;
};
Result<Pipe> make_pipe();

}  // namespace mycontainer::runtime::lifecycle
