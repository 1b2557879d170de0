#include <sys/random.h>

#include <algorithm>
#include <array>

#include "rootfs/volume/store.h"

namespace mycontainer::rootfs::volume {

namespace {

constexpr std::size_t kShortest = 2, kLongest = 255;

bool is_letter_or_digit(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

bool is_name_character(char c) { return is_letter_or_digit(c) || c == '_' || c == '.' || c == '-'; }

bool has_option(const std::string& options, std::string_view wanted) {
  std::string_view rest = options;
  while (!rest.empty()) {
    const std::size_t comma = rest.find(',');
    if (rest.substr(0, comma) == wanted) return true;
    rest.remove_prefix(comma == rest.npos ? rest.size() : comma + 1);
  }
  return false;
}

}  // namespace

bool is_volume_name(std::string_view name) {
  return name.size() >= kShortest && name.size() <= kLongest && is_letter_or_digit(name.front()) &&
         std::ranges::all_of(name, is_name_character);
}

Result<void> check_volume_name(std::string_view name) {
  if (is_volume_name(name)) return {};
  const bool plain = !name.empty() && is_letter_or_digit(name.front()) &&
                     std::ranges::all_of(name, is_name_character);
  if (plain && name.size() < kShortest) {
    return fail(
        "volume name \"{}\" is too short, names should be at least two alphanumeric "
        "characters",
        name);
  }
  if (plain) return fail("volume name \"{}\" is longer than {} characters", name, kLongest);
  Error error{
      fmt::format("\"{}\" includes invalid characters for a local volume name, only "
                  "\"[a-zA-Z0-9][a-zA-Z0-9_.-]\" are allowed",
                  name)};
  error.hint = "if you intended to pass a host directory, use an absolute path";
  return Failure(std::move(error));
}

Result<void> check_options(const std::map<std::string, std::string>& options) {
  for (const auto& [key, value] : options) {
    if (key != "type" && key != "o" && key != "device") {
      return fail("invalid option: \"{}\": a local volume has type, o and device", key);
    }
    if (value.find('\0') != value.npos) return fail("the option {} holds a NUL byte", key);
  }
  const auto text_of = [&](const char* key) {
    const auto found = options.find(key);
    return found == options.end() ? std::string() : found->second;
  };
  if (options.empty()) return {};
  const std::string mounted = text_of("o");
  const bool bind = has_option(mounted, "bind") || has_option(mounted, "rbind");
  if (text_of("device").empty()) return fail("missing required option: \"device\"");
  if (text_of("type").empty() && !bind) return fail("missing required option: \"type\"");
  if (bind && !text_of("device").starts_with('/')) {
    return fail("the option device={} must be an absolute path", text_of("device"));
  }
  return {};
}

Result<std::string> random_volume_name() {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::array<unsigned char, 32> bytes{};
  if (::getrandom(bytes.data(), bytes.size(), 0) != static_cast<ssize_t>(bytes.size())) {
    return fail_errno("getrandom");
  }
  std::string name;
  for (const unsigned char byte : bytes) {
    name += kDigits[byte >> 4];
    name += kDigits[byte & 15];
  }
  return name;
}

}  // namespace mycontainer::rootfs::volume
