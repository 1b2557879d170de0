// Finding the program, and saying why it could not be run. Child side, in the container's root and
// with its credentials, right before and right after execve(2). The files looked at are hostile:
// reads are bounded, only regular files are opened, and never blockingly.
#pragma once

#include <string>
#include <string_view>

#include "reexec/sys/error.h"

namespace mycontainer::runtime::init {

// What execve(2) should be given for `name`: `name` itself when it holds a slash and is executable,
// else the first executable regular file of that name in the directories of `path` (the value of
// the container's PATH; an empty element is the working directory). Not found: exit status 127;
// found but not executable: 126; in Docker's words, or those of diagnose_exec().
Result<std::string> resolve_in_path(const std::string& name, std::string_view path);

// Whether execve(2) would take the file, as far as its kind and mode say: for a container that waits
// for its start, whose creation should already fail. The error is diagnose_exec()'s.
Result<void> check_program(const std::string& path);

// Why execve(path) failed with `code`: the operation names the path, the hint says what is wrong
// with the file and what to do (interpreter, architecture, mode, mount option, line endings), and
// the exit status is Docker's: 127 for ENOENT, also when it is the interpreter that is missing, and
// 126 otherwise.
Error diagnose_exec(const std::string& path, int code);

}  // namespace mycontainer::runtime::init
