// One file of credentials: Docker's config.json or containers-auth.json(5), which have the same
// members. Any process; private to this folder.
#pragma once

#include <functional>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "reexec/sys/error.h"
#include "rootfs/registry/keychain.h"

namespace mycontainer::rootfs::registry {

// In the order in which they stand: a file we change looks as it did.
using AuthJson = nlohmann::ordered_json;

// An object of at most 1 MiB and 64 levels; else "WHERE:LINE: not valid JSON".
Result<AuthJson> parse_auth_json(std::string_view text, std::string_view where);

// Nothing when there is no such file.
Result<std::optional<AuthJson>> read_auth_file(const std::string& path);

// The name that Docker's files and helpers have for a registry: "https://index.docker.io/v1/" of
// docker.io, any other itself.
std::string server_key(std::string_view host);

// Who keeps the credentials of `host` instead of the file: of credHelpers, else credsStore. Both may
// be "", which means the file.
struct HelperChoice {
  std::string name;
  std::string key;       // by which the helper knows the registry
  bool for_all = false;  // credsStore
};
Result<std::optional<HelperChoice>> helper_of(const AuthJson& json, std::string_view host);

// Of "auths", by the most exact key: "host/namespace/repo" before "host". An entry that holds
// nothing (Docker leaves such beside a helper) is none.
Result<std::optional<Credentials>> entry_of(const AuthJson& json, std::string_view repository);
// `credentials` absent (nullptr): the empty entry that says a helper has them.
Result<void> set_entry(AuthJson& json, std::string_view host, const Credentials* credentials);
// Under all names that the registry has. False when it has no entry.
bool remove_entry(AuthJson& json, std::string_view host);

// Reads, changes and replaces the file (0600, in a directory 0700 when it has to be made), while
// nobody else does. A symbolic link stays one. `change` says whether anything has to be written.
Result<void> change_auth_file(const std::string& path,
                              const std::function<Result<bool>(AuthJson& json)>& change);

}  // namespace mycontainer::rootfs::registry
