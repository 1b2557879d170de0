#include "runtime/network/address/address.h"

#include <arpa/inet.h>
#include <fmt/core.h>

#include <algorithm>
#include <charconv>
#include <limits>

namespace mycontainer::runtime::network {

namespace {

constexpr std::size_t size_of(Family family) { return family == Family::kIpv6 ? 16 : 4; }

// `address` with all bits behind the prefix set to `value`.
Address with_host_bits(const Address& address, int length, bool value) {
  std::array<std::byte, 16> bytes{};
  const auto given = address.bytes();
  std::ranges::copy(given, bytes.begin());
  for (std::size_t i = 0; i < given.size(); ++i) {
    const int kept = std::clamp(length - static_cast<int>(i) * 8, 0, 8);
    const auto mask = static_cast<std::byte>(0xff >> kept);
    bytes[i] = value ? bytes[i] | mask : bytes[i] & ~mask;
  }
  return Address::from_bytes(std::span(bytes).first(given.size()));
}

}  // namespace

Address Address::from_bytes(std::span<const std::byte> bytes) {
  Address address(bytes.size() == size_of(Family::kIpv6) ? Family::kIpv6 : Family::kIpv4);
  std::ranges::copy(bytes.first(std::min(bytes.size(), size_of(address.family_))),
                    address.bytes_.begin());
  return address;
}

std::optional<Address> Address::parse(std::string_view text) {
  const std::string word(text);
  if (word.size() != text.size() || word.find('\0') != word.npos) return {};
  Address address(word.find(':') == word.npos ? Family::kIpv4 : Family::kIpv6);
  const int family = address.is_v6() ? AF_INET6 : AF_INET;
  if (::inet_pton(family, word.c_str(), address.bytes_.data()) != 1) return {};
  return address;
}

std::string Address::to_text() const {
  std::array<char, INET6_ADDRSTRLEN> text{};
  ::inet_ntop(is_v6() ? AF_INET6 : AF_INET, bytes_.data(), text.data(), text.size());
  return text.data();
}

std::span<const std::byte> Address::bytes() const {
  return std::span(bytes_).first(size_of(family_));
}

bool Address::is_unspecified() const {
  return std::ranges::all_of(bytes_, [](std::byte byte) { return byte == std::byte{0}; });
}

bool Address::is_loopback() const {
  if (!is_v6()) return bytes_.front() == std::byte{127};
  return bytes_.back() == std::byte{1} &&
         std::all_of(bytes_.begin(), bytes_.end() - 1,
                     [](std::byte byte) { return byte == std::byte{0}; });
}

Address Address::plus(std::uint64_t count) const {
  Address sum = *this;
  for (std::size_t i = size_of(family_); i > 0 && count != 0; --i) {
    const std::uint64_t digit = std::to_integer<std::uint64_t>(sum.bytes_[i - 1]) + (count & 0xff);
    sum.bytes_[i - 1] = static_cast<std::byte>(digit & 0xff);
    count = (count >> 8) + (digit >> 8);
  }
  return sum;
}

Subnet::Subnet(const Address& address, int length)
    : base_(with_host_bits(address, length, false)), typed_(address), length_(length) {}

std::optional<Subnet> Subnet::parse(std::string_view text) {
  const auto slash = text.find('/');
  if (slash == text.npos) return {};
  const auto address = Address::parse(text.substr(0, slash));
  const std::string_view digits = text.substr(slash + 1);
  int length = 0;
  const auto [end, status] = std::from_chars(digits.data(), digits.data() + digits.size(), length);
  const bool number = status == std::errc{} && end == digits.data() + digits.size();
  if (!address || !number || length < 0 || length > address->bits()) return {};
  return Subnet(*address, length);
}

std::string Subnet::to_text() const { return fmt::format("{}/{}", base_.to_text(), length_); }

bool Subnet::contains(const Address& address) const {
  return address.family() == family() && with_host_bits(address, length_, false) == base_;
}

bool Subnet::contains(const Subnet& other) const {
  return other.length_ >= length_ && contains(other.base_);
}

bool Subnet::overlaps(const Subnet& other) const {
  return contains(other) || other.contains(*this);
}

Address Subnet::last() const { return with_host_bits(base_, length_, true); }

std::uint64_t Subnet::size() const {
  const int host_bits = base_.bits() - length_;
  constexpr int kMost = 64;
  return host_bits >= kMost ? std::numeric_limits<std::uint64_t>::max()
                            : std::uint64_t{1} << host_bits;
}

std::optional<Mac> parse_mac(std::string_view text) {
  constexpr std::size_t kLength = 17;
  if (text.size() != kLength) return {};
  Mac mac{};
  for (std::size_t i = 0; i < mac.size(); ++i) {
    const char* digits = text.data() + i * 3;
    unsigned value = 0;
    const auto [end, status] = std::from_chars(digits, digits + 2, value, 16);
    if (status != std::errc{} || end != digits + 2) return {};
    if (i + 1 < mac.size() && digits[2] != ':' && digits[2] != '-') return {};
    mac[i] = static_cast<std::byte>(value);
  }
  const bool several = (mac[0] & std::byte{1}) != std::byte{0};
  const bool zero = std::ranges::all_of(mac, [](std::byte byte) { return byte == std::byte{0}; });
  if (several || zero) return {};
  return mac;
}

Mac mac_of(const Address& address) {
  Mac mac{std::byte{0x02}, std::byte{0x42}};
  std::ranges::copy(address.bytes().last(4), mac.begin() + 2);
  return mac;
}

std::string to_text(const Mac& mac) {
  std::string text;
  for (const std::byte byte : mac) {
    text += fmt::format("{}{:02x}", text.empty() ? "" : ":", std::to_integer<unsigned>(byte));
  }
  return text;
}

}  // namespace mycontainer::runtime::network
