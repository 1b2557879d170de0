#include "runtime/cgroup/systemd_message.h"

#include <bit>
#include <cstring>

namespace mycontainer::runtime::cgroup {

namespace {

constexpr char kByteOrder = std::endian::native == std::endian::little ? 'l' : 'B';
constexpr std::uint8_t kProtocolVersion = 1;
constexpr std::size_t kFixedHeader = 16;  // up to and with the length of the array of fields
constexpr std::size_t kMaxMessage = 1 << 20;

enum Field : std::uint8_t {
  kPath = 1,
  kInterface = 2,
  kMember = 3,
  kErrorName = 4,
  kReplySerial = 5,
  kDestination = 6,
  kSignature = 8,
};

void pad(std::string& bytes, std::size_t alignment) {
  while (bytes.size() % alignment != 0) bytes.push_back('\0');
}

template <class T>
void put(std::string& bytes, T value) {
  pad(bytes, sizeof(T));
  char raw[sizeof(T)];
  std::memcpy(raw, &value, sizeof(T));
  bytes.append(raw, sizeof(T));
}

void put_string(std::string& bytes, std::string_view text) {
  put(bytes, static_cast<std::uint32_t>(text.size()));
  bytes.append(text).push_back('\0');
}

void put_signature(std::string& bytes, std::string_view signature) {
  bytes.push_back(static_cast<char>(signature.size()));
  bytes.append(signature).push_back('\0');
}

// An array whose elements `put_elements` writes: its length does not count the padding before the
// first element.
template <class PutElements>
void put_array(std::string& bytes, std::size_t alignment, PutElements put_elements) {
  put(bytes, std::uint32_t{0});
  const std::size_t length_at = bytes.size() - sizeof(std::uint32_t);
  pad(bytes, alignment);
  const std::size_t begin = bytes.size();
  put_elements();
  const auto length = static_cast<std::uint32_t>(bytes.size() - begin);
  std::memcpy(bytes.data() + length_at, &length, sizeof(length));
}

struct ValueWriter {
  std::string& bytes;

  void operator()(bool value) const {
    put_signature(bytes, "b");
    put(bytes, std::uint32_t{value});
  }
  void operator()(std::uint64_t value) const {
    put_signature(bytes, "t");
    put(bytes, value);
  }
  void operator()(const std::string& value) const {
    put_signature(bytes, "s");
    put_string(bytes, value);
  }
  void operator()(const std::vector<std::string>& values) const {
    put_signature(bytes, "as");
    put_array(bytes, sizeof(std::uint32_t), [&] {
      for (const std::string& value : values) put_string(bytes, value);
    });
  }
  void operator()(const std::vector<std::uint32_t>& values) const {
    put_signature(bytes, "au");
    put_array(bytes, sizeof(std::uint32_t), [&] {
      for (const std::uint32_t value : values) put(bytes, value);
    });
  }
  void operator()(const std::vector<std::uint8_t>& values) const {
    put_signature(bytes, "ay");
    put_array(bytes, 1, [&] { bytes.append(values.begin(), values.end()); });
  }
};

void put_field(std::string& bytes, Field field, std::string_view type, std::string_view text) {
  pad(bytes, 8);
  bytes.push_back(static_cast<char>(field));
  put_signature(bytes, type);
  if (type == "g") {
    put_signature(bytes, text);
  } else {
    put_string(bytes, text);
  }
}

// Reads with the same alignment, and fails at the end of what is there.
class Reader {
 public:
  explicit Reader(std::string_view bytes) : bytes_(bytes) {}
  [[nodiscard]] std::size_t at() const { return at_; }

  Result<void> align(std::size_t alignment) {
    return skip((alignment - at_ % alignment) % alignment);
  }
  Result<void> skip(std::size_t count) {
    if (count > bytes_.size() - at_) return fail("D-Bus: a message ends too early");
    at_ += count;
    return {};
  }
  Result<std::uint8_t> byte() {
    TRY_VOID(skip(1));
    return static_cast<std::uint8_t>(bytes_[at_ - 1]);
  }
  Result<std::uint32_t> number() {
    TRY_VOID(align(sizeof(std::uint32_t)));
    TRY_VOID(skip(sizeof(std::uint32_t)));
    std::uint32_t value = 0;
    std::memcpy(&value, bytes_.data() + at_ - sizeof(value), sizeof(value));
    return value;
  }
  Result<std::string> text() {
    TRY(const std::uint32_t size, number());
    return take(size);
  }
  Result<std::string> signature() {
    TRY(const std::uint8_t size, byte());
    return take(size);
  }

 private:
  Result<std::string> take(std::size_t size) {
    TRY_VOID(skip(size));
    std::string taken(bytes_.substr(at_ - size, size));
    TRY_VOID(skip(1));  // its NUL
    return taken;
  }

