// The D-Bus wire format, as much of it as a talk with systemd needs. Parent side; pure.
//
// Why not libdbus-1: it authenticates with geteuid(), which a bus refuses from within a user
// namespace, where podman runs us for an ordinary user; statically it costs 600 KB, brings glibc's
// name services along, and Debian's archive wants libsystemd, which has no static form.
//
// Source: D-Bus Specification, "Type System", "Marshaling (Wire Format)", "Message Protocol". Byte
// order is the machine's own, as the format allows; a peer that writes the other one is refused.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "reexec/sys/error.h"

namespace mycontainer::runtime::cgroup {

// One property of a unit: (sv) with the variant's types b, t, s, as, au and ay.
struct UnitProperty {
  using Value = std::variant<bool, std::uint64_t, std::string, std::vector<std::string>,
                             std::vector<std::uint32_t>, std::vector<std::uint8_t>>;
  std::string name;
  Value value;
};

// The arguments of a call: writes each after the padding that its type asks for.
class ArgumentWriter {
 public:
  ArgumentWriter& text(std::string_view value);
  ArgumentWriter& boolean(bool value);
  ArgumentWriter& properties(const std::vector<UnitProperty>& properties);  // a(sv)
  ArgumentWriter& no_auxiliary_units();                                     // a(sa(sv)), empty

  [[nodiscard]] const std::string& bytes() const { return bytes_; }
  [[nodiscard]] const std::string& signature() const { return signature_; }

 private:
  std::string bytes_, signature_;
};

struct Call {
  std::string path, interface, member;
  ArgumentWriter arguments{};
};

// `destination` is a bus name.
std::string encode(const Call& call, std::string_view destination, std::uint32_t serial);

enum class MessageType : std::uint8_t { kCall = 1, kReply = 2, kError = 3, kSignal = 4 };

struct Message {
  MessageType type = MessageType::kCall;
  std::uint32_t reply_serial = 0;
  std::string interface, member, error_name, signature;
  std::string body;
};

// How long the message at the start of `bytes` is, once its first 16 bytes are there; 0 before.
// Fails on what is no message, or one of more than a megabyte.
Result<std::size_t> message_size(std::string_view bytes);

// One whole message.
Result<Message> decode(std::string_view bytes);

// The arguments of `body`, of which all before and including `index` are s, o, u or b; numbers as
// text.
Result<std::string> argument(const Message& message, std::size_t index);

}  // namespace mycontainer::runtime::cgroup
