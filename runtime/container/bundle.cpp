#include "runtime/container/bundle.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <climits>
#include <cstdlib>
#include <memory>

#include "reexec/sys/file.h"
#include "runtime/launch/host_check.h"
#include "runtime/oci/json.h"
#include "runtime/oci/validate.h"

namespace mycontainer::runtime::container {

namespace {

Result<std::string> absolute(const std::string& path) {
  const std::unique_ptr<char, void (*)(void*)> resolved(::realpath(path.c_str(), nullptr), ::free);
  if (!resolved) return fail_errno("bundle {}", path);
  return std::string(resolved.get());
}

std::string below(const std::string& directory, const std::string& path) {
  return path.starts_with('/') ? path : directory + "/" + path;
}

bool is_bind(const oci::Mount& mount) {
  const auto& options = mount.options;
  return mount.type == "bind" || std::ranges::find(options, "bind") != options.end() ||
         std::ranges::find(options, "rbind") != options.end();
}

Result<void> check_root(const std::string& path) {
  struct stat status {};
  if (::stat(path.c_str(), &status) < 0) return fail_errno("root.path: {}", path);
  if (!S_ISDIR(status.st_mode)) return fail("root.path: {} is not a directory", path);
  return {};
}

// What joins the host's mount namespace would change the host.
Result<void> check_mount_namespace(const oci::Spec& spec) {
  const auto& namespaces = spec.linux_config.namespaces;
  const bool own = std::ranges::any_of(
      namespaces, [](const oci::Namespace& entry) { return entry.type == "mount"; });
  if (own) return {};
  return fail("linux.namespaces: a container needs a mount namespace");
}

}  // namespace

Result<Bundle> load_bundle(const std::string& directory) {
  Bundle bundle;
  TRY(bundle.path, absolute(directory));
  TRY(bundle.config_text, sys::read_file_at(AT_FDCWD, bundle.path + "/config.json"));
  TRY(bundle.spec, oci::from_json(bundle.config_text));
  TRY_VOID(oci::validate(bundle.spec));
  TRY_VOID(launch::check_host(bundle.spec));
  TRY_VOID(check_mount_namespace(bundle.spec));
  bundle.spec.root.path = below(bundle.path, bundle.spec.root.path);
  TRY_VOID(check_root(bundle.spec.root.path));
  for (oci::Mount& mount : bundle.spec.mounts) {
    if (is_bind(mount) && !mount.source.empty()) mount.source = below(bundle.path, mount.source);
  }
  return bundle;
}

}  // namespace mycontainer::runtime::container
