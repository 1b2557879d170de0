#include "runtime/log/record_text.h"

#include <array>
#include <cstdint>
#include <cstring>
#include <nlohmann/json.hpp>

#include "runtime/log/time_text.h"

namespace mycontainer::runtime::log {
namespace {

constexpr std::string_view kBefore = R"({"log":")";
constexpr std::string_view kStream = R"(","stream":"stdout)";  // or stderr, as long
constexpr std::string_view kTime = R"(","time":")";
constexpr std::string_view kAfter = R"("})";
constexpr std::size_t kTail = kStream.size() + kTime.size() + kTimeSize + kAfter.size();

constexpr auto kPlain = [] {
  std::array<bool, 256> plain{};
  for (std::size_t c = 0x20; c < 0x80; ++c) plain[c] = c != '"' && c != '\\';
  return plain;
}();

bool continues(unsigned char byte) { return (byte & 0xC0) == 0x80; }

// The bytes a character takes that begins with `first`; 0: none does.
std::size_t length_by(unsigned char first) {
  if (first >= 0xC2 && first < 0xE0) return 2;
  if (first >= 0xE0 && first < 0xF0) return 3;
  if (first >= 0xF0 && first < 0xF5) return 4;
  return 0;
}

// Whether `second` may follow `first`: no overlong forms, no surrogates, nothing above U+10FFFF.
bool may_follow(unsigned char first, unsigned char second) {
  if (first == 0xE0) return second >= 0xA0;
  if (first == 0xED) return second < 0xA0;
  if (first == 0xF0) return second >= 0x90;
  if (first == 0xF4) return second < 0x90;
  return true;
}

// The length of the well-formed character at `text` (of more than one byte), or 0.
std::size_t character(const unsigned char* text, std::size_t size) {
  const std::size_t length = length_by(*text);
  if (length == 0 || length > size || !may_follow(text[0], text[1])) return 0;
  for (std::size_t i = 1; i < length; ++i) {
    if (!continues(text[i])) return 0;
  }
  return length;
}

void append_escape(std::string& out, unsigned char byte) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  switch (byte) {
    case '\n':
      out += "\\n";
      return;
    case '\r':
      out += "\\r";
      return;
    case '\t':
      out += "\\t";
      return;
    case '"':
    case '\\':
      out += {'\\', static_cast<char>(byte)};
      return;
    default:
      if (byte >= 0x80) {
        out += "\\ufffd";
      } else {
        out += {'\\', 'u', '0', '0', kDigits[byte >> 4], kDigits[byte & 15]};
      }
  }
}

void append_escaped(std::string& out, std::string_view text) {
  const auto* at = reinterpret_cast<const unsigned char*>(text.data());
  const auto* const end = at + text.size();
  const auto* run = at;
  while (at != end) {
    if (kPlain[*at]) {
      ++at;
    } else if (const std::size_t size = character(at, static_cast<std::size_t>(end - at))) {
      at += size;
    } else {
      out.append(reinterpret_cast<const char*>(run), static_cast<std::size_t>(at - run));
      append_escape(out, *at);
      run = ++at;
    }
  }
  out.append(reinterpret_cast<const char*>(run), static_cast<std::size_t>(at - run));
}

// The value of the four digits of \uXXXX; -1: they are none.
int four_digits(std::string_view text) {
  if (text.size() < 4) return -1;
  int value = 0;
  for (const char c : text.substr(0, 4)) {
    const int digit = c >= '0' && c <= '9'   ? c - '0'
                      : c >= 'a' && c <= 'f' ? c - 'a' + 10
                      : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                             : -1;
    if (digit < 0) return -1;
    value = value * 16 + digit;
  }
  return value;
}

void append_character(std::string& out, int code) {
  if (code < 0x80) {
    out += static_cast<char>(code);
  } else if (code < 0x800) {
    out += {static_cast<char>(0xC0 | code >> 6), static_cast<char>(0x80 | (code & 63))};
  } else {
    out += {static_cast<char>(0xE0 | code >> 12), static_cast<char>(0x80 | (code >> 6 & 63)),
            static_cast<char>(0x80 | (code & 63))};
  }
}

