// A question to the human at the terminal, who may have to answer unseen. Parent side.
#pragma once

#include <string>
#include <string_view>

#include "reexec/sys/error.h"

namespace mycontainer::runtime::io {

// Standard input and output are a terminal.
bool can_ask();

enum class Echo { kOn, kOff };

// Writes `question` to standard output and reads one line from standard input, without its end.
// What ends or stops us meanwhile (Control-C) finds the terminal's settings as they were. Nothing
// but an end of file is an error.
Result<std::string> ask(std::string_view question, Echo echo);

}  // namespace mycontainer::runtime::io
