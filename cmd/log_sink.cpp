#include "cmd/log_sink.h"

#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <array>
#include <memory>

namespace mycontainer::cmd {
namespace {

constexpr std::array kSpdlogLevels = {spdlog::level::debug, spdlog::level::info,
                                      spdlog::level::warn, spdlog::level::err};

spdlog::logger& logger() {
  // Outside of spdlog's registry, which would start with a logger on standard output.
  static spdlog::logger instance = [] {
    spdlog::logger made("mycontainer", std::make_shared<spdlog::sinks::stderr_sink_st>());
    made.set_level(spdlog::level::trace);  // log.h has already chosen
    made.set_pattern("%Y-%m-%dT%H:%M:%S.%f %l %v");
    return made;
  }();
  return instance;
}

}  // namespace

void write_log(LogLevel level, std::string_view text) noexcept {
  try {
    logger().log(kSpdlogLevels.at(static_cast<std::size_t>(level)), text);
  } catch (...) {
    // A diagnostic that cannot be written is lost; the work goes on.
  }
}

}  // namespace mycontainer::cmd
