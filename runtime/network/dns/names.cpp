#include "runtime/network/dns/names.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <climits>

#include "reexec/sys/file.h"
#include "reexec/sys/log.h"

namespace mycontainer::runtime::network {

namespace {

constexpr mode_t kForAll = 0755;
constexpr std::size_t kLongestLabel = 63, kLongestName = 253;

// Whatever the umask was of who made it.
Result<UniqueFd> shared_directory(int parent, const std::string& path) {
  const bool made = ::mkdirat(parent, path.c_str(), kForAll) == 0;
  if (!made && errno != EEXIST) return fail_errno("mkdir {}", path);
  TRY(UniqueFd directory, sys::open_at(parent, path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW));
  struct stat status {};
  if (::fstat(directory.get(), &status) < 0) return fail_errno("look at {}", path);
  if ((status.st_mode & kForAll) != kForAll && ::fchmod(directory.get(), kForAll) < 0) {
    return fail_errno("change the mode of {}", path);
  }
  return directory;
}

Result<void> put_link(int directory, const std::string& name, const std::string& target) {
  if (::symlinkat(target.c_str(), directory, name.c_str()) == 0) return {};
  if (errno != EEXIST) return fail_errno("announce {}", name);
  // Of another run of this container, which was killed.
  const std::string aside = "." + name;
  ::unlinkat(directory, aside.c_str(), 0);
  if (::symlinkat(target.c_str(), directory, aside.c_str()) < 0 ||
      ::renameat(directory, aside.c_str(), directory, name.c_str()) < 0) {
    return fail_errno("announce {}", name);
  }
  return {};
}

// Who withdraws a name removes its directory when nobody is left in it, perhaps in just this moment.
Result<void> put_name(int names, const std::string& name, const std::string& container_id,
                      const std::string& addresses) {
  constexpr int kAttempts = 1000;
  for (int attempt = 0; attempt < kAttempts; ++attempt) {
    auto directory = shared_directory(names, name);
    if (!directory && directory.error().code == ENOENT) continue;
    if (!directory) return Failure(std::move(directory).error());
    auto put = put_link(directory->get(), container_id, addresses);
    if (put || put.error().code != ENOENT) return put;
  }
  return fail("the directory of the name {} is removed as often as it is made", name);
}

std::string addresses_text(const Endpoint& endpoint) {
  std::string text;
  for (const AssignedAddress& assigned : endpoint.addresses) {
    if (!text.empty()) text += ',';
    text += assigned.address.to_text();
  }
  return text;
}

std::vector<std::string> askable_names(const Endpoint& endpoint) {
  std::vector<std::string> names;
  for (const std::string& wanted : endpoint.names) {
    auto name = dns_name(wanted);
    if (!name) log_debug("network: nobody can ask for the name {}", wanted);
    if (name && std::ranges::find(names, *name) == names.end()) names.push_back(std::move(*name));
  }
  return names;
}

Result<void> announce_in_network(int network, const std::string& container_id,
                                 const Endpoint& endpoint) {
  const std::vector<std::string> called = askable_names(endpoint);
  const std::string addresses = addresses_text(endpoint);
  if (called.empty() || addresses.empty()) return {};
  TRY(const UniqueFd reverse, shared_directory(network, "reverse"));
  for (const AssignedAddress& assigned : endpoint.addresses) {
    TRY_VOID(put_link(reverse.get(), assigned.address.to_text(),
                      container_id + "/" + called.front() + "." + endpoint.network_name));
  }
  TRY(const UniqueFd names, shared_directory(network, "names"));
  for (const std::string& name : called) {
    TRY_VOID(put_name(names.get(), name, container_id, addresses));
  }
  return {};
}

Result<UniqueFd> member_directory(int live, const std::string& container_id) {
  TRY(const UniqueFd members, shared_directory(live, "members"));
  return shared_directory(members.get(), container_id);
}

void remove(const std::string& path) { ::unlink(path.c_str()); }

// A killed container's address may be another's by now.
void remove_reverse(const std::string& path, const std::string& container_id) {
  char target[PATH_MAX];
  const ssize_t size = ::readlink(path.c_str(), target, sizeof target);
  if (size <= 0) return;
  const std::string_view text(target, static_cast<std::size_t>(size));
  if (text.starts_with(container_id + "/")) remove(path);
}

Result<void> lock_file(int file) {
  struct flock lock {};
  lock.l_type = F_WRLCK;
  lock.l_whence = SEEK_SET;
  if (::fcntl(file, F_OFD_SETLK, &lock) < 0) return fail_errno("lock");
  return {};
}

}  // namespace

std::optional<std::string> dns_name(std::string_view name) {
  if (name.empty() || name.size() > kLongestName) return {};
  std::string lower;
  std::size_t label = 0;
  for (char c : name) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    const bool plain =
        (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '.';
    if (!plain || (c == '.' && label == 0)) return {};
    label = c == '.' ? 0 : label + 1;
    if (label > kLongestLabel) return {};
    lower += c;
  }
  if (label == 0) return {};
  return lower;
}

Result<void> announce(const Places& places, const std::string& container_id,
                      const Endpoint& endpoint) {
  TRY(const UniqueFd live, shared_directory(AT_FDCWD, places.live()));
  TRY(const UniqueFd network, shared_directory(live.get(), endpoint.network_id));
  TRY_VOID(announce_in_network(network.get(), container_id, endpoint));
  TRY(const UniqueFd member, member_directory(live.get(), container_id));
  return put_link(member.get(), endpoint.network_id,
                  endpoint.network_name + (endpoint.internal ? "/internal" : ""));
}

void withdraw_names(const Places& places, const std::string& container_id,
                    const Endpoint& endpoint) {
  const std::string network = places.live_of(endpoint.network_id);
  const std::string member = places.live() + "/members/" + container_id;
  remove(member + "/" + endpoint.network_id);
  for (const std::string& name : askable_names(endpoint)) {
    const std::string directory = network + "/names/" + name;
    remove(directory + "/" + container_id);
    remove(directory + "/." + container_id);
    ::rmdir(directory.c_str());
  }
  for (const AssignedAddress& assigned : endpoint.addresses) {
    remove_reverse(network + "/reverse/" + assigned.address.to_text(), container_id);
  }
  // Also when somebody was killed between the two.
  if (::rmdir(member.c_str()) < 0 && errno != ENOENT) return;
  remove(places.live() + "/alive/" + container_id);
  remove(places.live() + "/alive/." + container_id);
}

bool is_served(const Places& places, const std::string& container_id) {
  const auto file = sys::open_at(AT_FDCWD, places.live() + "/alive/" + container_id, O_RDONLY);
  if (!file) return false;
  struct flock lock {};
  lock.l_type = F_WRLCK;
  lock.l_whence = SEEK_SET;
  return ::fcntl(file->get(), F_OFD_GETLK, &lock) == 0 && lock.l_type != F_UNLCK;
}

Result<UniqueFd> lock_membership(const Places& places, const std::string& container_id) {
  TRY(const UniqueFd live, shared_directory(AT_FDCWD, places.live()));
  TRY(const UniqueFd alive, shared_directory(live.get(), "alive"));
  // A new file, so that nobody has it locked, and nobody finds it before it is.
  const std::string aside = "." + container_id;
  ::unlinkat(alive.get(), aside.c_str(), 0);
  TRY(UniqueFd file, sys::open_at(alive.get(), aside, O_RDWR | O_CREAT | O_EXCL, 0644));
  if (::fchmod(file.get(), 0644) < 0) return fail_errno("change the mode of {}", aside);
  TRY_VOID(lock_file(file.get()));
  if (::renameat(alive.get(), aside.c_str(), alive.get(), container_id.c_str()) < 0) {
    return fail_errno("rename {}", aside);
  }
  return file;
}

}  // namespace mycontainer::runtime::network
