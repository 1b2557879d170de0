#include "runtime/oci/number_list.h"

#include <charconv>
#include <optional>

namespace mycontainer::runtime::oci {
namespace {

constexpr std::size_t kBits = 64;

std::string_view trim(std::string_view text) {
  constexpr std::string_view kSpace = " \t\n";
  const std::size_t begin = text.find_first_not_of(kSpace);
  if (begin == text.npos) return {};
  return text.substr(begin, text.find_last_not_of(kSpace) - begin + 1);
}

std::optional<std::uint32_t> parse_number(std::string_view text) {
  std::uint32_t value = 0;
  const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (code != std::errc() || end != text.data() + text.size() || value > kMaxListedNumber)
    return {};
  return value;
}

// One number, or two with a dash between them.
bool add_part(std::string_view part, std::vector<std::uint64_t>& mask) {
  const std::size_t dash = part.find('-');
  const auto first = parse_number(part.substr(0, dash));
  const auto last = dash == part.npos ? first : parse_number(part.substr(dash + 1));
  if (!first || !last || *first > *last) return false;
  if (mask.size() <= *last / kBits) mask.resize(*last / kBits + 1);
  for (std::size_t n = *first; n <= *last; ++n) mask[n / kBits] |= std::uint64_t{1} << n % kBits;
  return true;
}

}  // namespace

Result<std::vector<std::uint64_t>> parse_number_list(std::string_view text) {
  std::vector<std::uint64_t> mask;
  if (trim(text).empty()) return mask;
  while (true) {
    const std::size_t comma = text.find(',');
    const std::string_view part = trim(text.substr(0, comma));
    if (!add_part(part, mask)) return fail("\"{}\" is not a list of numbers like 0-3,7", part);
    if (comma == text.npos) return mask;
    text.remove_prefix(comma + 1);
  }
}

}  // namespace mycontainer::runtime::oci
