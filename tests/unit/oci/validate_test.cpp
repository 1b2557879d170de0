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
}

TEST(Validate, JudgesTheScheduler) {
  const auto with = [](const Scheduler& scheduler) {
    return verdict_process([&](Process& p) { p.scheduler = scheduler; });
  };
  EXPECT_EQ(with({"SCHED_FIFO", 0, 10, {"SCHED_FLAG_RESET_ON_FORK"}, 0, 0, 0}), "valid");
  EXPECT_EQ(with({"SCHED_DEADLINE", 0, 0, {}, 10, 20, 30}), "valid");
  EXPECT_EQ(with({"FIFO", 0, 0, {}, 0, 0, 0}), "process.scheduler.policy: unknown \"FIFO\"");
  EXPECT_EQ(with({"SCHED_OTHER", 20, 0, {}, 0, 0, 0}),
            "process.scheduler.nice: 20 is not between -20 and 19");
  EXPECT_EQ(with({"SCHED_BATCH", 0, 1, {}, 0, 0, 0}),
            "process.scheduler.priority: is for SCHED_FIFO and SCHED_RR only");
  EXPECT_EQ(with({"SCHED_RR", 0, 1, {}, 10, 0, 0}),
            "process.scheduler: runtime, deadline and period are for SCHED_DEADLINE only");
  EXPECT_EQ(with({"SCHED_RR", 0, 1, {"SCHED_FLAG_RECLAIM", "X"}, 0, 0, 0}),
            "process.scheduler.flags[1]: unknown \"X\"");
}

TEST(Validate, JudgesCpusNodesAndPersonality) {
  EXPECT_EQ(verdict_process([](Process& p) {
              p.exec_cpu_affinity = {"0-1", "1-0"};
            }),
            "process.execCPUAffinity.final: \"1-0\" is not a list of numbers like 0-3,7");
  const auto policy = [](const MemoryPolicy& value) {
    return verdict_linux([&](Linux& l) { l.memory_policy = value; });
  };
  EXPECT_EQ(policy({"MPOL_BIND", "0", {"MPOL_F_STATIC_NODES"}}), "valid");
  EXPECT_EQ(policy({"BIND", "0", {}}), "linux.memoryPolicy.mode: unknown \"BIND\"");
  EXPECT_EQ(policy({"MPOL_BIND", "", {}}), "linux.memoryPolicy.nodes: MPOL_BIND needs them");
  EXPECT_EQ(policy({"MPOL_LOCAL", "0", {}}), "linux.memoryPolicy.nodes: MPOL_LOCAL takes none");
  EXPECT_EQ(policy({"MPOL_BIND", "0", {"F"}}), "linux.memoryPolicy.flags[0]: unknown \"F\"");
  const auto personality = [](const Personality& value) {
    return verdict_linux([&](Linux& l) { l.personality = value; });
  };
  EXPECT_EQ(personality({"LINUX32", {}}), "valid");
  EXPECT_EQ(personality({"BSD", {}}), "linux.personality.domain: unknown \"BSD\"");
  EXPECT_EQ(personality({"LINUX", {"X"}}), "linux.personality.flags[0]: unknown \"X\"");
}

TEST(Validate, JudgesNetworkDevices) {
  const auto with = [](const std::map<std::string, NetDevice>& devices) {
    return verdict_linux([&](Linux& l) { l.net_devices = devices; });
  };
  EXPECT_EQ(with({{"eth0", {"ctr"}}, {"eth1", {}}}), "valid");
  EXPECT_EQ(with({{"e/0", {"a"}}}), "linux.netDevices: \"e/0\" is no name of a network device");
  EXPECT_EQ(with({{"eth0", {"sixteen-letters-"}}}),
            "linux.netDevices.eth0.name: \"sixteen-letters-\" is no name of a network device");
  EXPECT_EQ(with({{"a", {"b"}}, {"b", {}}}), "linux.netDevices.b.name: b is there twice");
  EXPECT_EQ(verdict_linux([](Linux& l) {
              l.sysctl.clear();
              l.namespaces.pop_back();
              l.net_devices["eth0"];
            }),
            "linux.netDevices: need a network namespace");
}

TEST(Validate, JudgesIntelRdt) {
  const auto with = [](const IntelRdt& rdt) {
    return verdict_linux([&](Linux& l) { l.intel_rdt = rdt; });
  };
  EXPECT_EQ(with({"group", "L3:0=f", "MB:0=20", {}, false, false, true}), "valid");
  EXPECT_EQ(with({"../x", {}, {}, {}, false, false, false}),
            "linux.intelRdt.closID: \"../x\" is no name of a directory");
  EXPECT_EQ(with({"x", {}, "0=20", {}, false, false, false}),
            "linux.intelRdt.memBwSchema: must be one line that begins with MB:");
}

TEST(Validate, JudgesTheIdMappingOfAMount) {
  const auto with = [](const std::function<void(Mount&)>& change) {
    return verdict([&](Spec& s) {
      s.mounts.push_back({"/data", "none", "/d", {"rbind"}, {{0, 10, 1}}, {{0, 10, 1}}});
      change(s.mounts.back());
    });
  };
  EXPECT_EQ(with([](Mount&) {}), "valid");
  EXPECT_EQ(with([](Mount& m) { m.gid_mappings[0].size = 0; }),
            "mounts[7].gidMappings[0].size: maps nothing");
  EXPECT_EQ(with([](Mount& m) { m.options.push_back("idmap=uids=0-1-1"); }),
            "mounts[7].options[1]: say the mapping by uidMappings and gidMappings");
  EXPECT_EQ(with([](Mount& m) { m.options = {"ridmap"}; }),
            "mounts[7]: only a bind mount can have its ids mapped");
  EXPECT_EQ(with([](Mount& m) { m = {"/data", "bind", "/d", {"idmap"}, {}, {}}; }),
            "mounts[7].options: idmap needs uidMappings and gidMappings, or a user namespace");
}

// What runc, podman, containerd and dockerd write for ordinary containers, gathered in one place.
TEST(Validate, AcceptsWhatRealClientsWrite) {
  EXPECT_EQ(verdict([](Spec& s) { s.oci_version = "1.0.2-dev"; }), "valid");
  EXPECT_EQ(verdict([](Spec& s) { s.oci_version = "1.1.0+dev"; }), "valid");
  EXPECT_EQ(verdict_linux([](Linux& l) { l.cgroups_path = "system.slice:docker:0123"; }), "valid");
  EXPECT_EQ(verdict_linux([](Linux& l) { l.sysctl["net.ipv4.ping_group_range"] = "0 2147483647"; }),
            "valid");
  EXPECT_EQ(
      verdict_linux([](Linux& l) {
        l.devices = {{"c", "/dev/fuse", 10, 229, 020666, 0, 0}, {"p", "/dev/p", -1, 0, {}, {}, {}}};
      }),
      "valid");
  EXPECT_EQ(verdict_linux([](Linux& l) {
              l.resources.devices = {{false, "", {}, {}, "rwm"}, {true, "a", {}, {}, ""}};
              l.resources.memory.emplace().limit = 100000;  // the specification's own example
              l.resources.memory->reservation = 200000;
            }),
            "valid");
  EXPECT_EQ(verdict_process([](Process& p) { p.apparmor_profile = "unconfined"; }), "valid");
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
