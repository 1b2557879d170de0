#include "reexec/sys/go_duration.h"

#include <algorithm>
#include <array>
#include <charconv>

namespace mycontainer::reexec::sys {

namespace {

struct Unit {
  std::string_view name;
  double nanoseconds;
};
// The longer name first where one begins with another.
constexpr std::array kUnits = {Unit{"ms", 1e6},   Unit{"us", 1e3}, Unit{"ns", 1},
                               Unit{"h", 3600e9}, Unit{"m", 60e9}, Unit{"s", 1e9}};
constexpr double kMost = 9e18;  // what nanoseconds can count: 285 years

// One number with its unit, taken off `text`; negative: none is there.
double take_part(std::string_view& text) {
  double number = 0;
  const char* const end = text.data() + text.size();
  const auto [after, status] = std::from_chars(text.data(), end, number, std::chars_format::fixed);
  if (status != std::errc{} || text.starts_with('-')) return -1;
  text = std::string_view(after, static_cast<std::size_t>(end - after));
  const auto unit =
      std::ranges::find_if(kUnits, [&](const Unit& u) { return text.starts_with(u.name); });
  if (unit == kUnits.end()) return -1;
  text.remove_prefix(unit->name.size());
  return number * unit->nanoseconds;
}

}  // namespace

Result<std::int64_t> parse_go_duration(std::string_view text) {
  if (text == "0") return 0;
  const std::string_view all = text;
  double total = 0;
  do {
    const double part = take_part(text);
    total += part;
    // Written so that what is no number at all is refused, too.
    if (!(part >= 0 && total <= kMost)) return fail("'{}' is not a duration like 5s or 1m30s", all);
  } while (!text.empty());
  return static_cast<std::int64_t>(total);
}

}  // namespace mycontainer::reexec::sys
