#include "runtime/engine/user_cache.h"

#include <fcntl.h>
#include <sys/random.h>
#include <unistd.h>

#include <charconv>
#include <cstdio>
#include <string_view>

#include "reexec/sys/file.h"

namespace mycontainer::runtime::engine {

namespace {

constexpr std::size_t kMaxBytes = 2 * kMaxUserDatabaseBytes + 64;

// Beside the tree, where nothing of the image lies.
std::string path_beside(const std::string& top) {
  return top.substr(0, top.rfind('/')) + "/user-database";
}

std::optional<std::size_t> take_number(std::string_view& text, char end) {
  std::size_t value = 0;
  const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || stop == text.data() + text.size() || *stop != end) return {};
  text.remove_prefix(static_cast<std::size_t>(stop - text.data()) + 1);
  return value;
}

}  // namespace

std::optional<UserDatabase> cached_users(const std::string& top) {
  const auto text = sys::read_regular_at(AT_FDCWD, path_beside(top), kMaxBytes);
  if (!text) return std::nullopt;
  std::string_view rest = *text;
  const auto passwd = take_number(rest, ' ');
  const auto group = passwd ? take_number(rest, '\n') : std::nullopt;
  if (!group || *passwd > rest.size() || *group != rest.size() - *passwd) return std::nullopt;
  return UserDatabase{std::string(rest.substr(0, *passwd)), std::string(rest.substr(*passwd))};
}

void cache_users(const std::string& top, const UserDatabase& database) {
  const std::string path = path_beside(top);
  std::uint64_t number = 0;
  (void)::getrandom(&number, sizeof number, 0);
  const std::string temporary = fmt::format("{}.{:016x}", path, number);
  const std::string text = fmt::format("{} {}\n{}{}", database.passwd.size(), database.group.size(),
                                       database.passwd, database.group);
  const auto written =
      sys::write_file_at(AT_FDCWD, temporary, text, O_WRONLY | O_CREAT | O_EXCL, 0600);
  if (!written || ::rename(temporary.c_str(), path.c_str()) < 0) (void)::unlink(temporary.c_str());
}

}  // namespace mycontainer::runtime::engine
