// Which JSON property is which member: one list per struct, walked by the reader and by the writer
// of json.cpp, so that both always agree. Private to runtime/oci.
//
// A visitor has required(key, member) for what the specification calls REQUIRED (always written),
// optional(key, member) for the rest (written unless empty or false) and nested(outer, inner,
// member) for a member that JSON wraps in an object of its own.
#pragma once

#include <concepts>
#include <type_traits>

#include "runtime/oci/spec.h"

namespace mycontainer::runtime::oci {

template <class S, class T>
concept Is = std::same_as<std::remove_const_t<S>, T>;

void fields(auto& v, Is<Root> auto& s) {
  v.required("path", s.path);
  v.optional("readonly", s.readonly);
}

void fields(auto& v, Is<ConsoleSize> auto& s) {
  v.required("height", s.height);
  v.required("width", s.width);
}

void fields(auto& v, Is<User> auto& s) {
  v.required("uid", s.uid);
  v.required("gid", s.gid);
  v.optional("umask", s.umask);
  v.optional("additionalGids", s.additional_gids);
}

void fields(auto& v, Is<Capabilities> auto& s) {
  v.optional("bounding", s.bounding);
  v.optional("effective", s.effective);
  v.optional("inheritable", s.inheritable);
  v.optional("permitted", s.permitted);
  v.optional("ambient", s.ambient);
}

void fields(auto& v, Is<Rlimit> auto& s) {
  v.required("type", s.type);
  v.required("hard", s.hard);
  v.required("soft", s.soft);
}

void fields(auto& v, Is<Scheduler> auto& s) {
  v.required("policy", s.policy);
  v.optional("nice", s.nice);
  v.optional("priority", s.priority);
  v.optional("flags", s.flags);
  v.optional("runtime", s.runtime);
  v.optional("deadline", s.deadline);
  v.optional("period", s.period);
}

void fields(auto& v, Is<IoPriority> auto& s) {
  v.required("class", s.priority_class);
  v.optional("priority", s.priority);
}

void fields(auto& v, Is<CpuAffinity> auto& s) {
  v.optional("initial", s.initial);
  v.optional("final", s.final);
}

void fields(auto& v, Is<Process> auto& s) {
  v.optional("terminal", s.terminal);
  v.optional("consoleSize", s.console_size);
  v.optional("user", s.user);
  v.optional("args", s.args);
  v.optional("env", s.env);
  v.required("cwd", s.cwd);
  v.optional("capabilities", s.capabilities);
  v.optional("rlimits", s.rlimits);
  v.optional("noNewPrivileges", s.no_new_privileges);
  v.optional("apparmorProfile", s.apparmor_profile);
  v.optional("selinuxLabel", s.selinux_label);
  v.optional("oomScoreAdj", s.oom_score_adj);
  v.optional("scheduler", s.scheduler);
  v.optional("ioPriority", s.io_priority);
  v.optional("execCPUAffinity", s.exec_cpu_affinity);
}

void fields(auto& v, Is<IdMapping> auto& s) {
  v.required("containerID", s.container_id);
  v.required("hostID", s.host_id);
  v.required("size", s.size);
}

void fields(auto& v, Is<Mount> auto& s) {
  v.required("destination", s.destination);
  v.optional("type", s.type);
  v.optional("source", s.source);
  v.optional("options", s.options);
  v.optional("uidMappings", s.uid_mappings);
  v.optional("gidMappings", s.gid_mappings);
}

void fields(auto& v, Is<Hook> auto& s) {
  v.required("path", s.path);
  v.optional("args", s.args);
  v.optional("env", s.env);
  v.optional("timeout", s.timeout);
}

void fields(auto& v, Is<Hooks> auto& s) {
  v.optional("prestart", s.prestart);
  v.optional("createRuntime", s.create_runtime);
  v.optional("createContainer", s.create_container);
  v.optional("startContainer", s.start_container);
  v.optional("poststart", s.poststart);
  v.optional("poststop", s.poststop);
}

void fields(auto& v, Is<Namespace> auto& s) {
  v.required("type", s.type);
  v.optional("path", s.path);
}

void fields(auto& v, Is<TimeOffset> auto& s) {
  v.optional("secs", s.secs);
  v.optional("nanosecs", s.nanosecs);
}

void fields(auto& v, Is<Device> auto& s) {
  v.required("type", s.type);
  v.required("path", s.path);
  v.optional("major", s.major);
  v.optional("minor", s.minor);
  v.optional("fileMode", s.file_mode);
  v.optional("uid", s.uid);
  v.optional("gid", s.gid);
}

void fields(auto& v, Is<DeviceRule> auto& s) {
  v.required("allow", s.allow);
  v.optional("type", s.type);
  v.optional("major", s.major);
  v.optional("minor", s.minor);
  v.optional("access", s.access);
}

void fields(auto& v, Is<Memory> auto& s) {
  v.optional("limit", s.limit);
  v.optional("reservation", s.reservation);
  v.optional("swap", s.swap);
  v.optional("kernel", s.kernel);
  v.optional("kernelTCP", s.kernel_tcp);
  v.optional("swappiness", s.swappiness);
  v.optional("disableOOMKiller", s.disable_oom_killer);
  v.optional("useHierarchy", s.use_hierarchy);
  v.optional("checkBeforeUpdate", s.check_before_update);
}

void fields(auto& v, Is<Cpu> auto& s) {
  v.optional("shares", s.shares);
  v.optional("quota", s.quota);
  v.optional("burst", s.burst);
  v.optional("period", s.period);
  v.optional("realtimeRuntime", s.realtime_runtime);
  v.optional("realtimePeriod", s.realtime_period);
  v.optional("cpus", s.cpus);
  v.optional("mems", s.mems);
  v.optional("idle", s.idle);
}

void fields(auto& v, Is<BlockIoDevice> auto& s) {
  v.required("major", s.major);
  v.required("minor", s.minor);
  v.optional("weight", s.weight);
  v.optional("leafWeight", s.leaf_weight);
  v.optional("rate", s.rate);
}

void fields(auto& v, Is<BlockIo> auto& s) {
  v.optional("weight", s.weight);
  v.optional("leafWeight", s.leaf_weight);
  v.optional("weightDevice", s.weight_device);
  v.optional("throttleReadBpsDevice", s.throttle_read_bps_device);
  v.optional("throttleWriteBpsDevice", s.throttle_write_bps_device);
  v.optional("throttleReadIOPSDevice", s.throttle_read_iops_device);
  v.optional("throttleWriteIOPSDevice", s.throttle_write_iops_device);
}

void fields(auto& v, Is<HugepageLimit> auto& s) {
  v.required("pageSize", s.page_size);
  v.required("limit", s.limit);
}

void fields(auto& v, Is<InterfacePriority> auto& s) {
  v.required("name", s.name);
  v.required("priority", s.priority);
}

void fields(auto& v, Is<NetworkResources> auto& s) {
  v.optional("classID", s.class_id);
  v.optional("priorities", s.priorities);
}

void fields(auto& v, Is<RdmaLimit> auto& s) {
  v.optional("hcaHandles", s.hca_handles);
  v.optional("hcaObjects", s.hca_objects);
}

void fields(auto& v, Is<Resources> auto& s) {
  v.optional("devices", s.devices);
  v.optional("memory", s.memory);
  v.optional("cpu", s.cpu);
  v.nested("pids", "limit", s.pids_limit);
  v.optional("blockIO", s.block_io);
  v.optional("hugepageLimits", s.hugepage_limits);
  v.optional("network", s.network);
  v.optional("rdma", s.rdma);
  v.optional("unified", s.unified);
}

void fields(auto& v, Is<SeccompArg> auto& s) {
  v.required("index", s.index);
  v.required("value", s.value);
  v.optional("valueTwo", s.value_two);
  v.required("op", s.op);
}

void fields(auto& v, Is<SeccompRule> auto& s) {
  v.required("names", s.names);
  v.required("action", s.action);
  v.optional("errnoRet", s.errno_ret);
  v.optional("args", s.args);
}

void fields(auto& v, Is<Seccomp> auto& s) {
  v.required("defaultAction", s.default_action);
  v.optional("defaultErrnoRet", s.default_errno_ret);
  v.optional("architectures", s.architectures);
  v.optional("flags", s.flags);
  v.optional("listenerPath", s.listener_path);
  v.optional("listenerMetadata", s.listener_metadata);
  v.optional("syscalls", s.syscalls);
}

void fields(auto& v, Is<IntelRdt> auto& s) {
  v.optional("closID", s.clos_id);
  v.optional("schemata", s.schemata);
  v.optional("l3CacheSchema", s.l3_cache_schema);
  v.optional("memBwSchema", s.mem_bw_schema);
  v.optional("enableCMT", s.enable_cmt);
  v.optional("enableMBM", s.enable_mbm);
  v.optional("enableMonitoring", s.enable_monitoring);
}

void fields(auto& v, Is<MemoryPolicy> auto& s) {
  v.required("mode", s.mode);
  v.optional("nodes", s.nodes);
  v.optional("flags", s.flags);
}

void fields(auto& v, Is<NetDevice> auto& s) { v.optional("name", s.name); }

void fields(auto& v, Is<Personality> auto& s) {
  v.required("domain", s.domain);
  v.optional("flags", s.flags);
}

void fields(auto& v, Is<Linux> auto& s) {
  v.optional("namespaces", s.namespaces);
  v.optional("uidMappings", s.uid_mappings);
  v.optional("gidMappings", s.gid_mappings);
  v.optional("timeOffsets", s.time_offsets);
  v.optional("devices", s.devices);
  v.optional("netDevices", s.net_devices);
  v.optional("cgroupsPath", s.cgroups_path);
  v.optional("resources", s.resources);
  v.optional("rootfsPropagation", s.rootfs_propagation);
  v.optional("sysctl", s.sysctl);
  v.optional("seccomp", s.seccomp);
  v.optional("maskedPaths", s.masked_paths);
  v.optional("readonlyPaths", s.readonly_paths);
  v.optional("mountLabel", s.mount_label);
  v.optional("intelRdt", s.intel_rdt);
  v.optional("memoryPolicy", s.memory_policy);
  v.optional("personality", s.personality);
}

void fields(auto& v, Is<Spec> auto& s) {
  v.required("ociVersion", s.oci_version);
  v.optional("process", s.process);
  v.required("root", s.root);
  v.optional("hostname", s.hostname);
  v.optional("domainname", s.domainname);
  v.optional("mounts", s.mounts);
  v.optional("hooks", s.hooks);
  v.optional("annotations", s.annotations);
  v.optional("linux", s.linux_config);
}

}  // namespace mycontainer::runtime::oci
