#include "runtime/network/forwarding.h"

#include <dirent.h>
#include <fcntl.h>

#include <algorithm>
#include <memory>

#include "reexec/sys/file.h"
#include "runtime/network/sysctl.h"

namespace mycontainer::runtime::network {

namespace {

constexpr const char* kForward4 = "ipv4/ip_forward";
constexpr const char* kForward6 = "ipv6/conf/all/forwarding";

bool is_off(const char* name) {
  const auto value = read_sysctl(name);
  return value && *value == "0";
}

// A router does not listen to advertisements of others any more, unless it is told to
// (Documentation/networking/ip-sysctl.rst).
Result<void> keep_listening() {
  const std::unique_ptr<DIR, int (*)(DIR*)> devices(::opendir("/proc/sys/net/ipv6/conf"),
                                                    ::closedir);
  if (!devices) return {};
  while (const dirent* entry = ::readdir(devices.get())) {
    const std::string name = entry->d_name;
    if (name[0] == '.' || name == "all" || name == "default" || name == "lo") continue;
    if (name.starts_with(kDevicePrefix)) continue;
    const std::string setting = "ipv6/conf/" + name + "/accept_ra";
    const auto value = read_sysctl(setting);
    if (value && *value == "1") TRY_VOID(set_sysctl_if_there(setting, "2"));
  }
  return {};
}

}  // namespace

bool has_family(const Definition& network, Family family) {
  return std::ranges::any_of(network.pools,
                             [family](const Pool& pool) { return pool.subnet.family() == family; });
}

Result<void> note_forwarding(const Places& places, const Definition& network) {
  if (network.internal) return {};
  for (const Family family : {Family::kIpv4, Family::kIpv6}) {
    const bool v6 = family == Family::kIpv6;
    if (!has_family(network, family) || !is_off(v6 ? kForward6 : kForward4)) continue;
    TRY_VOID(sys::write_file_at(AT_FDCWD, places.forwarding_was_off(family), {}, O_WRONLY | O_CREAT,
                                0600));
  }
  return {};
}

Result<void> allow_forwarding(const Definition& network) {
  if (network.internal) return {};
  if (has_family(network, Family::kIpv4)) TRY_VOID(set_sysctl(kForward4, "1"));
  if (!has_family(network, Family::kIpv6) || !is_off(kForward6)) return {};
  TRY_VOID(keep_listening());
  return set_sysctl(kForward6, "1");
}

}  // namespace mycontainer::runtime::network
