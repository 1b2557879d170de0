// Options that give the container more rights, or fewer. Pure, but for a relative path of a seccomp
// profile, which is taken from the caller's working directory.
#pragma once

#include <string_view>

#include "cmd/options/run_draft.h"
#include "reexec/sys/error.h"

namespace mycontainer::cmd::options {

// A capability's name with or without CAP_, in any case, or ALL.
Result<void> add_capability(RunDraft& draft, std::string_view value);
Result<void> drop_capability(RunDraft& draft, std::string_view value);
// "seccomp=FILE|unconfined|builtin", "no-new-privileges[=true|false]", "apparmor=PROFILE". ":" in
// place of "=" is Docker's older spelling.
Result<void> add_security_option(RunDraft& draft, std::string_view value);
// "KEY=VALUE", for the keys that belong to a namespace of the container's own.
Result<void> add_sysctl(RunDraft& draft, std::string_view value);

// A sysctl of a namespace that is shared with the host would change the host.
Result<void> check_sysctls(const RunDraft& draft);

}  // namespace mycontainer::cmd::options
