// Where images come from: containers-registries.conf(5), with its drop-in directory and short-name
// aliases, and the certificate directories of containers-certs.d(5) and Docker. Any process; reads
// files, opens no connection.
//
//   $CONTAINERS_REGISTRIES_CONF, else ~/.config/containers/registries.conf, else
//   /etc/containers/registries.conf; then registries.conf.d/*.conf in order of name, the system's
//   before the user's (the system's not for who has a registries.conf of his own).
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "reexec/sys/error.h"
#include "rootfs/image/platform.h"
#include "rootfs/image/reference.h"
#include "rootfs/registry/registries_file.h"

namespace mycontainer::rootfs::registry {

// A registry to talk to, and how.
struct Endpoint {
  std::string host;       // "registry-1.docker.io", "localhost:5000"
  bool insecure = false;  // certificates are not verified, and plain HTTP is tried, too
  // certs.d/<host>, those that exist, the user's first: *.crt are authorities, *.cert and *.key of
  // the same name are ours.
  std::vector<std::string> certificate_directories;
};

// One place that an image may be had from.
struct Source {
  Endpoint endpoint;
  image::Reference reference;  // of the image there (a mirror may have another path)
  bool mirror = false;
};

struct Options {
  std::optional<bool> tls_verify;  // --tls-verify
  // --cert-dir; with it the registries of this machine are verified, too.
  std::string certificate_directory;
};

class Configuration {
 public:
  // A broken file is an error that names file and line.
  static Result<Configuration> load(const Options& options = {});

  // What a user's word can mean, in the order to try. A name with a domain, or a "/" as Docker reads
  // it: itself. A short one: its alias; else one for each of unqualified-search-registries; else
  // docker.io/library. Each with a tag ("latest" when none was typed) or a digest.
  [[nodiscard]] Result<std::vector<image::Reference>> resolve(std::string_view word) const;
  // Mirrors first, the registry itself last. Blocked: an error. A name of docker.io is to be had at
  // registry-1.docker.io. localhost, 127.0.0.0/8 and ::1 are insecure unless the files say
  // otherwise, as with Docker. Not `pull` (push, login): one, at the name itself, whatever mirrors
  // and locations there are.
  [[nodiscard]] Result<std::vector<Source>> sources(const image::Reference& reference,
                                                    bool pull) const;

 private:
  void add(RegistriesFile file);
  [[nodiscard]] const RegistryTable* registry_of(const std::string& name) const;

  Options options_;
  std::vector<std::string> search_;
  ShortNames short_names_ = ShortNames::kPermissive;
  std::vector<RegistryTable> registries_;
  std::map<std::string, std::string> aliases_;
};

}  // namespace mycontainer::rootfs::registry
