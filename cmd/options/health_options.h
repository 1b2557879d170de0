// Options about the check of a container's health. Pure.
#pragma once

#include <string_view>

#include "cmd/options/run_draft.h"
#include "reexec/sys/error.h"

namespace mycontainer::cmd::options {

// A line for the container's /bin/sh; empty: the image's own.
Result<void> set_health_command(RunDraft& draft, std::string_view value);
// Durations as Go spells them: at least 1 ms, or 0 for the default.
Result<void> set_health_interval(RunDraft& draft, std::string_view value);
Result<void> set_health_timeout(RunDraft& draft, std::string_view value);
Result<void> set_health_start_period(RunDraft& draft, std::string_view value);
Result<void> set_health_start_interval(RunDraft& draft, std::string_view value);
Result<void> set_health_retries(RunDraft& draft, std::string_view value);
Result<void> set_no_healthcheck(RunDraft& draft, std::string_view value);

// --no-healthcheck stands alone; it becomes the test "NONE".
Result<void> finish_health(RunDraft& draft);

}  // namespace mycontainer::cmd::options
