// Options about how a container lives beside this command: what is attached, what is logged, when it
// ends and starts again. Pure.
#pragma once

#include <string_view>

#include "cmd/options/run_draft.h"
#include "reexec/sys/error.h"

namespace mycontainer::cmd::options {

Result<void> add_attached_stream(RunDraft& draft, std::string_view value);  // stdin, stdout, stderr
Result<void> set_cid_file(RunDraft& draft, std::string_view value);         // may be relative
Result<void> set_detach_keys(RunDraft& draft, std::string_view value);
Result<void> set_log_driver(RunDraft& draft, std::string_view value);  // json-file, none
// "max-size=10m", "max-file=3"; the others that Docker's json-file driver has are kept as they are.
Result<void> add_log_option(RunDraft& draft, std::string_view value);
Result<void> set_restart(RunDraft& draft, std::string_view value);
Result<void> set_stop_timeout(RunDraft& draft, std::string_view value);  // seconds; -1: without end

// Rules that need two options together.
Result<void> check_lifecycle(const RunDraft& draft);

}  // namespace mycontainer::cmd::options
