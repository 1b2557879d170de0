// Diagnostics: what a program tells its developer, never its user's one error line. Either side.
//
// Nothing is formatted, and no function called, below the level that set_log() chose; the default
// is silence. Where the text goes is the program's affair (mycontainer: spdlog, cmd/log_sink.h), so
// this library stays free of any logging library. Not for several threads at once.
#pragma once

#include <fmt/core.h>

#include <string_view>
#include <utility>

namespace mycontainer::reexec::sys {

enum class LogLevel { kDebug, kInfo, kWarn, kError, kOff };

using LogSink = void (*)(LogLevel level, std::string_view text) noexcept;

struct LogState {
  LogLevel lowest = LogLevel::kOff;
  LogSink sink = nullptr;
};
inline constinit LogState log_state;

// Messages of `lowest` and above go to `sink`, which must not be null unless `lowest` is kOff.
inline void set_log(LogLevel lowest, LogSink sink) noexcept { log_state = {lowest, sink}; }

inline bool log_enabled(LogLevel level) noexcept { return level >= log_state.lowest; }

template <class... Args>
void log(LogLevel level, fmt::format_string<Args...> format, Args&&... args) {
  if (log_enabled(level)) log_state.sink(level, fmt::format(format, std::forward<Args>(args)...));
}

template <class... Args>
void log_debug(fmt::format_string<Args...> format, Args&&... args) {
  log(LogLevel::kDebug, format, std::forward<Args>(args)...);
}

template <class... Args>
void log_info(fmt::format_string<Args...> format, Args&&... args) {
  log(LogLevel::kInfo, format, std::forward<Args>(args)...);
}

template <class... Args>
void log_warn(fmt::format_string<Args...> format, Args&&... args) {
  log(LogLevel::kWarn, format, std::forward<Args>(args)...);
}

}  // namespace mycontainer::reexec::sys

namespace mycontainer {
using reexec::sys::log_debug;
using reexec::sys::log_info;
using reexec::sys::log_warn;
using reexec::sys::LogLevel;
}  // namespace mycontainer
