// The last act of the child half: becoming the user's program.
#pragma once

#include "reexec/sys/error.h"
#include "runtime/init/plan.h"

namespace mycontainer::runtime::init {

// Finds args[0] as execvp(3) does with the plan's own PATH, marks every descriptor above 2
// close-on-exec, and calls execve(2). Returns only when that failed: the error then says what is
// wrong with the file (exec_diagnosis.h).
Error become_program(const InitPlan& plan);

}  // namespace mycontainer::runtime::init
