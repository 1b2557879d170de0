#include "runtime/network/definition/attached_ports.h"

#include <fcntl.h>

#include <charconv>

#include "reexec/sys/file.h"
#include "runtime/network/address/port_range.h"

namespace mycontainer::runtime::network {

namespace {

// Each read is false at the first thing that is not as expected.
class Scanner {
 public:
  explicit Scanner(std::string_view text) : rest_(text) {}

  bool take(std::string_view word) {
    if (!rest_.starts_with(word)) return false;
    rest_.remove_prefix(word.size());
    return true;
  }

  bool read(std::uint16_t& number) {
    const char* const end = rest_.data() + rest_.size();
    const auto [after, status] = std::from_chars(rest_.data(), end, number);
    rest_ = {after, end};
    return status == std::errc{};
  }

  // What is in quotes; none of our texts needs escapes.
  bool read(std::string_view& text) {
    text = rest_.substr(0, rest_.find('"'));
    rest_.remove_prefix(text.size());
    return take("\"") && text.find('\\') == std::string_view::npos;
  }

  bool read(Address& address) {
    std::string_view text;
    if (!read(text)) return false;
    const auto parsed = Address::parse(text);
    if (parsed) address = *parsed;
    return parsed.has_value();
  }

  bool read(PublishedPort& port) {
    std::string_view protocol;
    const bool whole = take(R"({"containerPort":)") && read(port.container_port) &&
                       take(R"(,"hostAddress":")") && read(port.host_address) &&
                       take(R"(,"hostPort":)") && read(port.host_port) &&
                       take(R"(,"protocol":")") && read(protocol) && take(R"(,"target":")") &&
                       read(port.target) && take("}");
    const auto known = parse_protocol(protocol);
    if (known) port.protocol = *known;
    return whole && known;
  }

 private:
  std::string_view rest_;
};

}  // namespace

std::optional<std::vector<PublishedPort>> scan_ports(std::string_view attachment) {
  // No text in the document can hold this, because it would have its quotes escaped.
  constexpr std::string_view kList = R"("ports":[)";
  const std::size_t begin = attachment.find(kList);
  if (begin == std::string_view::npos) return {};
  Scanner scanner(attachment.substr(begin + kList.size()));
  std::vector<PublishedPort> ports;
  if (scanner.take("]")) return ports;
  do {
    if (!scanner.read(ports.emplace_back())) return {};
  } while (scanner.take(","));
  if (!scanner.take("]")) return {};
  return ports;
}

Result<std::vector<PublishedPort>> read_ports(const std::string& live_directory) {
  const auto text = sys::read_regular_at(AT_FDCWD, live_directory + "/" + kAttachmentFile);
  if (!text && text.error().code == ENOENT) return std::vector<PublishedPort>();
  if (!text) return Failure(text.error());
  if (auto ports = scan_ports(*text)) return *std::move(ports);
  TRY(Attachment attachment, attachment_from_json(*text));
  return std::move(attachment.ports);
}

}  // namespace mycontainer::runtime::network