  std::string_view bytes_;
  std::size_t at_ = 0;
};

// Where a header field's text belongs; null for those that nobody asks for.
std::string* text_of(Message& message, std::uint8_t field) {
  switch (field) {
    case kInterface:
      return &message.interface;
    case kMember:
      return &message.member;
    case kErrorName:
      return &message.error_name;
    case kSignature:
      return &message.signature;
    default:
      return nullptr;
  }
}

Result<void> read_field(Reader& reader, Message& message) {
  TRY_VOID(reader.align(8));
  TRY(const std::uint8_t field, reader.byte());
  TRY(const std::string type, reader.signature());
  if (type == "u") {
    TRY(const std::uint32_t number, reader.number());
    if (field == kReplySerial) message.reply_serial = number;
    return {};
  }
  if (type != "s" && type != "o" && type != "g")
    return fail("D-Bus: a header field of type {}", type);
  TRY(std::string text, type == "g" ? reader.signature() : reader.text());
  if (std::string* const known = text_of(message, field)) *known = std::move(text);
  return {};
}

}  // namespace

ArgumentWriter& ArgumentWriter::text(std::string_view value) {
  signature_ += 's';
  put_string(bytes_, value);
  return *this;
}

ArgumentWriter& ArgumentWriter::boolean(bool value) {
  signature_ += 'b';
  put(bytes_, std::uint32_t{value});
  return *this;
}

ArgumentWriter& ArgumentWriter::properties(const std::vector<UnitProperty>& properties) {
  signature_ += "a(sv)";
  put_array(bytes_, 8, [&] {
    for (const UnitProperty& property : properties) {
      pad(bytes_, 8);
      put_string(bytes_, property.name);
      std::visit(ValueWriter{bytes_}, property.value);
    }
  });
  return *this;
}

ArgumentWriter& ArgumentWriter::no_auxiliary_units() {
  signature_ += "a(sa(sv))";
  put_array(bytes_, 8, [] {});
  return *this;
}

std::string encode(const Call& call, std::string_view destination, std::uint32_t serial) {
  std::string bytes{kByteOrder, static_cast<char>(MessageType::kCall), 0,
                    static_cast<char>(kProtocolVersion)};
  put(bytes, static_cast<std::uint32_t>(call.arguments.bytes().size()));
  put(bytes, serial);
  put_array(bytes, 8, [&] {
    put_field(bytes, kPath, "o", call.path);
    put_field(bytes, kInterface, "s", call.interface);
    put_field(bytes, kMember, "s", call.member);
    put_field(bytes, kDestination, "s", destination);
    const std::string& signature = call.arguments.signature();
    if (!signature.empty()) put_field(bytes, kSignature, "g", signature);
  });
  pad(bytes, 8);
  return bytes + call.arguments.bytes();
}

Result<std::size_t> message_size(std::string_view bytes) {
  if (bytes.size() < kFixedHeader) return std::size_t{0};
  if (bytes[0] != kByteOrder || bytes[3] != kProtocolVersion) {
    return fail("D-Bus: the answer is no message of this machine's byte order");
  }
  std::uint32_t body = 0, fields = 0;
  std::memcpy(&body, bytes.data() + 4, sizeof(body));
  std::memcpy(&fields, bytes.data() + 12, sizeof(fields));
  if (body > kMaxMessage || fields > kMaxMessage) return fail("D-Bus: a message is too large");
  return kFixedHeader + (std::size_t{fields} + 7) / 8 * 8 + body;
}

Result<Message> decode(std::string_view bytes) {
  TRY(const std::size_t size, message_size(bytes));
  if (size == 0 || size > bytes.size()) return fail("D-Bus: a message ends too early");
  Message message;
  message.type = static_cast<MessageType>(bytes[1]);
  Reader reader(bytes.substr(0, size));
  TRY_VOID(reader.skip(kFixedHeader - sizeof(std::uint32_t)));
  TRY(const std::uint32_t fields, reader.number());
  const std::size_t end = kFixedHeader + fields;
  while (reader.at() < end) TRY_VOID(read_field(reader, message));
  TRY_VOID(reader.align(8));
  message.body = bytes.substr(reader.at(), size - reader.at());
  return message;
}

Result<std::string> argument(const Message& message, std::size_t index) {
  Reader reader(message.body);
  for (std::size_t at = 0; at < message.signature.size(); ++at) {
    const char type = message.signature[at];
    std::string value;
    if (type == 'u' || type == 'b') {
      TRY(const std::uint32_t number, reader.number());
      value = std::to_string(number);
    } else if (type == 's' || type == 'o') {
      TRY(value, reader.text());
    } else {
      break;
    }
    if (at == index) return value;
  }
  return fail("D-Bus: {} has no argument {}", message.member, index);
}

}  // namespace mycontainer::runtime::cgroup
