// The last act of the child half: becoming the user's program.
#pragma once

#include "reexec/sys/error.h"
#include "runtime/init/steps.h"

namespace mycontainer::runtime::init {

// Marks every descriptor above 2 close-on-exec, puts the preserved ones in their places, and calls
// execve(2) for what the step "find program" found. Returns only when that failed: the error then
// says what is wrong with the file (exec_diagnosis.h).
Error become_program(Context& context);

}  // namespace mycontainer::runtime::init
