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

// What no table says.
constexpr bool kSystemd = false, kSystemdUser = false;
constexpr bool kIdmappedMounts = false, kIntelRdt = false, kNetDevices = false;

Json enabled(bool is) { return {{"enabled", is}}; }

Json seccomp() {
  return {{"enabled", true},
          {"actions", oci::kSeccompActions},
          {"operators", oci::kSeccompOperators},
          {"archs", oci::kSeccompArchitectures},
          {"knownFlags", oci::kSeccompFlags},
          {"supportedFlags", oci::kSeccompFlags}};
}

Json linux_features() {
  return {
      {"namespaces", oci::kNamespaceNames},
      {"capabilities", security::capability_names(security::kAllCapabilities)},
      {"cgroup",
       {{"v1", true},
        {"v2", true},
        {"systemd", kSystemd},
        {"systemdUser", kSystemdUser},
        {"rdma", true}}},
      {"seccomp", seccomp()},
      {"apparmor", enabled(true)},
      {"selinux", enabled(true)},
      {"intelRdt", {{"enabled", kIntelRdt}, {"schemata", kIntelRdt}, {"monitoring", kIntelRdt}}},
      {"memoryPolicy", {{"modes", oci::kMemoryModes}, {"flags", oci::kMemoryFlags}}},
      {"mountExtensions", {{"idmap", enabled(kIdmappedMounts)}}},
      {"netDevices", enabled(kNetDevices)}};
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
