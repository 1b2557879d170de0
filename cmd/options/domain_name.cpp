#include "cmd/options/domain_name.h"

#include <algorithm>
#include <cctype>

namespace mycontainer::cmd::options {
namespace {

constexpr std::size_t kLongestLabel = 63, kLongestName = 253;

bool is_label(std::string_view text) {
  const auto valid = [](unsigned char c) { return std::isalnum(c) != 0 || c == '-' || c == '_'; };
  return !text.empty() && text.size() <= kLongestLabel && std::ranges::all_of(text, valid) &&
         text.front() != '-' && text.back() != '-';
}

}  // namespace

bool is_domain_name(std::string_view text) {
  if (text.size() > kLongestName) return false;
  while (true) {
    const std::size_t dot = text.find('.');
    if (!is_label(text.substr(0, dot))) return false;
    if (dot == std::string_view::npos) return true;
    text.remove_prefix(dot + 1);
  }
}

}  // namespace mycontainer::cmd::options
