#include <algorithm>
#include <array>
#include <cctype>
#include <limits>

#include "cmd/options/limit_options.h"
#include "cmd/options/values.h"

namespace mycontainer::cmd::options {
namespace {

// The names that Docker takes, all of which setrlimit(2) has ("as" is not among them).
constexpr std::array<std::string_view, 15> kUlimits = {
    "core",   "cpu",   "data", "fsize",  "locks",  "memlock",    "msgqueue", "nice",
    "nofile", "nproc", "rss",  "rtprio", "rttime", "sigpending", "stack"};

constexpr std::uint64_t kUnlimited = std::numeric_limits<std::uint64_t>::max();

Result<std::uint64_t> parse_limit(std::string_view text) {
  TRY(const std::int64_t limit, parse_integer<std::int64_t>(text));
  if (limit < -1) return fail("a limit is -1 (none) or more");
  return limit == -1 ? kUnlimited : static_cast<std::uint64_t>(limit);
}

std::string type_name(std::string_view name) {
  std::string type = "RLIMIT_";
  for (const char c : name) type += static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  return type;
}

}  // namespace

Result<void> add_ulimit(RunDraft& draft, std::string_view value) {
  const std::size_t equals = value.find('=');
  if (equals == std::string_view::npos) return fail("invalid ulimit argument: {}", value);
  const std::string_view name = value.substr(0, equals);
  if (std::ranges::find(kUlimits, name) == kUlimits.end()) {
    return fail("invalid ulimit type: {}", name);
  }
  const std::string_view limits = value.substr(equals + 1);
  const std::size_t colon = limits.find(':');
  TRY(const std::uint64_t soft, parse_limit(limits.substr(0, colon)));
  std::uint64_t hard = soft;
  if (colon != std::string_view::npos) {
    TRY(hard, parse_limit(limits.substr(colon + 1)));
  }
  if (soft > hard) {
    return fail("ulimit soft limit must be less than or equal to hard limit: {} > {}",
                limits.substr(0, colon), limits.substr(colon + 1));
  }
  auto& ulimits = draft.request.ulimits;
  std::erase_if(ulimits, [&](const auto& limit) { return limit.type == type_name(name); });
  ulimits.push_back({type_name(name), hard, soft});
  return {};
}

}  // namespace mycontainer::cmd::options
