// Who we are to a registry: Docker's config.json and containers-auth.json(5), with credential
// helpers (docker-credential-helpers' protocol). Any process.
//
// Read in this order: --authfile, $REGISTRY_AUTH_FILE, $DOCKER_CONFIG/config.json,
// ~/.docker/config.json, $XDG_RUNTIME_DIR/containers/auth.json, ~/.config/containers/auth.json. The most
// exact key wins within a file ("host/namespace/repo" before "host"); docker.io is also known as
// https://index.docker.io/v1/.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "reexec/sys/error.h"

namespace mycontainer::rootfs::registry {

struct Credentials {
  std::string user, password;
  std::string identity_token;  // instead of both (OAuth2 refresh token)
};

class Keychain {
 public:
  static Result<Keychain> open(const std::string& authfile = {});
  // For "docker.io/library/alpine" or a host. Nothing: anonymous. A helper that fails is an error.
  [[nodiscard]] Result<std::optional<Credentials>> find(std::string_view repository) const;
  // Writes Docker's config.json (or the authfile) 0600, whole, other members kept; or hands it to the
  // helper that the file names. Returns where it went, for the user to be told.
  Result<std::string> store(std::string_view host, const Credentials& credentials);
  // False when nothing was stored for it.
  Result<bool> erase(std::string_view host);

 private:
  std::string authfile_;
};

}  // namespace mycontainer::rootfs::registry
