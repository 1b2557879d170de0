// One netlink message being written, and reading those that come back. Parent side; private to
// runtime/network.
#pragma once

#include <linux/netlink.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "reexec/sys/error.h"

struct nl_msg;

namespace mycontainer::runtime::network {

// One request being written: a header of type `Header` (ifinfomsg, ifaddrmsg, nfgenmsg), then
// attributes. It grows as needed.
class Request {
 public:
  template <class Header>
  static Result<Request> make(int type, int flags, const Header& header) {
    return make_raw(type, flags, {reinterpret_cast<const std::byte*>(&header), sizeof header});
  }

  Result<void> add(int attribute, std::span<const std::byte> bytes);
  Result<void> add(int attribute, std::uint32_t value);
  Result<void> add(int attribute, const std::string& text);  // ends with a NUL byte
  Result<void> add_u8(int attribute, std::uint8_t value);
  Result<void> add_u16(int attribute, std::uint16_t value);
  Result<void> add_flag(int attribute);  // it is there, and empty
  // In network order: what nfnetlink takes for all its numbers, and rtnetlink for some.
  Result<void> add_be16(int attribute, std::uint16_t value);
  Result<void> add_be32(int attribute, std::uint32_t value);
  Result<void> add_be64(int attribute, std::uint64_t value);

  // A nested attribute: what is added from here to its end() lies inside. At most 64 KiB (EMSGSIZE).
  Result<void> begin(int attribute);
  // One whose attributes follow a struct (VETH_INFO_PEER: ifinfomsg).
  template <class Header>
  Result<void> begin(int attribute, const Header& header) {
    if (auto begun = begin(attribute); !begun) return begun;
    return append({reinterpret_cast<const std::byte*>(&header), sizeof header});
  }
  Result<void> end();

  [[nodiscard]] std::size_t size() const;  // of the whole message, in bytes

 private:
  friend class Netlink;
  struct Free {
    void operator()(nl_msg* message) const;
  };
  explicit Request(nl_msg* message) : message_(message) {}
  static Result<Request> make_raw(int type, int flags, std::span<const std::byte> header);
  Result<void> append(std::span<const std::byte> bytes);
  Result<void> grow(std::size_t more);

  std::unique_ptr<nl_msg, Free> message_;
  std::vector<std::size_t> open_;  // nested attributes: where each begins in the message
};

// The first attribute of this type behind a header of `header_size` bytes; empty when there is
// none.
std::span<const std::byte> find_attribute(const nlmsghdr& message, std::size_t header_size,
                                          int attribute);
// The same inside a nested attribute.
std::span<const std::byte> find_attribute(std::span<const std::byte> attributes, int attribute);
// Each of those inside a nested attribute: its type and its bytes.
void for_each_attribute(std::span<const std::byte> attributes,
                        const std::function<void(int, std::span<const std::byte>)>& visit);

}  // namespace mycontainer::runtime::network
