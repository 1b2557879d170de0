// --restart of run and update. Pure.
#pragma once

#include <string_view>

#include "reexec/sys/error.h"
#include "runtime/state/record.h"

namespace mycontainer::cmd::options {

// "no" (or nothing), "always", "unless-stopped", "on-failure", "on-failure:3"; errors in Docker's
// words.
Result<runtime::state::RestartPolicy> parse_restart_policy(std::string_view text);

}  // namespace mycontainer::cmd::options
