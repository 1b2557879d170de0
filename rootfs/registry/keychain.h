// Who we are to a registry: Docker's config.json and containers-auth.json(5), with credential
// helpers (docker-credential-helpers' protocol). Any process.
//
// Read in this order: $DOCKER_CONFIG/config.json (else ~/.docker/config.json),
// $XDG_RUNTIME_DIR/containers/auth.json, ~/.config/containers/auth.json; where --authfile or
// $REGISTRY_AUTH_FILE names a file, that one only. The most exact key wins within a file
// ("host/namespace/repo" before "host"); docker.io is also known as https://index.docker.io/v1/.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "reexec/sys/error.h"

namespace mycontainer::rootfs::registry {

struct Credentials {
  std::string user, password;
  std::string identity_token;  // instead of the password (OAuth2 refresh token)
};

class Keychain {
 public:
  // Reads nothing yet.
  static Result<Keychain> open(const std::string& authfile = {});
  // For "docker.io/library/alpine" or a host. Nothing: anonymous. A helper that fails is an error,
  // and so is a broken file, or one that we may not read.
  [[nodiscard]] Result<std::optional<Credentials>> find(std::string_view repository) const;

  // Where store() put them: the file, as it is for the user to see, or the helper's name.
  struct Stored {
    std::string file;
    std::string helper = {};
  };
  // Writes Docker's config.json (or the chosen file) 0600, whole, other members kept; or hands it to
  // the helper that the file names. `host` may have a path (containers-auth.json(5)).
  Result<Stored> store(std::string_view host, const Credentials& credentials);
  // Of the file (or its helper) that store() writes. False when nothing was stored for it.
  Result<bool> erase(std::string_view host);

 private:
  [[nodiscard]] Result<std::string> own_file() const;

  std::vector<std::string> files_;  // the first is the one to be written
  bool chosen_ = false;             // by the user; so it has to be there
};

}  // namespace mycontainer::rootfs::registry
