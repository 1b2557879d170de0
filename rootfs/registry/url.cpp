#include "rootfs/registry/url.h"

#include <algorithm>
#include <cctype>
#include <charconv>

#include "rootfs/registry/words.h"

namespace mycontainer::rootfs::registry {

namespace {

constexpr std::size_t kMaxUrl = 16384;

bool is_printable(std::string_view text) {
  return std::ranges::all_of(text, [](unsigned char c) { return c > ' ' && c != 127; });
}

bool is_host(std::string_view text, bool brackets) {
  return !text.empty() && text.size() <= 255 && std::ranges::all_of(text, [&](unsigned char c) {
    return std::isalnum(c) != 0 || c == '.' || c == '-' || c == '_' || (brackets && c == ':');
  });
}

std::uint16_t default_port(std::string_view scheme) { return scheme == "https" ? 443 : 80; }

Result<std::uint16_t> parse_port(std::string_view text) {
  unsigned port = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  if (error != std::errc() || end != text.data() + text.size() || port == 0 || port > 65535) {
    return fail("invalid port \"{}\"", printable(text, 20));
  }
  return static_cast<std::uint16_t>(port);
}

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  const char lower = static_cast<char>(c | 0x20);
  return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

}  // namespace

std::string Url::authority() const {
  std::string text = host.find(':') == std::string::npos ? host : "[" + host + "]";
  if (port != default_port(scheme)) text += ":" + std::to_string(port);
  return text;
}

Result<Url> parse_authority(std::string_view scheme, std::string_view authority) {
  Url url{.scheme = std::string(scheme), .host = {}, .port = default_port(scheme)};
  std::string_view host = authority, port;
  const bool brackets = authority.starts_with('[');
  const std::size_t end = brackets ? authority.find(']') : authority.find(':');
  if (end != std::string_view::npos) {
    host = brackets ? authority.substr(1, end - 1) : authority.substr(0, end);
    port = authority.substr(brackets ? end + 1 : end);
  }
  if (!is_host(host, brackets) || (!port.empty() && !port.starts_with(':'))) {
    return fail("invalid host \"{}\"", printable(authority, 100));
  }
  url.host = lower_case(host);
  if (port.size() > 1) {
    TRY(url.port, parse_port(port.substr(1)));
  }
  return url;
}

Result<Url> parse_url(std::string_view text) {
  if (text.size() > kMaxUrl || !is_printable(text)) {
    return fail("invalid URL \"{}\"", printable(text, 100));
  }
  const std::size_t colon = text.find("://");
  const std::string scheme = lower_case(text.substr(0, colon));
  if (colon == std::string_view::npos || (scheme != "http" && scheme != "https")) {
    return fail("\"{}\" is no URL of http or https", printable(text, 100));
  }
  text = text.substr(0, text.find('#')).substr(colon + 3);
  const std::size_t slash = text.find_first_of("/?");
  std::string_view authority = text.substr(0, slash);
  const std::size_t at = authority.rfind('@');
  const std::string_view user =
      at == std::string_view::npos ? std::string_view() : authority.substr(0, at);
  if (at != std::string_view::npos) authority.remove_prefix(at + 1);
  TRY(Url url, parse_authority(scheme, authority));
  url.user_info = percent_decode(user);
  if (slash != std::string_view::npos) url.target = text.substr(slash);
  if (url.target.starts_with('?')) url.target.insert(0, "/");
  return url;
}

Result<Url> resolve_url(const Url& base, std::string_view reference) {
  reference = reference.substr(0, reference.find('#'));
  const std::size_t colon = reference.find("://");
  if (colon != std::string_view::npos && colon < reference.find_first_of("/?")) {
    return parse_url(reference);
  }
  if (reference.starts_with("//")) return parse_url(base.scheme + ":" + std::string(reference));
  Url url = base;
  url.user_info.clear();
  const std::string_view path = std::string_view(base.target).substr(0, base.target.find('?'));
  if (reference.starts_with('/')) {
    url.target = reference;
  } else if (reference.starts_with('?')) {
    url.target = std::string(path) + std::string(reference);
  } else {
    url.target = std::string(path.substr(0, path.rfind('/') + 1)) + std::string(reference);
  }
  if (url.target.size() > kMaxUrl || !is_printable(url.target)) {
    return fail("invalid URL \"{}\"", printable(reference, 100));
  }
  return url;
}

std::string percent_encode(std::string_view text) {
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  std::string encoded;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (std::isalnum(byte) != 0 || c == '-' || c == '.' || c == '_' || c == '~') {
      encoded += c;
    } else {
      encoded += '%';
      encoded += kDigits[byte >> 4];
      encoded += kDigits[byte & 15];
    }
  }
  return encoded;
}

std::string percent_decode(std::string_view text) {
  std::string decoded;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%' && i + 2 < text.size() && hex_digit(text[i + 1]) >= 0 &&
        hex_digit(text[i + 2]) >= 0) {
      decoded += static_cast<char>(hex_digit(text[i + 1]) * 16 + hex_digit(text[i + 2]));
      i += 2;
    } else {
      decoded += text[i];
    }
  }
  return decoded;
}

std::string with_parameter(std::string_view target, std::string_view name, std::string_view value) {
  std::string text(target);
  const bool has_query = target.find('?') != std::string_view::npos;
  if (!has_query) {
    text += '?';
  } else if (!text.ends_with('?') && !text.ends_with('&')) {
    text += '&';
  }
  return text + std::string(name) + "=" + percent_encode(value);
}

}  // namespace mycontainer::rootfs::registry
