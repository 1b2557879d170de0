// `--init`: a PID 1 that forwards signals to the user's program and reaps the orphans it leaves.
#pragma once

#include "reexec/sys/error.h"
#include "runtime/init/steps.h"

namespace mycontainer::runtime::init {

// Forks the user's program, which tells the parent by itself whether execve worked, and then waits
// as PID 1: every signal that can be caught is passed on, every orphan is reaped, and the process
// exits with the program's status (128+n for a signal). It has already given up all privileges.
// Returns only when the fork failed.
Error become_reaper(Context& context);

}  // namespace mycontainer::runtime::init
