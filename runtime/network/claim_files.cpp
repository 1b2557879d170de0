#include "runtime/network/claim_files.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdint>
#include <cstdio>
#include <memory>
#include <utility>

#include "reexec/sys/unique_fd.h"

namespace mycontainer::runtime::network {

std::string claims_directory(const Places& places, const std::string& network_id) {
  return places.live_of(network_id) + "/addresses";
}

std::vector<std::string> names_in(const std::string& directory) {
  std::vector<std::string> names;
  const std::unique_ptr<DIR, int (*)(DIR*)> stream(::opendir(directory.c_str()), ::closedir);
  while (const dirent* entry = stream ? ::readdir(stream.get()) : nullptr) {
    const std::string_view name = entry->d_name;
    if (name != "." && name != "..") names.emplace_back(name);
  }
  return names;
}

std::string owner_of(std::string_view claim) {
  return std::string(claim.substr(0, claim.find('.')));
}

void remove_claim(const std::string& place, const std::string& claim) {
  (void)::unlink((place + "/" + claim).c_str());
  (void)::rmdir(place.c_str());  // not when it is another's by now
}

std::string living_owner(const Places& places, const std::string& place,
                         const std::string& container_id) {
  for (const std::string& claim : names_in(place)) {
    std::string owner = owner_of(claim);
    if (owner != container_id && places.is_alive(owner)) return owner;
    remove_claim(place, claim);
  }
  return {};
}

Result<Aside> Aside::make(const std::string& directory, const std::string& container_id) {
  std::uint64_t random = 0;
  if (::getrandom(&random, sizeof random, 0) != sizeof random) return fail_errno("getrandom");
  Aside aside;
  aside.claim_ = fmt::format("{}.{:016x}", container_id, random);
  const std::string path = fmt::format("{}/{}{}", directory, kAside, aside.claim_);
  if (::mkdir(path.c_str(), 0700) < 0) return fail_errno("mkdir {}", path);
  aside.path_ = path;
  const std::string file = path + "/" + aside.claim_;
  const UniqueFd made(::open(file.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
  if (!made) return fail_errno("open {}", file);
  return aside;
}

Aside::Aside(Aside&& other) noexcept
    : path_(std::exchange(other.path_, {})), claim_(std::move(other.claim_)) {}

Aside::~Aside() {
  if (!path_.empty()) remove_claim(path_, claim_);
}

Result<bool> Aside::put(const std::string& place) {
  if (::rename(path_.c_str(), place.c_str()) == 0) {
    path_.clear();
    return true;
  }
  if (errno == ENOTEMPTY || errno == EEXIST) return false;
  return fail_errno("claim {}", place);
}

}  // namespace mycontainer::runtime::network
