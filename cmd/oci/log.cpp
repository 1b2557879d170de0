#include "cmd/oci/log.h"

#include <fcntl.h>
#include <spdlog/sinks/base_sink.h>
#include <spdlog/spdlog.h>
#include <unistd.h>

#include <array>
#include <memory>

#include "reexec/sys/file.h"

namespace mycontainer::cmd::oci {
namespace {

struct Target {
  UniqueFd file;
  LogFormat format = LogFormat::kText;
};
constinit Target* target = nullptr;  // never deleted: it is written to until the end

class LineSink final : public spdlog::sinks::base_sink<spdlog::details::null_mutex> {
 protected:
  // One write each, so that lines of several processes do not mix.
  void sink_it_(const spdlog::details::log_msg& message) override {
    const LogLevel level = message.level >= spdlog::level::err    ? LogLevel::kError
                           : message.level == spdlog::level::warn ? LogLevel::kWarn
                           : message.level == spdlog::level::info ? LogLevel::kInfo
                                                                  : LogLevel::kDebug;
    const std::string_view text(message.payload.data(), message.payload.size());
    const auto when = spdlog::log_clock::to_time_t(message.time);
    const bool has_file = target != nullptr && target->file;
    const LogFormat format = target != nullptr ? target->format : LogFormat::kText;
    (void)sys::write_all(has_file ? target->file.get() : STDERR_FILENO,
                         log_line(format, level, text, when));
  }
  void flush_() override {}
};

spdlog::logger& logger() {
  // Outside of spdlog's registry, which would start with a logger on standard output.
  static spdlog::logger instance = [] {
    spdlog::logger made("mycontainer-oci", std::make_shared<LineSink>());
    made.set_level(spdlog::level::trace);  // log.h has already chosen
    return made;
  }();
  return instance;
}

constexpr std::array kSpdlogLevels = {spdlog::level::debug, spdlog::level::info,
                                      spdlog::level::warn, spdlog::level::err};

}  // namespace

Result<void> open_log(const std::string& path, LogFormat format) {
  static Target opened;
  opened.format = format;
  target = &opened;
  if (path.empty()) return {};
  auto file = sys::open_at(AT_FDCWD, path, O_WRONLY | O_APPEND | O_CREAT, 0644);
  if (!file) return within("--log", std::move(file).error());
  opened.file = std::move(*file);
  return {};
}

void write_log(LogLevel level, std::string_view text) noexcept {
  try {
    logger().log(kSpdlogLevels.at(static_cast<std::size_t>(level)), text);
  } catch (...) {
    // A diagnostic that cannot be written is lost; the work goes on.
  }
}

void log_error(const Error& error) noexcept {
  if (target == nullptr || !target->file) return;
  try {
    write_log(LogLevel::kError, logged_text(error));
  } catch (...) {
    // Want of memory: the user has been told.
  }
}

}  // namespace mycontainer::cmd::oci