// Takes one escape, after its backslash, from the front of `text`. False: it is none, or half of a
// surrogate pair, which the real parser puts together.
bool take_escape(std::string_view& text, std::string& out) {
  if (text.empty()) return false;
  const char c = text.front();
  text.remove_prefix(1);
  if (c == 'u') {
    const int code = four_digits(text);
    if (code < 0 || (code >= 0xD800 && code < 0xE000)) return false;
    append_character(out, code);
    text.remove_prefix(4);
    return true;
  }
  constexpr std::string_view kNames = "nrt\"\\/bf", kMeanings = "\n\r\t\"\\/\b\f";
  const std::size_t which = kNames.find(c);
  if (which == std::string_view::npos) return false;
  out += kMeanings[which];
  return true;
}

const char* find(std::string_view text, char c) {
  return static_cast<const char*>(std::memchr(text.data(), c, text.size()));
}

}  // namespace

void append_record(std::string& out, int stream, std::string_view text, std::string_view time) {
  out += kBefore;
  append_escaped(out, text);
  out += kStream;
  if (stream == 2) out.replace(out.size() - 3, 3, "err");
  out += kTime;
  out += time;
  out += kAfter;
  out += '\n';
}

std::size_t unfinished_character(std::string_view text) {
  for (std::size_t back = 1; back <= 3 && back <= text.size(); ++back) {
    const auto byte = static_cast<unsigned char>(text[text.size() - back]);
    if (continues(byte)) continue;
    return length_by(byte) > back ? back : 0;
  }
  return 0;
}

bool RecordParser::parse(char* line, std::size_t size, Fields& fields) {
  return parse_own(line, size, fields) || parse_foreign({line, size}, fields);
}

// Everything but the text has a fixed length, so the text's end is found from the line's.
bool RecordParser::parse_own(char* line, std::size_t size, Fields& fields) {
  const std::string_view whole(line, size);
  if (size < kBefore.size() + kTail || !whole.starts_with(kBefore)) return false;
  const std::string_view tail = whole.substr(size - kTail);
  const std::string_view stream = tail.substr(0, kStream.size());
  const std::string_view rest = tail.substr(kStream.size());
  const bool is_error = stream.ends_with("err");
  if (!stream.starts_with(kStream.substr(0, kStream.size() - 3)) ||
      (!is_error && !stream.ends_with("out")) || !rest.starts_with(kTime) ||
      !rest.ends_with(kAfter) || rest[rest.size() - kAfter.size() - 1] != 'Z') {
    return false;
  }
  fields.stream = is_error ? 2 : 1;
  fields.time = rest.substr(kTime.size(), kTimeSize);
  const std::string_view text = whole.substr(kBefore.size(), size - kBefore.size() - kTail);
  if (find(fields.time, '"') != nullptr) return false;
  const char* const escape = find(text, '\\');
  const bool only_newline =
      escape != nullptr && text.ends_with("\\n") && escape == text.data() + text.size() - 2;
  if (escape != nullptr && !only_newline) return unescape(text, fields.text);
  if (find(text, '"') != nullptr) return false;  // more keys than ours
  if (only_newline) line[kBefore.size() + text.size() - 2] = '\n';
  fields.text = only_newline ? text.substr(0, text.size() - 1) : text;
  return true;
}

bool RecordParser::unescape(std::string_view text, std::string_view& unescaped) {
  text_.clear();
  while (!text.empty()) {
    const char* const escape = find(text, '\\');
    const std::size_t plain =
        escape == nullptr ? text.size() : static_cast<std::size_t>(escape - text.data());
    if (find(text.substr(0, plain), '"') != nullptr) return false;
    text_ += text.substr(0, plain);
    text.remove_prefix(plain);
    if (escape == nullptr) break;
    text.remove_prefix(1);
    if (!take_escape(text, text_)) return false;
  }
  unescaped = text_;
  return true;
}

bool RecordParser::parse_foreign(std::string_view line, Fields& fields) {
  const auto parsed = nlohmann::json::parse(line, nullptr, false);
  if (!parsed.is_object()) return false;
  const auto text = parsed.find("log"), stream = parsed.find("stream"), time = parsed.find("time");
  for (const auto& field : {text, stream, time}) {
    if (field == parsed.end() || !field->is_string()) return false;
  }
  text_ = text->get_ref<const std::string&>();
  time_ = time->get_ref<const std::string&>();
  fields = {stream->get_ref<const std::string&>() == "stderr" ? 2 : 1, time_, text_};
  return true;
}

}  // namespace mycontainer::runtime::log
