// One file in the format of containers-registries.conf(5), version 2, as it stands there. Any process.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "reexec/sys/error.h"

namespace mycontainer::rootfs::registry {

enum class PullFrom : unsigned char { kAll, kDigestOnly, kTagOnly };

// [[registry.mirror]]
struct MirrorTable {
  std::string location;
  std::optional<bool> insecure;
  PullFrom pull_from = PullFrom::kAll;
};

// [[registry]]. `prefix` always stands; `location` is empty only with a prefix like "*.example.com".
struct RegistryTable {
  std::string prefix, location;
  std::optional<bool> insecure;
  bool blocked = false;
  std::vector<MirrorTable> mirrors;
  std::string file;  // that says so
};

enum class ShortNames : unsigned char { kPermissive, kEnforcing };

struct RegistriesFile {
  std::optional<std::vector<std::string>> search;  // unqualified-search-registries
  std::optional<ShortNames> short_names;
  std::vector<RegistryTable> registries;
  std::map<std::string, std::string> aliases;  // an empty value takes an earlier file's away
};

// "FILE:LINE: what is wrong". Locations, prefixes and aliases are whole names ("localhost/x" and
// "quay.io/x", not "x"); what the format does not know is passed over.
Result<RegistriesFile> read_registries_file(const std::string& path);

}  // namespace mycontainer::rootfs::registry
