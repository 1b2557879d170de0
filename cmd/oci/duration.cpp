#include "cmd/oci/duration.h"

#include <algorithm>
#include <array>
#include <charconv>

namespace mycontainer::cmd::oci {
namespace {

struct Unit {
  std::string_view name;
  double nanoseconds;
};
// The longer name first where one begins with another.
constexpr std::array kUnits = {Unit{"ms", 1e6},   Unit{"us", 1e3}, Unit{"ns", 1},
                               Unit{"h", 3600e9}, Unit{"m", 60e9}, Unit{"s", 1e9}};
constexpr double kYear = 365 * 24 * 3600e9;

}  // namespace

Result<std::chrono::nanoseconds> parse_duration(std::string_view text) {
  const auto failure = [all = text] {
    return fail("'{}' is not a duration like 5s or 1m30s", all);
  };
  double total = 0;
  while (!text.empty()) {
    double number = 0;
    const char* const end = text.data() + text.size();
    const auto [after, status] =
        std::from_chars(text.data(), end, number, std::chars_format::fixed);
    if (status != std::errc{} || number < 0) return failure();
    text = std::string_view(after, static_cast<std::size_t>(end - after));
    const auto unit =
        std::ranges::find_if(kUnits, [&](const Unit& u) { return text.starts_with(u.name); });
    if (unit == kUnits.end()) return failure();
    text.remove_prefix(unit->name.size());
    total += number * unit->nanoseconds;
  }
  if (!(total >= 1 && total <= kYear)) return failure();
  return std::chrono::nanoseconds(static_cast<std::int64_t>(total));
}

}  // namespace mycontainer::cmd::oci
