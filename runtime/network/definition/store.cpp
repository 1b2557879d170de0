#include "runtime/network/definition/store.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <memory>
#include <thread>

#include "reexec/sys/file.h"
#include "reexec/sys/log.h"
#include "reexec/sys/replace_file.h"

namespace mycontainer::runtime::network {

namespace {

constexpr const char* kFile = "network.json";
constexpr const char* kLock = "/.lock";
// Being made and being removed: what is not locked was left by a killed process.
constexpr std::string_view kNew = ".new-", kOld = ".old-";

Failure not_found(std::string_view word) { return fail_code(ENOENT, "network {} not found", word); }

Result<std::vector<std::string>> names_in(const std::string& directory) {
  std::vector<std::string> names;
  const std::unique_ptr<DIR, int (*)(DIR*)> stream(::opendir(directory.c_str()), ::closedir);
  if (!stream && errno == ENOENT) return names;
  if (!stream) return fail_errno("open {}", directory);
  while (const dirent* entry = ::readdir(stream.get())) names.emplace_back(entry->d_name);
  std::ranges::sort(names);
  return names;
}

// A directory of another process may vanish before it is locked.
UniqueFd open_locked(const std::string& path) {
  UniqueFd directory(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  if (directory && ::flock(directory.get(), LOCK_EX | LOCK_NB) < 0) directory.reset();
  return directory;
}

void sweep(const std::string& directory) {
  const auto names = names_in(directory);
  if (!names) return;
  for (const std::string& name : *names) {
    if (!name.starts_with(kNew) && !name.starts_with(kOld)) continue;
    const std::string path = directory + "/" + name;
    if (const UniqueFd unused = open_locked(path)) (void)sys::remove_tree_at(AT_FDCWD, path);
  }
}

bool is_still(int directory, const std::string& path) {
  struct stat ours {
  }, named{};
  return ::fstat(directory, &ours) == 0 && ::lstat(path.c_str(), &named) == 0 &&
         ours.st_ino == named.st_ino;
}

// Whole, and on the disk before its name is: no crash leaves a network without its definition.
Result<void> make(const std::string& directory, const Definition& definition) {
  TRY(const std::string random, new_network_id());
  const std::string aside = fmt::format("{}/{}{}", directory, kNew, random);
  if (::mkdir(aside.c_str(), 0700) < 0) return fail_errno("mkdir {}", aside);
  const UniqueFd made = open_locked(aside);
  if (!made || !is_still(made.get(), aside)) return fail("make network {}", definition.name);
  auto written = sys::replace_file_durably_at(made.get(), kFile, to_json(definition), 0600);
  const std::string path = directory + "/" + definition.name;
  if (written && ::rename(aside.c_str(), path.c_str()) < 0) {
    // No network is an empty directory, which a rename would replace.
    written = errno == ENOTEMPTY || errno == EEXIST
                  ? fail("network with name {} already exists", definition.name)
                  : fail_errno("make network {}", definition.name);
  }
  if (!written) (void)sys::remove_tree_at(AT_FDCWD, aside);
  return written;
}

std::int64_t now() {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(
             std::chrono::system_clock::now().time_since_epoch())
      .count();
}

std::string device_of(const Definition& definition) {
  const std::string wanted = definition.wanted_device();
  return wanted.empty() ? own_device_name(definition) : wanted;
}

}  // namespace

Result<std::string> new_network_id() {
  std::array<std::byte, 32> bytes{};
  if (::getrandom(bytes.data(), bytes.size(), 0) != static_cast<ssize_t>(bytes.size())) {
    return fail_errno("getrandom");
  }
  std::string id;
  for (const std::byte byte : bytes) id += fmt::format("{:02x}", std::to_integer<unsigned>(byte));
  return id;
}

Result<UniqueFd> lock_definitions(const Places& places) {
  using std::chrono::milliseconds, std::chrono::steady_clock;
  TRY_VOID(sys::make_directories(places.networks(), 0700));
  TRY(UniqueFd lock,
      sys::open_at(AT_FDCWD, places.networks() + kLock, O_RDWR | O_CREAT | O_NOFOLLOW, 0600));
  // Whoever holds it is busy for milliseconds, but may have been stopped.
  const auto end = steady_clock::now() + std::chrono::seconds(10);
  for (auto pause = milliseconds(1); ::flock(lock.get(), LOCK_EX | LOCK_NB) < 0;
       pause = std::min(pause * 2, milliseconds(20))) {
    if (errno != EWOULDBLOCK && errno != EINTR) return fail_errno("lock {}", places.networks());
    if (steady_clock::now() >= end) return fail("another command is making networks");
    std::this_thread::sleep_for(pause);
  }
  return lock;
}

Result<Definition> read(const Places& places, const std::string& name) {
  if (!is_network_name(name)) return not_found(name);
  const auto text =
      sys::read_regular_at(AT_FDCWD, fmt::format("{}/{}/{}", places.networks(), name, kFile));
  if (!text && (text.error().code == ENOENT || text.error().code == ENOTDIR)) {
    return not_found(name);
  }
  if (!text) return within(fmt::format("network {}", name), text.error());
  auto definition = from_json(*text);
  if (definition && definition->name == name) return definition;
  return Failure(Error{fmt::format("network {} is broken: its {} is not readable", name, kFile), 0,
                       fmt::format("remove it with 'mycontainer network rm {}'", name), 0});
}

Result<std::vector<Definition>> list(const Places& places) {
  TRY(const auto names, names_in(places.networks()));
  std::vector<Definition> definitions;
  for (const std::string& name : names) {
    if (!is_network_name(name)) continue;
    auto definition = read(places, name);
    if (definition) {
      definitions.push_back(*std::move(definition));
    } else if (definition.error().code != ENOENT) {
      log_warn("{}", definition.error().message());
    }
  }
  return definitions;
}

Result<Definition> find(const Places& places, std::string_view word) {
  auto named = read(places, std::string(word));
  if (named || named.error().code != ENOENT) return named;
  constexpr std::size_t kIdDigits = 64;
  const bool is_prefix = !word.empty() && word.size() <= kIdDigits &&
                         word.find_first_not_of("0123456789abcdef") == std::string_view::npos;
  if (!is_prefix) return named;
  TRY(auto all, list(places));
  std::erase_if(all, [&](const Definition& one) { return !one.id.starts_with(word); });
  if (all.empty()) return named;
  if (all.size() > 1) {
    return fail("network {} is ambiguous ({} matches found on ID prefix)", word, all.size());
  }
  return std::move(all.front());
}

Result<Definition> store(const Places& places, Definition definition) {
  if (!is_network_name(definition.name)) return fail("\"{}\" is no name", definition.name);
  if (definition.id.empty()) {
    TRY(definition.id, new_network_id());
  }
  if (definition.created == 0) definition.created = now();
  if (definition.device.empty()) definition.device = device_of(definition);
  TRY_VOID(sys::make_directories(places.networks(), 0700));
  sweep(places.networks());
  TRY(const auto others, list(places));
  for (const Definition& other : others) {
    const bool shared = other.device == definition.device && other.name != definition.name;
    if (shared && (definition.driver == "bridge" || other.driver == "bridge")) {
      return fail("the device {} is that of the network {}", definition.device, other.name);
    }
  }
  TRY_VOID(make(places.networks(), definition));
  return definition;
}

Result<void> forget(const Places& places, const Definition& definition) {
  if (!is_network_name(definition.name)) return not_found(definition.name);
  TRY(const std::string random, new_network_id());
  const std::string path = places.networks() + "/" + definition.name;
  const std::string aside = fmt::format("{}/{}{}", places.networks(), kOld, random);
  const UniqueFd held = open_locked(path);  // from who sweeps
  if (::rename(path.c_str(), aside.c_str()) < 0) {
    if (errno == ENOENT) return not_found(definition.name);
    return fail_errno("remove network {}", definition.name);
  }
  return sys::remove_tree_at(AT_FDCWD, aside);
}

}  // namespace mycontainer::runtime::network
