// Getting an image from a registry. Parent side.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "reexec/sys/error.h"
#include "rootfs/image/platform.h"
#include "rootfs/image/store.h"
#include "rootfs/registry/configuration.h"
#include "runtime/images/progress.h"
#include "runtime/state/roots.h"

namespace mycontainer::runtime::images {

struct RegistryOptions {
  rootfs::registry::Options transport;
  std::string authfile;
};

struct PullRequest {
  std::string word;  // as typed: a short name, a name with or without tag and digest
  std::optional<rootfs::image::Platform> platform;  // absent: this machine's
  RegistryOptions registry;
};

struct Pulled {
  rootfs::image::Image image;
  std::string name;    // the reference that was meant: "docker.io/library/alpine:latest"
  bool is_new = true;  // false: it was here, unchanged
};

// Tries what the word can mean, and for each its mirrors, in their order. Layers are downloaded four
// at a time, verified, then unpacked (unpack_layers.h); what an interrupted pull left is gone on
// with. Nothing of the image is seen before all is here. SIGINT and SIGTERM end it (exit status 128
// + n), unless they were ignored; the second one at once.
Result<Pulled> pull(const state::Roots& roots, const PullRequest& request, const Report& report);
// The same for every tag of the repository.
Result<std::vector<Pulled>> pull_all_tags(const state::Roots& roots, const PullRequest& request,
                                          const Report& report);

}  // namespace mycontainer::runtime::images
