// The lines of --log as logrus writes them, which containerd (go-runc), podman (conmon) and others
// read. Pure.
#pragma once

#include <ctime>
#include <string>
#include <string_view>

#include "reexec/sys/log.h"

namespace mycontainer::cmd::oci {

enum class LogFormat { kText, kJson };

// text: time="2026-01-31T12:00:00Z" level=error msg="no such file"
// json: {"level":"error","msg":"no such file","time":"2026-01-31T12:00:00Z"}
// with a newline at the end and nowhere else.
std::string log_line(LogFormat format, LogLevel level, std::string_view text, std::time_t when);

}  // namespace mycontainer::cmd::oci
