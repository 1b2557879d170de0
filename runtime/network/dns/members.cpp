#include "runtime/network/dns/members.h"

#include <dirent.h>
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <climits>
#include <memory>

#include "reexec/sys/file.h"

namespace mycontainer::runtime::network {

namespace {

constexpr std::string_view kInternal = "/internal";

// Of entries that are not being written just now.
std::vector<std::string> entries_of(int parent, const std::string& path) {
  auto opened = sys::open_at(parent, path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
  if (!opened) return {};
  const std::unique_ptr<DIR, int (*)(DIR*)> directory(::fdopendir(opened->release()), ::closedir);
  std::vector<std::string> names;
  while (const dirent* entry = directory ? ::readdir(directory.get()) : nullptr) {
    if (entry->d_name[0] != '.') names.emplace_back(entry->d_name);
  }
  return names;
}

std::string link_at(int parent, const std::string& path) {
  char target[PATH_MAX];
  const ssize_t size = ::readlinkat(parent, path.c_str(), target, sizeof target);
  return size > 0 ? std::string(target, static_cast<std::size_t>(size)) : std::string();
}

void add_addresses(std::string_view text, std::vector<Address>& addresses) {
  while (!text.empty()) {
    const auto comma = text.find(',');
    if (const auto address = Address::parse(text.substr(0, comma))) addresses.push_back(*address);
    text = comma == text.npos ? std::string_view() : text.substr(comma + 1);
  }
}

}  // namespace

std::vector<Members::Network> Members::networks() const {
  std::vector<Network> networks;
  const std::string directory = "members/" + container_id_;
  for (std::string& id : entries_of(live_.get(), directory)) {
    Network network{.id = std::move(id), .name = {}};
    network.name = link_at(live_.get(), directory + "/" + network.id);
    if (network.name.empty()) continue;  // disconnected in this moment
    network.internal = network.name.ends_with(kInternal);
    if (network.internal) network.name.resize(network.name.size() - kInternal.size());
    networks.push_back(std::move(network));
  }
  return networks;
}

// A container without the file has no name service: it was connected after its start.
bool Members::is_alive(const std::string& container_id) const {
  if (container_id == container_id_) return true;
  const auto file = sys::open_at(live_.get(), "alive/" + container_id, O_RDONLY | O_NOFOLLOW);
  if (!file) return true;
  struct flock lock {};
  lock.l_type = F_WRLCK;
  lock.l_whence = SEEK_SET;
  return ::fcntl(file->get(), F_OFD_GETLK, &lock) < 0 || lock.l_type != F_UNLCK;
}

bool Members::add_all(const Network& network, const std::string& name,
                      std::vector<Address>& addresses) const {
  const std::string directory = network.id + "/names/" + name;
  bool found = false;
  for (const std::string& container_id : entries_of(live_.get(), directory)) {
    const std::string text = link_at(live_.get(), directory + "/" + container_id);
    if (text.empty() || !is_alive(container_id)) continue;
    found = true;
    add_addresses(text, addresses);
  }
  return found;
}

std::optional<std::vector<Address>> Members::find(const std::vector<Network>& networks,
                                                  const std::string& name) const {
  std::vector<Address> addresses;
  bool found = false;
  for (const Network& network : networks) {
    found = add_all(network, name, addresses) || found;
    const std::string suffix = "." + network.name;
    if (name.size() <= suffix.size() || !name.ends_with(suffix)) continue;
    found = add_all(network, name.substr(0, name.size() - suffix.size()), addresses) || found;
  }
  if (!found) return {};
  return addresses;
}

std::optional<std::string> Members::name_of(const std::vector<Network>& networks,
                                            const Address& address) const {
  for (const Network& network : networks) {
    const std::string target = link_at(live_.get(), network.id + "/reverse/" + address.to_text());
    const auto slash = target.find('/');
    if (slash == target.npos || !is_alive(target.substr(0, slash))) continue;
    return target.substr(slash + 1);
  }
  return {};
}

}  // namespace mycontainer::runtime::network
