// The program that users start, once dispatch() has found that it is not a hidden entry.
#pragma once

#include "cmd/options/option.h"

namespace mycontainer::cmd {

// `arguments` are argv without the program's name. Returns the exit code, and is the one place
// that prints an error.
int run_program(options::Arguments arguments);

}  // namespace mycontainer::cmd
