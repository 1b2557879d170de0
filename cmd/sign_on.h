// What login and logout have in common: which registry is meant, and asking it.
#pragma once

#include <string>
#include <string_view>

#include "reexec/sys/error.h"
#include "rootfs/registry/keychain.h"
#include "runtime/images/pull.h"

namespace mycontainer::cmd {

// "" and all names of Docker's own are docker.io; "https://quay.io/v2/" is quay.io. "quay.io/ada"
// stays, for credentials of a part of a registry (containers-auth.json(5)).
Result<std::string> registry_of(std::string_view typed);

// As Docker names it to the user.
std::string display_name(const std::string& registry);

// Whether the registry takes them. When it gives an identity token, that one stands instead of the
// password afterwards.
Result<void> sign_on(const std::string& registry, rootfs::registry::Credentials& credentials,
                     const runtime::images::RegistryOptions& options);

}  // namespace mycontainer::cmd
