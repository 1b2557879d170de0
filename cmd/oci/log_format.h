// The lines of --log as logrus writes them, which containerd (go-runc), podman (conmon) and others
// read. Pure.
#pragma once

#include <ctime>
#include <string>
#include <string_view>

#include "reexec/sys/error.h"
#include "reexec/sys/log.h"

namespace mycontainer::cmd::oci {

enum class LogFormat { kText, kJson };

// text: time="2026-01-31T12:00:00Z" level=error msg="no such file"
// json: {"level":"error","msg":"no such file","time":"2026-01-31T12:00:00Z"}
// with a newline at the end and nowhere else.
std::string log_line(LogFormat format, LogLevel level, std::string_view text, std::time_t when);

// What the log calls an error: its message and hint. errno's text is in small letters as Go's is,
// because Docker's command line looks for that: "no such file or directory" makes it end with 127,
// "permission denied" with 126.
std::string logged_text(const Error& error);

}  // namespace mycontainer::cmd::oci
