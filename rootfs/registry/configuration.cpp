#include "rootfs/registry/configuration.h"

#include <arpa/inet.h>
#include <dirent.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <memory>

#include "rootfs/registry/user_directories.h"

namespace mycontainer::rootfs::registry {
namespace {

using image::Reference;

constexpr std::string_view kDocker = "docker.io", kDockerHost = "registry-1.docker.io";
constexpr std::string_view kOfficial = "library/";
constexpr const char* kSystem = "/etc/containers";

bool exists(const std::string& path) { return ::access(path.c_str(), F_OK) == 0; }

// Names of files that end in ".conf", sorted. A directory that is not there, or not ours to read,
// has none.
std::vector<std::string> drop_ins(const std::string& directory) {
  std::vector<std::string> files;
  const std::unique_ptr<DIR, int (*)(DIR*)> list(::opendir(directory.c_str()), ::closedir);
  while (const dirent* entry = list ? ::readdir(list.get()) : nullptr) {
    const std::string_view name = entry->d_name;
    if (!name.ends_with(".conf") || entry->d_type == DT_DIR) continue;
    files.push_back(fmt::format("{}/{}", directory, name));
  }
  std::ranges::sort(files);
  return files;
}

// In the order in which they are read; later ones win. As in containers-registries.conf.d(5): who
// has a registries.conf of his own has nothing of the system's.
std::vector<std::string> files_to_read() {
  const std::string home = config_home();
  const std::string own = home.empty() ? "" : home + "/containers/registries.conf";
  const std::string system = std::string(kSystem) + "/registries.conf";
  const char* chosen = std::getenv("CONTAINERS_REGISTRIES_CONF");
  const bool is_chosen = chosen != nullptr && *chosen != '\0';
  const bool only_own = !is_chosen && !own.empty() && exists(own);

  std::vector<std::string> files;
  if (is_chosen) {
    files.emplace_back(chosen);
  } else if (only_own || exists(system)) {
    files.push_back(only_own ? own : system);
  }
  for (const std::string& main : {system, own}) {
    if (main.empty() || (only_own && main == system)) continue;
    std::ranges::move(drop_ins(main + ".d"), std::back_inserter(files));
  }
  return files;
}

// "127.0.0.1:5000", "[::1]", "localhost": as Docker, which lets these do without certificates.
bool is_this_machine(std::string_view host) {
  if (host.starts_with('[')) {
    const std::string address(host.substr(1, host.find(']') - 1));
    in6_addr parsed{};
    return ::inet_pton(AF_INET6, address.c_str(), &parsed) == 1 && IN6_IS_ADDR_LOOPBACK(&parsed);
  }
  const std::string name(host.substr(0, host.find(':')));
  in_addr parsed{};
  if (::inet_pton(AF_INET, name.c_str(), &parsed) != 1) return name == "localhost";
  return ntohl(parsed.s_addr) >> 24 == 127;
}

// How much of `name` (a whole reference) the prefix of a [[registry]] covers; 0: another's name.
std::size_t match(std::string_view name, std::string_view prefix) {
  const std::size_t slash = name.find('/');
  if (prefix.starts_with("*.")) {
    std::string_view host = name.substr(0, slash);
    if (prefix.find(':') == prefix.npos) host = host.substr(0, host.find(':'));
    return host.size() >= prefix.size() && host.ends_with(prefix.substr(1)) ? slash : 0;
  }
  if (!name.starts_with(prefix)) return 0;
  if (name.size() == prefix.size()) return prefix.size();
  // What follows a host's name and ":" is a port, and so another registry.
  const std::string_view ends = prefix.size() <= slash ? "/" : "/:@";
  return ends.find(name[prefix.size()]) == ends.npos ? 0 : prefix.size();
}

// The name with its first `covered` bytes replaced by `location`.
Result<Reference> at(const std::string& location, const std::string& name, std::size_t covered) {
  if (location.empty()) return image::parse_reference(name);
  const std::string there = location + name.substr(covered);
  auto moved = image::parse_reference(there);
  if (!moved) {
    return within(fmt::format("{} is to be had at {}", name, there), std::move(moved).error());
  }
  return *std::move(moved);
}

std::vector<std::string> certificate_directories(const std::string& host, const Options& options) {
  if (!options.certificate_directory.empty()) return {options.certificate_directory};
  std::vector<std::string> all;
  const std::string home = config_home();
  if (!home.empty()) all.push_back(home + "/containers/certs.d/" + host);
  all.push_back(std::string(kSystem) + "/certs.d/" + host);
  all.push_back("/etc/docker/certs.d/" + host);
  std::erase_if(all, [](const std::string& path) { return !exists(path); });
  return all;
}

// The files say something about this host, or nothing.
Source source_at(Reference reference, const std::optional<bool>& insecure, const Options& options) {
  Source source;
  // Who names the authorities means them to be asked, here, too.
  const bool is_named = !options.certificate_directory.empty();
  const bool by_files = insecure.value_or(is_this_machine(reference.domain) && !is_named);
  source.endpoint.insecure = options.tls_verify ? !*options.tls_verify : by_files;
  source.endpoint.certificate_directories = certificate_directories(reference.domain, options);
  source.endpoint.host = reference.domain == kDocker ? kDockerHost : reference.domain;
  source.reference = std::move(reference);
  return source;
}

bool is_for(const MirrorTable& mirror, const Reference& reference) {
  if (mirror.pull_from == PullFrom::kAll) return true;
  return (mirror.pull_from == PullFrom::kDigestOnly) == !reference.digest.empty();
}

std::string joined(const std::vector<Reference>& references) {
  std::string text;
  for (const Reference& reference : references) {
    if (!text.empty()) text += ", ";
    text += reference.text();
  }
  return text;
}

}  // namespace

Result<Configuration> Configuration::load(const Options& options) {
  Configuration configuration;
  configuration.options_ = options;
  for (const std::string& path : files_to_read()) {
    TRY(RegistriesFile file, read_registries_file(path));
    configuration.add(std::move(file));
  }
  return configuration;
}

void Configuration::add(RegistriesFile file) {
  if (file.search) search_ = *std::move(file.search);
  if (file.short_names) short_names_ = *file.short_names;
  for (auto& [name, target] : file.aliases) aliases_[name] = std::move(target);
  for (RegistryTable& registry : file.registries) {
    const auto old = std::ranges::find(registries_, registry.prefix, &RegistryTable::prefix);
    if (old == registries_.end()) {
      registries_.push_back(std::move(registry));
    } else {
      *old = std::move(registry);
    }
  }
}

Result<std::vector<Reference>> Configuration::resolve(std::string_view word) const {
  TRY(const Reference typed, image::parse_tagged_reference(word));
  if (!image::is_short_name(word)) return std::vector{typed};
  const std::string name = typed.path.substr(kOfficial.size());
  const auto named = [&](const std::string& repository) -> Result<Reference> {
    TRY(Reference reference, image::parse_reference(repository));
    reference.tag = typed.tag;
    reference.digest = typed.digest;
    return reference;
  };
  std::vector<Reference> all;
  if (const auto alias = aliases_.find(name); alias != aliases_.end() && !alias->second.empty()) {
    TRY(all.emplace_back(), named(alias->second));
    return all;
  }
  for (const std::string& host : search_) {
    TRY(all.emplace_back(), named(host + "/" + name));
  }
  if (all.empty()) return std::vector{typed};
  if (all.size() > 1 && short_names_ == ShortNames::kEnforcing) {
    return fail("\"{}\" can be any of {} (short-name-mode is \"enforcing\")", word, joined(all));
  }
  return all;
}

const RegistryTable* Configuration::registry_of(const std::string& name) const {
  const RegistryTable* longest = nullptr;
  for (const RegistryTable& registry : registries_) {
    if (match(name, registry.prefix) == 0) continue;
    if (longest == nullptr || registry.prefix.size() > longest->prefix.size()) longest = &registry;
  }
  return longest;
}

Result<std::vector<Source>> Configuration::sources(const Reference& reference, bool pull) const {
  const std::string name = reference.text();
  const RegistryTable* registry = registry_of(name);
  if (registry == nullptr) return std::vector{source_at(reference, {}, options_)};
  if (registry->blocked) {
    return fail("registry {} is blocked in {}", registry->prefix, registry->file);
  }
  // Other places are for reading (containers-registries.conf(5)): what is pushed goes to its name.
  if (!pull) return std::vector{source_at(reference, registry->insecure, options_)};

  std::vector<Source> sources;
  const std::size_t covered = match(name, registry->prefix);
  for (const MirrorTable& mirror : registry->mirrors) {
    if (!is_for(mirror, reference)) continue;
    TRY(Reference there, at(mirror.location, name, covered));
    sources.push_back(source_at(std::move(there), mirror.insecure, options_));
    sources.back().mirror = true;
  }
  TRY(Reference there, at(registry->location, name, covered));
  sources.push_back(source_at(std::move(there), registry->insecure, options_));
  return sources;
}

}  // namespace mycontainer::rootfs::registry
