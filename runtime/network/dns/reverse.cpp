#include <algorithm>
#include <array>
#include <charconv>
#include <vector>

#include "runtime/network/dns/message.h"

namespace mycontainer::runtime::network {

namespace {

// The labels before `suffix`, the last first; nothing when the name does not end so.
std::vector<std::string_view> labels_before(std::string_view name, std::string_view suffix) {
  if (!name.ends_with(suffix)) return {};
  name.remove_suffix(suffix.size());
  std::vector<std::string_view> labels;
  while (true) {
    const auto dot = name.rfind('.');
    labels.push_back(dot == name.npos ? name : name.substr(dot + 1));
    if (dot == name.npos) return labels;
    name = name.substr(0, dot);
  }
}

// A number of at most `digits` digits, or nothing.
std::optional<unsigned> number(std::string_view label, std::size_t digits, int base) {
  unsigned value = 0;
  const char* end = label.data() + label.size();
  if (label.empty() || label.size() > digits) return {};
  const auto [at, error] = std::from_chars(label.data(), end, value, base);
  if (error != std::errc{} || at != end) return {};
  return value;
}

std::optional<Address> of_bytes(const std::vector<std::string_view>& labels) {
  std::array<std::byte, 4> bytes{};
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    const auto value = number(labels[i], 3, 10);
    if (!value || *value > 255) return {};
    bytes[i] = static_cast<std::byte>(*value);
  }
  return Address::from_bytes(bytes);
}

std::optional<Address> of_nibbles(const std::vector<std::string_view>& labels) {
  std::array<std::byte, 16> bytes{};
  for (std::size_t i = 0; i < labels.size(); ++i) {
    const auto value = number(labels[i], 1, 16);
    if (!value) return {};
    bytes[i / 2] |= static_cast<std::byte>(i % 2 == 0 ? *value << 4 : *value);
  }
  return Address::from_bytes(bytes);
}

}  // namespace

std::optional<Address> reverse_address(std::string_view name) {
  std::string lower(name);
  std::ranges::transform(lower, lower.begin(), [](unsigned char c) {
    return static_cast<char>(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
  });
  const auto v4 = labels_before(lower, ".in-addr.arpa");
  if (v4.size() == 4) return of_bytes(v4);
  const auto v6 = labels_before(lower, ".ip6.arpa");
  if (v6.size() == 32) return of_nibbles(v6);
  return {};
}

}  // namespace mycontainer::runtime::network
