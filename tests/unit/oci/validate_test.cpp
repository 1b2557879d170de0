#include "runtime/oci/validate.h"

#include <gtest/gtest.h>

#include <functional>
#include <string>

#include "runtime/oci/defaults.h"

namespace mycontainer::runtime::oci {
namespace {

using namespace std::string_literals;

Spec valid_spec() {
  Spec spec;
  spec.root.path = "rootfs";
  spec.process.emplace().args = {"/bin/true"};
  spec.process->env = {"PATH=/bin"};
  spec.process->rlimits = {{"RLIMIT_NOFILE", 10, 10}, {"RLIMIT_CORE", 0, 0}};
  spec.hostname = "box";
  spec.mounts = default_mounts();
  spec.linux_config.namespaces = {
      {"pid", ""}, {"mount", ""}, {"uts", ""}, {"ipc", ""}, {"network", "/run/netns/a"}};
  spec.linux_config.resources.devices = default_device_rules();
  spec.linux_config.masked_paths = {"/proc/kcore"};
  spec.linux_config.sysctl = {{"net.ipv4.ip_forward", "1"}, {"kernel/msgmax", "65536"}};
  return spec;
}

// What validate() says about a valid specification that `change` was applied to.
std::string verdict(const std::function<void(Spec&)>& change) {
  Spec spec = valid_spec();
  change(spec);
  const Result<void> result = validate(spec);
  return result ? "valid" : result.error().message();
}
std::string verdict_linux(const std::function<void(Linux&)>& change) {
  return verdict([&](Spec& spec) { change(spec.linux_config); });
}
std::string verdict_process(const std::function<void(Process&)>& change) {
  return verdict([&](Spec& spec) { change(*spec.process); });
}

TEST(Validate, AcceptsWhatTheDefaultsAreMadeOf) {
  EXPECT_EQ(verdict([](Spec&) {}), "valid");
}

TEST(Validate, AcceptsAConfigurationWithoutAProcess) {
  EXPECT_EQ(verdict([](Spec& s) { s.process.reset(); }), "valid");
}

TEST(Validate, RefusesAnotherMajorVersionAndAnEmptyRoot) {
  EXPECT_EQ(verdict([](Spec& s) { s.oci_version = "2.0.0"; }),
            "ociVersion: \"2.0.0\" is not a version we know (1.x)");
  EXPECT_EQ(verdict([](Spec& s) { s.root.path.clear(); }), "root.path: empty");
}

TEST(Validate, NamesThePlaceOfABadProcessProperty) {
  EXPECT_EQ(verdict_process([](Process& p) { p.args.clear(); }), "process.args: names no program");
  EXPECT_EQ(verdict_process([](Process& p) { p.args = {""}; }),
            "process.args[0]: names no program");
  EXPECT_EQ(verdict_process([](Process& p) { p.args.push_back("a\0b"s); }),
            "process.args[1]: holds a NUL byte");
  EXPECT_EQ(verdict_process([](Process& p) { p.env.emplace_back("HOME"); }),
            "process.env[1]: \"HOME\" is not NAME=VALUE");
  EXPECT_EQ(verdict_process([](Process& p) { p.env.emplace_back("=x"); }),
            "process.env[1]: \"=x\" is not NAME=VALUE");
  EXPECT_EQ(verdict_process([](Process& p) { p.cwd = "tmp"; }),
            "process.cwd: \"tmp\" is not an absolute path");
  EXPECT_EQ(verdict_process([](Process& p) { p.user.uid = UINT32_MAX; }),
            "process.user.uid: 4294967295 is not a user");
  EXPECT_EQ(verdict_process([](Process& p) {
              p.user.additional_gids = {1, UINT32_MAX};
            }),
            "process.user.additionalGids[1]: 4294967295 is not a group");
  EXPECT_EQ(verdict_process([](Process& p) { p.oom_score_adj = 1001; }),
            "process.oomScoreAdj: 1001 is not between -1000 and 1000");
  EXPECT_EQ(verdict_process([](Process& p) {
              p.io_priority = {"IOPRIO_CLASS_BE", 8};
            }),
            "process.ioPriority.priority: 8 is not between 0 and 7");
  EXPECT_EQ(verdict_process([](Process& p) { p.selinux_label = "x"; }),
            "process.selinuxLabel: SELinux labels are not supported");
}

TEST(Validate, RefusesAnUnknownARepeatedAndAnUpsideDownRlimit) {
  EXPECT_EQ(verdict_process([](Process& p) {
              p.rlimits.push_back({"RLIMIT_FOO", 1, 1});
            }),
            "process.rlimits[2].type: unknown \"RLIMIT_FOO\"");
  EXPECT_EQ(verdict_process([](Process& p) {
              p.rlimits.push_back({"RLIMIT_CORE", 1, 1});
            }),
            "process.rlimits[2].type: RLIMIT_CORE is set twice");
  EXPECT_EQ(verdict_process([](Process& p) { p.rlimits[0].soft = 11; }),
            "process.rlimits[0].soft: 11 is above the hard limit 10");
}

TEST(Validate, JudgesMountsAndHooks) {
  EXPECT_EQ(verdict([](Spec& s) { s.mounts[1].destination.clear(); }),
            "mounts[1].destination: empty");
  EXPECT_EQ(verdict([](Spec& s) {
              s.mounts[0].options = {"ro", "a\0"s};
            }),
            "mounts[0].options[1]: holds a NUL byte");
  EXPECT_EQ(verdict([](Spec& s) {
              s.mounts[0].uid_mappings = {{0, 0, 1}};
            }),
            "mounts[0]: uidMappings and gidMappings only go together");
  EXPECT_EQ(verdict([](Spec& s) { s.mounts[0].destination = "relative/is/deprecated"; }), "valid");
  EXPECT_EQ(verdict([](Spec& s) {
              s.hooks.poststop = {{"hook", {}, {}, {}}};
            }),
            "hooks.poststop[0].path: \"hook\" is not an absolute path");
  EXPECT_EQ(verdict([](Spec& s) {
              s.hooks.prestart = {{"/h", {}, {"BAD"}, {}}};
            }),
            "hooks.prestart[0].env[0]: \"BAD\" is not NAME=VALUE");
  EXPECT_EQ(verdict([](Spec& s) {
              s.hooks.prestart = {{"/h", {}, {}, 0}};
            }),
            "hooks.prestart[0].timeout: 0 is not above 0");
}

TEST(Validate, RefusesAHostNameThatWouldBeTheHosts) {
  EXPECT_EQ(verdict_linux([](Linux& l) { l.namespaces.erase(l.namespaces.begin() + 2); }),
            "hostname: needs its own uts namespace");
  EXPECT_EQ(verdict([](Spec& s) { s.hostname = std::string(65, 'a'); }),
            "hostname: longer than 64 bytes");
}

TEST(Validate, JudgesNamespacesAndMappings) {
  EXPECT_EQ(verdict_linux([](Linux& l) { l.namespaces[0].type = "PID"; }),
            "linux.namespaces[0].type: unknown \"PID\"");
  EXPECT_EQ(verdict_linux([](Linux& l) { l.namespaces[0].path = "proc/1/ns/pid"; }),
            "linux.namespaces[0].path: \"proc/1/ns/pid\" is not an absolute path");
  EXPECT_EQ(verdict_linux([](Linux& l) {
              l.namespaces.push_back({"pid", ""});
            }),
            "linux.namespaces[5].type: pid is listed twice");
  EXPECT_EQ(verdict_linux([](Linux& l) {
              l.uid_mappings = {{0, 1000, 1}};
            }),
            "linux.uidMappings: need a user namespace");
  EXPECT_EQ(verdict_linux([](Linux& l) {
              l.namespaces.push_back({"user", ""});
            }),
            "linux.uidMappings: a new user namespace needs them");
  EXPECT_EQ(verdict_linux([](Linux& l) {
              l.namespaces.push_back({"user", "/proc/1/ns/user"});
            }),
            "valid");
  EXPECT_EQ(verdict_linux([](Linux& l) {
              l.gid_mappings = {{0, 4294967295, 1}};
            }),
            "linux.gidMappings[0].size: reaches beyond the last id");
  EXPECT_EQ(verdict_linux([](Linux& l) {
              l.gid_mappings = {{0, 0, 0}};
            }),
            "linux.gidMappings[0].size: maps nothing");
  EXPECT_EQ(verdict_linux([](Linux& l) {
              l.time_offsets["boottime"] = {1, 0};
            }),
            "linux.timeOffsets: need a time namespace");
}

TEST(Validate, LetsASysctlOnlyTouchItsOwnNamespace) {
  const auto with = [](const std::string& name) {
    return verdict_linux([&](Linux& l) { l.sysctl[name] = "1"; });
  };
  EXPECT_EQ(with("kernel.shm_rmid_forced"), "valid");
  EXPECT_EQ(with("fs.mqueue.msg_max"), "valid");
  EXPECT_EQ(with("net/ipv4/conf/eth0.100/forwarding"), "valid");
  EXPECT_EQ(with("kernel.core_pattern"),
            "linux.sysctl: kernel.core_pattern belongs to the host, not to a namespace");
  EXPECT_EQ(with("net/../kernel/core_pattern"),
            "linux.sysctl: \"net/../kernel/core_pattern\" is no name of a sysctl");
  EXPECT_EQ(with("net.ipv4/..//..//kernel/sysrq"),
            "linux.sysctl: \"net.ipv4/..//..//kernel/sysrq\" is no name of a sysctl");
  EXPECT_EQ(verdict_linux([](Linux& l) { l.namespaces.pop_back(); }),
            "linux.sysctl: net.ipv4.ip_forward needs its own network namespace");
}

TEST(Validate, JudgesDevicesPathsAndPropagation) {
  EXPECT_EQ(verdict_linux([](Linux& l) {
              l.devices = {{"x", "/dev/a", 1, 1, {}, {}, {}}};
            }),
            "linux.devices[0].type: unknown \"x\"");
  EXPECT_EQ(verdict_linux([](Linux& l) {
              l.devices = {{"c", "dev/a", 1, 1, {}, {}, {}}};
            }),
            "linux.devices[0].path: \"dev/a\" is not an absolute path");
  EXPECT_EQ(verdict_linux([](Linux& l) {
              l.devices = {{"c", "/dev/a", -1, 1, {}, {}, {}}};
            }),
            "linux.devices[0]: -1:1 is no device number");
  EXPECT_EQ(verdict_linux([](Linux& l) {
              l.readonly_paths = {"/proc/sys", "etc"};
            }),
            "linux.readonlyPaths[1]: \"etc\" is not an absolute path");
  EXPECT_EQ(verdict_linux([](Linux& l) { l.rootfs_propagation = "public"; }),
            "linux.rootfsPropagation: unknown \"public\"");
  EXPECT_EQ(verdict_linux([](Linux& l) { l.intel_rdt.emplace(); }),
            "linux.intelRdt: not supported");
}

TEST(Validate, JudgesResources) {
  const auto with = [](const std::function<void(Resources&)>& change) {
    return verdict_linux([&](Linux& l) { change(l.resources); });
  };
  EXPECT_EQ(with([](Resources& r) {
              r.devices = {{true, "u", {}, {}, "r"}};
            }),
            "linux.resources.devices[0].type: unknown \"u\"");
  EXPECT_EQ(with([](Resources& r) {
              r.devices = {{true, "c", {}, {}, "rwx"}};
            }),
            "linux.resources.devices[0].access: \"rwx\" is not made of r, w and m");
  EXPECT_EQ(with([](Resources& r) {
              r.memory.emplace().limit = 100;
              r.memory->swap = 99;
            }),
            "linux.resources.memory.swap: 99 is memory and swap together, below the limit 100");
  EXPECT_EQ(with([](Resources& r) { r.memory.emplace().swap = 99; }),
            "linux.resources.memory.swap: needs linux.resources.memory.limit");
  EXPECT_EQ(with([](Resources& r) { r.memory.emplace().swap = -1; }), "valid");
  EXPECT_EQ(with([](Resources& r) { r.block_io.emplace().weight = static_cast<std::uint16_t>(9); }),
            "linux.resources.blockIO.weight: 9 is not between 10 and 1000");
  EXPECT_EQ(with([](Resources& r) { r.unified["../cgroup.procs"] = "1"; }),
            "linux.resources.unified: \"../cgroup.procs\" is no name of a cgroup file");
}

TEST(Validate, JudgesTheSeccompProfile) {
  const auto with = [](const std::function<void(Seccomp&)>& change) {
    return verdict_linux([&](Linux& l) {
      l.seccomp.emplace().default_action = "SCMP_ACT_ERRNO";
      l.seccomp->syscalls = {{{"read"}, "SCMP_ACT_ALLOW", {}, {{0, 1, 0, "SCMP_CMP_EQ"}}}};
      change(*l.seccomp);
    });
  };
  EXPECT_EQ(with([](Seccomp&) {}), "valid");
  EXPECT_EQ(with([](Seccomp& s) { s.default_action = "ALLOW"; }),
            "linux.seccomp.defaultAction: unknown \"ALLOW\"");
  EXPECT_EQ(with([](Seccomp& s) { s.syscalls[0].names.clear(); }),
            "linux.seccomp.syscalls[0].names: empty");
  EXPECT_EQ(with([](Seccomp& s) { s.syscalls[0].args[0].index = 6; }),
            "linux.seccomp.syscalls[0].args[0].index: above 5");
  EXPECT_EQ(with([](Seccomp& s) { s.syscalls[0].args[0].op = "=="; }),
            "linux.seccomp.syscalls[0].args[0].op: unknown \"==\"");
  EXPECT_EQ(with([](Seccomp& s) {
              s.architectures = {"SCMP_ARCH_S390X", "SCMP_ARCH_NOPE"};
            }),
            "linux.seccomp.architectures[1]: unknown \"SCMP_ARCH_NOPE\"");
  EXPECT_EQ(with([](Seccomp& s) { s.flags = {"SECCOMP_FILTER_FLAG_NEW_LISTENER"}; }),
            "linux.seccomp.flags[0]: unknown \"SECCOMP_FILTER_FLAG_NEW_LISTENER\"");
}

TEST(Validate, JudgesTheErrnosOfTheSeccompProfile) {
  const auto with = [](const char* action, std::uint32_t errno_ret, bool of_rule) {
    return verdict_linux([&](Linux& l) {
      l.seccomp.emplace().default_action = of_rule ? "SCMP_ACT_ALLOW" : action;
      l.seccomp->syscalls = {{{"read"}, of_rule ? action : "SCMP_ACT_ALLOW", {}, {}}};
      (of_rule ? l.seccomp->syscalls[0].errno_ret : l.seccomp->default_errno_ret) = errno_ret;
    });
  };
  EXPECT_EQ(with("SCMP_ACT_ERRNO", 4095, true), "valid");
  EXPECT_EQ(with("SCMP_ACT_TRACE", 65535, false), "valid");
  EXPECT_EQ(with("SCMP_ACT_ERRNO", 4096, true),
            "linux.seccomp.syscalls[0].errnoRet: 4096 is above 4095");
  EXPECT_EQ(with("SCMP_ACT_TRACE", 65536, false),
            "linux.seccomp.defaultErrnoRet: 65536 is above 65535");
  EXPECT_EQ(with("SCMP_ACT_KILL", 1, true),
            "linux.seccomp.syscalls[0].errnoRet: SCMP_ACT_KILL does not take an errno");
}

TEST(Validate, WantsASocketForSeccompNotifications) {
  const auto with = [](const char* action, std::string path, std::string metadata) {
    return verdict_linux([&](Linux& l) {
      l.seccomp.emplace().default_action = "SCMP_ACT_ALLOW";
      l.seccomp->syscalls = {{{"read"}, action, {}, {}}};
      l.seccomp->listener_path = std::move(path);
      l.seccomp->listener_metadata = std::move(metadata);
    });
  };
  EXPECT_EQ(with("SCMP_ACT_NOTIFY", "/run/agent", "x"), "valid");
  EXPECT_EQ(with("SCMP_ACT_LOG", "/run/agent", "x"), "valid");
  EXPECT_EQ(with("SCMP_ACT_NOTIFY", "", ""),
            "linux.seccomp.listenerPath: missing, but SCMP_ACT_NOTIFY needs it");
  EXPECT_EQ(with("SCMP_ACT_LOG", "", "x"), "linux.seccomp.listenerMetadata: needs listenerPath");
  EXPECT_EQ(with("SCMP_ACT_NOTIFY", "/" + std::string(107, 'x'), ""),
            "linux.seccomp.listenerPath: longer than the 107 bytes of a socket's path");
}

}  // namespace
}  // namespace mycontainer::runtime::oci
