#include "rootfs/mount/mountinfo.h"

#include <charconv>

namespace mycontainer::rootfs::mount {

namespace {

// Takes the text before `separator`, and the separator, off the front of `text`.
std::string_view take(std::string_view& text, char separator) {
  const std::size_t end = text.find(separator);
  const std::string_view front = text.substr(0, end);
  text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  return front;
}

template <class Number>
bool parse_number(std::string_view text, Number& value) {
  const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), value);
  return code == std::errc() && end == text.data() + text.size();
}

bool is_octal(char c) { return c >= '0' && c <= '7'; }

bool is_escape(std::string_view text) {
  return text.size() >= 4 && text[0] == '\\' && text[1] <= '3' && is_octal(text[1]) &&
         is_octal(text[2]) && is_octal(text[3]);
}

std::string unescape(std::string_view text) {
  std::string plain;
  plain.reserve(text.size());
  while (!text.empty()) {
    if (is_escape(text)) {
      plain += static_cast<char>((text[1] - '0') * 64 + (text[2] - '0') * 8 + (text[3] - '0'));
      text.remove_prefix(4);
    } else {
      plain += text.front();
      text.remove_prefix(1);
    }
  }
  return plain;
}

std::vector<std::string> split(std::string_view text) {
  std::vector<std::string> parts;
  while (!text.empty()) parts.emplace_back(take(text, ','));
  return parts;
}

bool parse_numbers(std::string_view& line, MountEntry& entry) {
  if (!parse_number(take(line, ' '), entry.id)) return false;
  if (!parse_number(take(line, ' '), entry.parent_id)) return false;
  std::string_view device = take(line, ' ');
  return parse_number(take(device, ':'), entry.major) && parse_number(device, entry.minor);
}

}  // namespace

std::optional<MountEntry> parse_mountinfo_line(std::string_view line) {
  MountEntry entry;
  if (!parse_numbers(line, entry)) return std::nullopt;
  entry.root = unescape(take(line, ' '));
  entry.mount_point = unescape(take(line, ' '));
  entry.options = split(take(line, ' '));
  while (true) {
    if (line.empty()) return std::nullopt;  // the lone "-" never came
    const std::string_view field = take(line, ' ');
    if (field == "-") break;
    entry.optional_fields.emplace_back(field);
  }
  entry.type = unescape(take(line, ' '));
  entry.source = unescape(take(line, ' '));
  entry.super_options = split(take(line, ' '));
  if (entry.mount_point.empty() || entry.type.empty()) return std::nullopt;
  return entry;
}

std::vector<MountEntry> parse_mountinfo(std::string_view text) {
  std::vector<MountEntry> entries;
  while (!text.empty()) {
    if (auto entry = parse_mountinfo_line(take(text, '\n'))) entries.push_back(std::move(*entry));
  }
  return entries;
}

}  // namespace mycontainer::rootfs::mount
