// Options that share one of the host's namespaces with the container. Pure.
#pragma once

#include <string_view>

#include "cmd/options/run_draft.h"
#include "reexec/sys/error.h"

namespace mycontainer::cmd::options {

Result<void> set_pid(RunDraft& draft, std::string_view value);     // host, or empty
Result<void> set_ipc(RunDraft& draft, std::string_view value);     // host, private, or empty
Result<void> set_uts(RunDraft& draft, std::string_view value);     // host, or empty
Result<void> set_userns(RunDraft& draft, std::string_view value);  // host, auto, or empty

}  // namespace mycontainer::cmd::options
