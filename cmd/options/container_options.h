// Options that say what runs in the container and who it is: entry point, user, names,
// environment, labels. Pure, but for --env-file, -e NAME and relative paths, which look at the
// caller's files, environment and working directory.
#pragma once

#include <string_view>

#include "cmd/options/run_draft.h"
#include "reexec/sys/error.h"

namespace mycontainer::cmd::options {

// "DIR" or "DIR:O"; a relative directory is taken from the caller's working directory.
Result<void> set_rootfs(RunDraft& draft, std::string_view value);
// Empty: the image's own entry point is cleared.
Result<void> set_entrypoint(RunDraft& draft, std::string_view value);
// [a-zA-Z0-9][a-zA-Z0-9_.-]+
Result<void> set_name(RunDraft& draft, std::string_view value);
// Labels of letters, digits, "-" and "_", joined by dots: at most 64 bytes (HOST_NAME_MAX).
Result<void> set_hostname(RunDraft& draft, std::string_view value);
// An absolute path.
Result<void> set_workdir(RunDraft& draft, std::string_view value);
// "<name|uid>[:<group|gid>]"; numbers fit uint32 without its last value, which means "no change"
// to setuid(2).
Result<void> set_user(RunDraft& draft, std::string_view value);
Result<void> add_group(RunDraft& draft, std::string_view value);
// "NAME=VALUE", or "NAME" for the caller's own value, which may be absent.
Result<void> add_env(RunDraft& draft, std::string_view value);
// Docker's format: a variable a line, "#" begins a comment line, values are taken as they are.
Result<void> add_env_file(RunDraft& draft, std::string_view path);
// "KEY=VALUE", or "KEY" for an empty value.
Result<void> add_label(RunDraft& draft, std::string_view value);
// A label a line, as of add_label(); "#" begins a comment line.
Result<void> add_label_file(RunDraft& draft, std::string_view path);
// "KEY=VALUE".
Result<void> add_annotation(RunDraft& draft, std::string_view value);
// At most 64 bytes (setdomainname(2)).
Result<void> set_domainname(RunDraft& draft, std::string_view value);
// A name or number that parse_signal() knows.
Result<void> set_stop_signal(RunDraft& draft, std::string_view value);
// "true", "false", or the file to write to.
Result<void> set_trace(RunDraft& draft, std::string_view value);

}  // namespace mycontainer::cmd::options
