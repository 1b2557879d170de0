// Internet addresses and subnets as values: parsing, printing, arithmetic. Pure; any process.
#pragma once

#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace mycontainer::runtime::network {

enum class Family : std::uint8_t { kIpv4, kIpv6 };

// An IPv4 or IPv6 address; "unspecified" is 0.0.0.0 or ::.
class Address {
 public:
  Address() = default;  // 0.0.0.0
  explicit Address(Family family) : family_(family) {}
  // 4 or 16 bytes, in network order.
  static Address from_bytes(std::span<const std::byte> bytes);
  // What inet_pton(3) takes: "10.0.0.1", "fd00::1", without brackets, zone or prefix length.
  static std::optional<Address> parse(std::string_view text);

  [[nodiscard]] std::string to_text() const;
  [[nodiscard]] Family family() const { return family_; }
  [[nodiscard]] bool is_v6() const { return family_ == Family::kIpv6; }
  [[nodiscard]] int bits() const { return is_v6() ? 128 : 32; }
  [[nodiscard]] std::span<const std::byte> bytes() const;  // in network order
  [[nodiscard]] bool is_unspecified() const;
  [[nodiscard]] bool is_loopback() const;  // 127.0.0.0/8, ::1
  // The address so many further on; past the last one it begins again at the first.
  [[nodiscard]] Address plus(std::uint64_t count) const;

  friend auto operator<=>(const Address&, const Address&) = default;

 private:
  Family family_ = Family::kIpv4;
  std::array<std::byte, 16> bytes_{};
};

// A base address and a prefix length.
class Subnet {
 public:
  Subnet() = default;
  // "10.0.0.0/8"; bits behind the prefix are kept in typed(), cleared in base(): mydocker's
  // "192.168.10.1/24" is the subnet 192.168.10.0/24.
  static std::optional<Subnet> parse(std::string_view text);
  Subnet(const Address& address, int length);

  [[nodiscard]] const Address& base() const { return base_; }
  [[nodiscard]] const Address& typed() const { return typed_; }
  [[nodiscard]] int length() const { return length_; }
  [[nodiscard]] Family family() const { return base_.family(); }
  [[nodiscard]] std::string to_text() const;  // "10.0.0.0/8"
  [[nodiscard]] bool contains(const Address& address) const;
  [[nodiscard]] bool contains(const Subnet& other) const;
  [[nodiscard]] bool overlaps(const Subnet& other) const;
  [[nodiscard]] Address last() const;  // IPv4: the broadcast address
  // How many addresses there are; UINT64_MAX when there are more than that can say.
  [[nodiscard]] std::uint64_t size() const;

  friend bool operator==(const Subnet& a, const Subnet& b) {
    return a.base_ == b.base_ && a.length_ == b.length_;
  }

 private:
  Address base_, typed_;
  int length_ = 32;
};

// A MAC address: "02:42:0a:00:00:02"; '-' is taken for ':'. Not one that stands for several (the
// lowest bit of the first byte), and not the zero one.
using Mac = std::array<std::byte, 6>;
std::optional<Mac> parse_mac(std::string_view text);
std::string to_text(const Mac& mac);
// One that derives from an address, as Docker has it: 02:42 and its last four bytes.
Mac mac_of(const Address& address);

}  // namespace mycontainer::runtime::network
