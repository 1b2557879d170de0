#include "runtime/oci/json_text.h"

#include <fmt/core.h>

namespace mycontainer::runtime::oci {
namespace {

// What the first byte of a sequence says: how long it is, and the least and greatest second byte
// (RFC 3629's table, which leaves out surrogates, overlong forms and what lies beyond U+10FFFF).
struct Lead {
  unsigned char first, last, length, second_least, second_most;
};
constexpr Lead kLeads[] = {
    {0xc2, 0xdf, 2, 0x80, 0xbf}, {0xe0, 0xe0, 3, 0xa0, 0xbf}, {0xe1, 0xec, 3, 0x80, 0xbf},
    {0xed, 0xed, 3, 0x80, 0x9f}, {0xee, 0xef, 3, 0x80, 0xbf}, {0xf0, 0xf0, 4, 0x90, 0xbf},
    {0xf1, 0xf3, 4, 0x80, 0xbf}, {0xf4, 0xf4, 4, 0x80, 0x8f},
};

unsigned char byte_at(std::string_view text, std::size_t at) {
  return static_cast<unsigned char>(text[at]);
}

void append_special(std::string& json, char c) {
  switch (c) {
    case '"':
      json += "\\\"";
      break;
    case '\\':
      json += "\\\\";
      break;
    case '\n':
      json += "\\n";
      break;
    case '\t':
      json += "\\t";
      break;
    case '\r':
      json += "\\r";
      break;
    default:
      json += fmt::format("\\u{:04x}", static_cast<unsigned char>(c));
  }
}

bool is_plain(unsigned char byte) {
  return byte >= 0x20 && byte < 0x80 && byte != '"' && byte != '\\';
}

}  // namespace

std::size_t utf8_length(std::string_view text) {
  const unsigned char first = text.empty() ? 0 : byte_at(text, 0);
  for (const Lead& lead : kLeads) {
    if (first < lead.first || first > lead.last) continue;
    if (lead.length > text.size()) return 0;
    const unsigned char second = byte_at(text, 1);
    if (second < lead.second_least || second > lead.second_most) return 0;
    for (std::size_t next = 2; next < lead.length; ++next) {
      if ((byte_at(text, next) & 0xc0) != 0x80) return 0;
    }
    return lead.length;
  }
  return 0;
}

void append_json_string(std::string& json, std::string_view text) {
  json += '"';
  for (std::size_t at = 0; at < text.size();) {
    std::size_t end = at;
    while (end < text.size() && is_plain(byte_at(text, end))) ++end;
    json.append(text, at, end - at);
    at = end;
    if (at == text.size()) break;
    if (byte_at(text, at) < 0x80) {
      append_special(json, text[at++]);
    } else if (const std::size_t length = utf8_length(text.substr(at)); length > 0) {
      json.append(text, at, length);
      at += length;
    } else {
      json += "\xef\xbf\xbd";
      ++at;
    }
  }
  json += '"';
}

void append_json_object(std::string& json, const std::map<std::string, std::string>& members) {
  json += '{';
  for (const auto& [key, value] : members) {
    if (json.back() != '{') json += ',';
    append_json_string(json, key);
    json += ':';
    append_json_string(json, value);
  }
  json += '}';
}

}  // namespace mycontainer::runtime::oci
