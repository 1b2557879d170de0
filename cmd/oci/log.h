// Where the OCI runtime's errors and diagnostics go: --log FILE, else standard error. spdlog carries
// them, which only this file's .cpp knows.
#pragma once

#include <string>

#include "cmd/oci/log_format.h"
#include "reexec/sys/error.h"

namespace mycontainer::cmd::oci {

// To be called once, before anything else is opened. The file is appended to.
Result<void> open_log(const std::string& path, LogFormat format);

// The sink for set_log(). The logger is made when the first message comes.
void write_log(LogLevel level, std::string_view text) noexcept;

// The user's error, for clients that read the log. Nothing happens without a log file, because the
// user sees it anyway.
void log_error(const Error& error) noexcept;

}  // namespace mycontainer::cmd::oci
