// What `run` and `create` share: their command line.
#pragma once

#include <optional>

#include "cmd/options/option.h"
#include "cmd/verb.h"
#include "runtime/engine/run_request.h"

namespace mycontainer::cmd {

// Nothing when --help was asked for and printed.
Result<std::optional<runtime::engine::RunRequest>> parse_new_container(const VerbCall& call,
                                                                       options::OptionTable table);

}  // namespace mycontainer::cmd
