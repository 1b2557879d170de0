#include "cmd/oci/duration.h"

#include "cmd/options/duration.h"

namespace mycontainer::cmd::oci {

Result<std::chrono::nanoseconds> parse_duration(std::string_view text) {
  TRY(const auto count, options::parse_duration(text));
  const std::chrono::nanoseconds duration(count);
  constexpr std::chrono::hours kYear(365 * 24);
  if (duration.count() >= 1 && duration <= kYear) return duration;
  return fail("'{}' is not a duration like 5s or 1m30s", text);
}

}  // namespace mycontainer::cmd::oci
