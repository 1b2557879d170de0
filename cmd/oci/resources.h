// The limits that `update` was given. Pure.
#pragma once

#include "cmd/options/option.h"
#include "runtime/oci/spec.h"

namespace mycontainer::cmd::oci {

struct UpdateOptions {
  runtime::oci::Resources resources;
  std::string file;  // --resources: all limits; "-" is standard input
  bool help = false;
};

options::OptionTable update_options();

// What is to be changed, by runc's rules: --resources wins over every single limit, a memory limit
// taken off takes swap's off, and device rules stay as they are. `file_text` is what --resources
// holds, if it was given.
Result<runtime::oci::Resources> resources_to_update(const UpdateOptions& typed,
                                                    std::string_view file_text);

}  // namespace mycontainer::cmd::oci
