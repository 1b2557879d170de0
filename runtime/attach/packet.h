// One message on the socket, as bytes: its type, then what belongs to the type. Both sides.
#pragma once

#include <cstdint>
#include <cstring>
#include <optional>
#include <string_view>
#include <type_traits>

#include "runtime/attach/protocol.h"

namespace mycontainer::runtime::attach {

inline constexpr std::size_t kLongestPacket = 1 + kMostBytes;

template <class Body>
std::string_view bytes_of(const Body& body) {
  static_assert(std::is_trivially_copyable_v<Body> && !std::is_pointer_v<Body>);
  return {reinterpret_cast<const char*>(&body), sizeof(body)};
}

// Nothing when the bytes are not a whole body: whoever sent them is not of our kind.
template <class Body>
std::optional<Body> read_body(std::string_view bytes) {
  Body body;
  if (bytes.size() != sizeof(body)) return std::nullopt;
  std::memcpy(&body, bytes.data(), sizeof(body));
  return body;
}

// send(2) of a whole packet without waiting, EINTR aside: kLater when the other side is behind.
enum class Sent : std::uint8_t { kDone, kLater, kGone };
Sent send_packet(int socket, Type type, std::string_view bytes);

}  // namespace mycontainer::runtime::attach
