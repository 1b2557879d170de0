// Linux capabilities: their names, which ones a container gets, and how its first process takes
// them on. resolve() and the tables are pure (parent); what says "child" changes the calling
// thread.
//
// Source: capabilities(7), capset(2), prctl(2); Docker's --cap-add, --cap-drop and --privileged.
//
// The child's order, where each step needs what the one before left:
//   1. drop_bounding()      needs CAP_SETPCAP in effect
//   2. keep_capabilities()  only when the user is not 0: setresuid would empty the permitted set
//   3. take_identity()      (credentials.h)
//   4. raise_permitted()    only when the user is not 0 and the filter of step 5 comes without
//                           no_new_privs: setresuid emptied the effective set
//   5. install()            (seccomp_install.h) while CAP_SYS_ADMIN is still in effect
//   6. set_capabilities()   the final sets; then execve
// A user other than 0 loses effective and permitted at execve unless the ambient set says
// otherwise, exactly as with Docker; the bounding set stays as the ceiling for set-user-ID
// programs.
#pragma once

#include <linux/capability.h>

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "reexec/sys/error.h"
#include "runtime/oci/spec.h"

namespace mycontainer::runtime::security {

// A set of capabilities: bit n is capability number n.
using CapabilityMask = std::uint64_t;

// Every capability this program has a name for, by number (include/uapi/linux/capability.h).
inline constexpr std::array<std::string_view, 41> kCapabilityNames = {
    "CAP_CHOWN",
    "CAP_DAC_OVERRIDE",
    "CAP_DAC_READ_SEARCH",
    "CAP_FOWNER",
    "CAP_FSETID",
    "CAP_KILL",
    "CAP_SETGID",
    "CAP_SETUID",
    "CAP_SETPCAP",
    "CAP_LINUX_IMMUTABLE",
    "CAP_NET_BIND_SERVICE",
    "CAP_NET_BROADCAST",
    "CAP_NET_ADMIN",
    "CAP_NET_RAW",
    "CAP_IPC_LOCK",
    "CAP_IPC_OWNER",
    "CAP_SYS_MODULE",
    "CAP_SYS_RAWIO",
    "CAP_SYS_CHROOT",
    "CAP_SYS_PTRACE",
    "CAP_SYS_PACCT",
    "CAP_SYS_ADMIN",
    "CAP_SYS_BOOT",
    "CAP_SYS_NICE",
    "CAP_SYS_RESOURCE",
    "CAP_SYS_TIME",
    "CAP_SYS_TTY_CONFIG",
    "CAP_MKNOD",
    "CAP_LEASE",
    "CAP_AUDIT_WRITE",
    "CAP_AUDIT_CONTROL",
    "CAP_SETFCAP",
    "CAP_MAC_OVERRIDE",
    "CAP_MAC_ADMIN",
    "CAP_SYSLOG",
    "CAP_WAKE_ALARM",
    "CAP_BLOCK_SUSPEND",
    "CAP_AUDIT_READ",
    "CAP_PERFMON",
    "CAP_BPF",
    "CAP_CHECKPOINT_RESTORE",
};
inline constexpr CapabilityMask kAllCapabilities =
    (CapabilityMask{1} << kCapabilityNames.size()) - 1;

constexpr CapabilityMask capability_bit(int number) { return CapabilityMask{1} << number; }

// Docker's default set (14 of them).
inline constexpr CapabilityMask kDefaultCapabilities =
    capability_bit(CAP_CHOWN) | capability_bit(CAP_DAC_OVERRIDE) | capability_bit(CAP_FSETID) |
    capability_bit(CAP_FOWNER) | capability_bit(CAP_MKNOD) | capability_bit(CAP_NET_RAW) |
    capability_bit(CAP_SETGID) | capability_bit(CAP_SETUID) | capability_bit(CAP_SETFCAP) |
    capability_bit(CAP_SETPCAP) | capability_bit(CAP_NET_BIND_SERVICE) |
    capability_bit(CAP_SYS_CHROOT) | capability_bit(CAP_KILL) | capability_bit(CAP_AUDIT_WRITE);

// The number of "CAP_CHOWN", "CHOWN" or "cap_chown" (Docker takes all three), or nothing.
std::optional<int> capability_number(std::string_view name);
// "CAP_CHOWN" for 0. `number` must be below kCapabilityNames.size().
std::string capability_name(int number);
// The names of a set, ascending by number.
std::vector<std::string> capability_names(CapabilityMask set);

// What --cap-add, --cap-drop and --privileged asked for. Names as Docker takes them, and "ALL".
struct CapabilityRequest {
  std::vector<std::string> add, drop;
  bool privileged = false;
};

// Docker's rules: privileged means everything; an added ALL means everything but what is dropped; a
// dropped ALL means only what is added; otherwise the default set, minus dropped, plus added. The
// same set becomes bounding, effective and permitted; inheritable and ambient are always empty
// (CVE-2022-24769). `available` bounds everything: "all" means all of these, and naming one outside
// it with --cap-add is an error, as is an unknown name. Pure.
Result<oci::Capabilities> resolve(const CapabilityRequest& request, CapabilityMask available);

// What a container started from here can have at most: every capability of the kernel when it will
// have its own user namespace, otherwise this process's permitted set. One to three system calls
// and no file. Parent.
CapabilityMask available_capabilities(bool new_user_namespace);

// The highest capability number of the running kernel, at most the last one named here. Either
// side.
int last_capability();

// oci::Capabilities as sets, ready for the child. Names that neither this program nor the kernel
// knows are collected in `unknown` for a warning: the specification forbids failing on them
// (config.md, "process", capabilities).
struct CapabilitySets {
  CapabilityMask bounding = 0, effective = 0, inheritable = 0, permitted = 0, ambient = 0;

  // All members, for the codec of the re-exec channel.
  template <class Self>
  static auto fields(Self& self) {
    return std::tie(self.bounding, self.effective, self.inheritable, self.permitted, self.ambient);
  }
};
struct ParsedCapabilities {
  CapabilitySets sets;
  std::vector<std::string> unknown;
};
ParsedCapabilities parse_capabilities(const oci::Capabilities& capabilities);

// Child: removes from the bounding set everything outside `keep`, one prctl(2) for each.
Result<void> drop_bounding(CapabilityMask keep);

// Child: the permitted set shall survive the next setresuid(2) (PR_SET_KEEPCAPS; execve clears it).
Result<void> keep_capabilities();

// Child: everything permitted is in effect again.
Result<void> raise_permitted();

// Child: capset(2) and the ambient set. Capabilities that the process does not hold are left out
// without an error, as the specification asks. Effective is cut to permitted, ambient to what is
// both permitted and inheritable. Leaves the bounding set alone.
Result<void> set_capabilities(const CapabilitySets& sets);

}  // namespace mycontainer::runtime::security
