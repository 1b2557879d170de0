#include "runtime/init/home.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <array>
#include <charconv>

#include "reexec/sys/file.h"
#include "rootfs/path/open.h"

namespace mycontainer::runtime::init {

namespace {

constexpr std::size_t kMaxPasswdBytes = 1u << 20;
enum Field { kName, kPassword, kUid, kGid, kGecos, kHome, kFields };

// The part of `text` before the first `separator`, which both are cut off.
std::string_view cut(std::string_view& text, char separator) {
  const std::size_t end = text.find(separator);
  const std::string_view part = text.substr(0, end);
  text = end == std::string_view::npos ? std::string_view() : text.substr(end + 1);
  return part;
}

bool is_number(std::string_view text, std::uint32_t expected) {
  std::uint32_t number = 0;
  const char* const end = text.data() + text.size();
  const auto [after, error] = std::from_chars(text.data(), end, number);
  return error == std::errc() && after == end && number == expected;
}

}  // namespace

std::string home_in(std::string_view passwd, std::uint32_t uid) {
  while (!passwd.empty()) {
    std::string_view line = cut(passwd, '\n');
    std::array<std::string_view, kFields> fields;
    for (std::string_view& field : fields) field = cut(line, ':');
    if (!is_number(fields[kUid], uid)) continue;
    const std::string_view home = fields[kHome];
    const bool usable = home.starts_with('/') && home.find('\0') == std::string_view::npos;
    return std::string(usable ? home : "/");
  }
  return "/";
}

std::string home_below(int root, std::uint32_t uid) {
  const auto file = rootfs::path::open_in_root(root, "/etc/passwd", O_RDONLY | O_NONBLOCK);
  struct stat status {};
  if (!file || ::fstat(file->get(), &status) < 0 || !S_ISREG(status.st_mode)) return "/";
  const auto text = sys::read_all(file->get(), kMaxPasswdBytes);
  return text ? home_in(*text, uid) : "/";
}

}  // namespace mycontainer::runtime::init
