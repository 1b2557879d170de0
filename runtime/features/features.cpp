#include "runtime/features/features.h"

#include <seccomp.h>

#include <nlohmann/json.hpp>

#include "reexec/sys/error.h"
#include "rootfs/mount/option_names.h"
#include "runtime/oci/defaults.h"
#include "runtime/oci/names.h"
#include "runtime/oci/seccomp_names.h"
#include "runtime/oci/spec.h"
#include "runtime/security/capabilities.h"

namespace mycontainer::runtime::features {
namespace {

using Json = nlohmann::ordered_json;

// Of what no table lists.
Json enabled() { return {{"enabled", true}}; }

Json seccomp() {
  return {{"enabled", true},
          {"actions", oci::kSeccompActions},
          {"operators", oci::kSeccompOperators},
          {"archs", oci::kSeccompArchitectures},
          {"knownFlags", oci::kSeccompFlags},
          {"supportedFlags", oci::kSeccompFlags}};
}

Json linux_features() {
  return {{"namespaces", oci::kNamespaceNames},
          {"capabilities", security::capability_names(security::kAllCapabilities)},
          {"cgroup",
           {{"v1", true}, {"v2", true}, {"systemd", true}, {"systemdUser", true}, {"rdma", true}}},
          {"seccomp", seccomp()},
          {"apparmor", enabled()},
          {"selinux", enabled()},
          {"intelRdt", {{"enabled", true}, {"schemata", true}, {"monitoring", true}}},
          {"memoryPolicy", {{"modes", oci::kMemoryModes}, {"flags", oci::kMemoryFlags}}},
          {"mountExtensions", {{"idmap", enabled()}}},
          {"netDevices", enabled()}};
}

std::string libseccomp_version() {
  const scmp_version* version = ::seccomp_version();
  return fmt::format("{}.{}.{}", version->major, version->minor, version->micro);
}

}  // namespace

std::string document(std::string_view version, std::string_view commit) {
  const Json features = {{"ociVersionMin", "1.0.0"},
                         {"ociVersionMax", oci::kSpecVersion},
                         {"hooks", oci::kHookNames},
                         {"mountOptions", rootfs::mount::option_names()},
                         {"linux", linux_features()},
                         {"annotations",
                          {{"io.github.seccomp.libseccomp.version", libseccomp_version()},
                           {"org.opencontainers.runc.checkpoint.enabled", "false"},
                           {"mycontainer.version", version},
                           {"mycontainer.commit", commit}}},
                         {"potentiallyUnsafeConfigAnnotations", {oci::kInitAnnotation}}};
  return features.dump(2);
}

}  // namespace mycontainer::runtime::features
