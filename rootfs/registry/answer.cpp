#include "rootfs/registry/answer.h"

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <nlohmann/json.hpp>

#include "rootfs/registry/words.h"

namespace mycontainer::rootfs::registry {

namespace {

using nlohmann::json;

constexpr std::size_t kMaxErrors = 5;
constexpr std::size_t kMaxText = 300;
constexpr std::size_t kMaxErrorDocument = std::size_t{64} << 10;
constexpr std::uint64_t kMaxPause = 60;

std::string text_of(const json& object, const char* name) {
  const auto found = object.find(name);
  if (found == object.end() || !found->is_string()) return {};
  return printable(found->get_ref<const std::string&>(), kMaxText);
}

// distribution prints "MANIFEST_UNKNOWN" as "manifest unknown".
std::string words_of(const json& error) {
  if (!error.is_object()) return {};
  std::string code = lower_case(text_of(error, "code"));
  std::ranges::replace(code, '_', ' ');
  const std::string message = text_of(error, "message");
  if (code.empty() || message.empty()) return code + message;
  return code + ": " + message;
}

std::string own_words(std::string_view body) {
  if (body.size() > kMaxErrorDocument) return {};
  const json document = json::parse(body, nullptr, false);
  if (!document.is_object()) return {};
  const auto errors = document.find("errors");
  if (errors == document.end() || !errors->is_array()) {
    const std::string details = text_of(document, "details");  // of token servers
    return details.empty() ? text_of(document, "message") : details;
  }
  std::string text;
  for (std::size_t i = 0; i < std::min(errors->size(), kMaxErrors); ++i) {
    const std::string words = words_of((*errors)[i]);
    if (!words.empty()) text += (text.empty() ? "" : "; ") + words;
  }
  return text;
}

// The answer to HEAD has no words; what distribution would have said.
const char* usual_words(int status) {
  if (status == 401) return "unauthorized: authentication required";
  if (status == 403) return "denied: requested access to the resource is denied";
  return "";
}

const char* phrase(int status) {
  switch (status) {
    case 400:
      return " Bad Request";
    case 404:
      return " Not Found";
    case 405:
      return " Method Not Allowed";
    case 413:
      return " Payload Too Large";
    case 416:
      return " Range Not Satisfiable";
    case 429:
      return " Too Many Requests";
    case 500:
      return " Internal Server Error";
    case 502:
      return " Bad Gateway";
    case 503:
      return " Service Unavailable";
    case 504:
      return " Gateway Timeout";
    default:
      return "";
  }
}

std::optional<std::uint64_t> number(std::string_view text) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end == text.data()) return std::nullopt;
  return value;
}

}  // namespace

Error error_of(const Response& response) {
  Error error;
  error.operation = own_words(response.body);
  if (error.operation.empty()) error.operation = usual_words(response.status);
  if (error.operation.empty()) {
    error.operation =
        fmt::format("unexpected status {}{}", response.status, phrase(response.status));
  }
  if (response.status == 401 || response.status == 403) error.code = EACCES;
  if (response.status == 404) error.code = ENOENT;
  return error;
}

std::optional<std::uint64_t> range_begin(std::string_view content_range) {
  constexpr std::string_view kUnit = "bytes ";
  if (!content_range.starts_with(kUnit)) return std::nullopt;
  return number(content_range.substr(kUnit.size()));
}

std::uint64_t range_end(std::string_view range) {
  if (range.starts_with("bytes=")) range.remove_prefix(6);
  const std::size_t dash = range.find('-');
  if (dash == std::string_view::npos) return 0;
  const auto last = number(range.substr(dash + 1));
  return last && *last > 0 && *last < UINT64_MAX ? *last + 1 : 0;
}

std::string next_link(std::string_view link) {
  while (true) {
    const std::size_t open = link.find('<'), close = link.find('>');
    if (open == std::string_view::npos || close == std::string_view::npos || close < open)
      return {};
    const std::string target(link.substr(open + 1, close - open - 1));
    link.remove_prefix(close + 1);
    const std::string_view parameters = link.substr(0, link.find('<'));
    const std::string words = lower_case(parameters);
    if (words.find("rel=\"next\"") != std::string::npos ||
        words.find("rel=next") != std::string::npos) {
      return target;
    }
  }
}

bool is_passing(int status) {
  return status == 408 || status == 429 || (status >= 500 && status != 501 && status < 600);
}

std::optional<Milliseconds> retry_after(const Response& response) {
  const auto seconds = number(response.header("Retry-After"));
  if (!seconds) return std::nullopt;
  return std::chrono::seconds(std::min(*seconds, kMaxPause));
}

}  // namespace mycontainer::rootfs::registry
