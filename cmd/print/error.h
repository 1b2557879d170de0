// The user's one error line. Pure.
#pragma once

#include <string>
#include <string_view>

#include "reexec/sys/error.h"

namespace mycontainer::cmd::print {

// "mycontainer: run: open /x: No such file or directory (ENOENT)\n", then "hint: ...\n" when there
// is one. `verb` may be empty. Control characters of hostile names are shown as "\x1b", so that
// the text is one line and cannot drive the terminal.
std::string error_text(std::string_view verb, const Error& error);

}  // namespace mycontainer::cmd::print
