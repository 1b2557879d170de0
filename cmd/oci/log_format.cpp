#include "cmd/oci/log_format.h"

#include <array>
#include <cctype>
#include <nlohmann/json.hpp>

namespace mycontainer::cmd::oci {
namespace {

constexpr std::array<std::string_view, 4> kLevels = {"debug", "info", "warning", "error"};

std::string time_text(std::time_t when) {
  std::tm parts{};
  ::gmtime_r(&when, &parts);
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}Z", parts.tm_year + 1900, parts.tm_mon + 1,
                     parts.tm_mday, parts.tm_hour, parts.tm_min, parts.tm_sec);
}

// JSON's quoting is Go's %q, but for bytes that hardly occur.
std::string quoted(std::string_view text) {
  return nlohmann::json(text).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

}  // namespace

std::string log_line(LogFormat format, LogLevel level, std::string_view text, std::time_t when) {
  const std::string_view name = kLevels.at(static_cast<std::size_t>(level));
  if (format == LogFormat::kText) {
    return fmt::format("time=\"{}\" level={} msg={}\n", time_text(when), name, quoted(text));
  }
  return fmt::format("{{\"level\":\"{}\",\"msg\":{},\"time\":\"{}\"}}\n", name, quoted(text),
                     time_text(when));
}

std::string logged_text(const Error& error) {
  std::string text = error.message();
  const std::size_t errno_text = error.operation.size() + 2;  // behind ": "
  if (error.code != 0 && text.size() > errno_text) {
    text[errno_text] =
        static_cast<char>(std::tolower(static_cast<unsigned char>(text[errno_text])));
  }
  return error.hint.empty() ? text : text + "; hint: " + error.hint;
}

}  // namespace mycontainer::cmd::oci
