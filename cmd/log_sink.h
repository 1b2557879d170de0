// Diagnostics to standard error by spdlog, which only this file's .cpp knows.
#pragma once

#include "reexec/sys/log.h"

namespace mycontainer::cmd {

// The sink for set_log(). The logger is made when the first message comes, so that a run without
// one pays nothing.
void write_log(LogLevel level, std::string_view text) noexcept;

}  // namespace mycontainer::cmd
