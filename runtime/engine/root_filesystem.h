// What a container's "/" is made from: the built-in tree or a directory of the host. Parent side.
#pragma once

#include <string>
#include <vector>

#include "reexec/sys/error.h"
#include "reexec/sys/unique_fd.h"
#include "runtime/engine/run_request.h"
#include "runtime/engine/spec_from_request.h"

namespace mycontainer::runtime::engine {

struct RootFilesystem {
  std::vector<std::string> lowers;  // the overlay's lower directories, topmost first; with no
                                    // overlay, the directory itself
  bool overlay = true;
  ImageConfig config;
  UniqueFd view;  // where /etc/passwd is looked up before anything is mounted
};

// Finds (and on first use unpacks) what `source` names. A name of an image is an error that says
// how images come here.
Result<RootFilesystem> open_root_filesystem(const RootSource& source, const std::string& data_root);

}  // namespace mycontainer::runtime::engine
