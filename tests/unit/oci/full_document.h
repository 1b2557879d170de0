// A configuration in which every property that runtime/oci knows appears once.
#pragma once

namespace mycontainer::runtime::oci {

inline constexpr const char* kFullDocument = R"json({
  "ociVersion": "1.1.0",
  "process": {
    "terminal": true,
    "consoleSize": {"height": 25, "width": 80},
    "user": {"uid": 1, "gid": 2, "umask": 63, "additionalGids": [5, 6]},
    "args": ["sh", "-c", "exit 3"],
    "env": ["PATH=/bin", "EMPTY="],
    "cwd": "/work",
    "capabilities": {
      "bounding": ["CAP_KILL", "CAP_CHOWN"], "effective": ["CAP_KILL"],
      "inheritable": ["CAP_CHOWN"], "permitted": ["CAP_KILL"], "ambient": ["CAP_CHOWN"]
    },
    "rlimits": [
      {"type": "RLIMIT_CORE", "hard": 1024, "soft": 512},
      {"type": "RLIMIT_NOFILE", "hard": 18446744073709551615, "soft": 18446744073709551615}
    ],
    "noNewPrivileges": true,
    "apparmorProfile": "docker-default",
    "selinuxLabel": "system_u:system_r:svirt_lxc_net_t:s0:c124,c675",
    "oomScoreAdj": -100,
    "scheduler": {
      "policy": "SCHED_DEADLINE", "nice": -3, "priority": 4,
      "flags": ["SCHED_FLAG_RESET_ON_FORK"], "runtime": 10, "deadline": 20, "period": 30
    },
    "ioPriority": {"class": "IOPRIO_CLASS_IDLE", "priority": 4},
    "execCPUAffinity": {"initial": "0-3,7", "final": "1"}
  },
  "root": {"path": "rootfs", "readonly": true},
  "hostname": "box",
  "domainname": "example.org",
  "mounts": [
    {"destination": "/proc", "type": "proc", "source": "proc"},
    {
      "destination": "/data", "type": "bind", "source": "/volumes/data",
      "options": ["rbind", "rw", "idmap"],
      "uidMappings": [{"containerID": 0, "hostID": 1000, "size": 1}],
      "gidMappings": [{"containerID": 0, "hostID": 1001, "size": 2}]
    }
  ],
  "hooks": {
    "prestart": [{"path": "/h/1", "args": ["h", "1"], "env": ["A=b"], "timeout": 5}],
    "createRuntime": [{"path": "/h/2"}], "createContainer": [{"path": "/h/3"}],
    "startContainer": [{"path": "/h/4"}], "poststart": [{"path": "/h/5"}],
    "poststop": [{"path": "/h/6"}]
  },
  "annotations": {"com.example.key": "value"},
  "linux": {
    "namespaces": [
      {"type": "pid"}, {"type": "network", "path": "/run/netns/a"}, {"type": "mount"},
      {"type": "user"}, {"type": "time"}, {"type": "uts"}
    ],
    "uidMappings": [{"containerID": 0, "hostID": 100000, "size": 65536}],
    "gidMappings": [{"containerID": 0, "hostID": 200000, "size": 65536}],
    "timeOffsets": {
      "monotonic": {"secs": 172800, "nanosecs": 1}, "boottime": {"secs": -1337, "nanosecs": 0}
    },
    "devices": [
      {"type": "c", "path": "/dev/fuse", "major": 10, "minor": 229, "fileMode": 438, "uid": 0,
       "gid": 7}
    ],
    "netDevices": {"eth0": {"name": "ctr_eth0"}, "eth1": {}},
    "cgroupsPath": "/mycontainer/box",
    "resources": {
      "devices": [
        {"allow": false, "access": "rwm"},
        {"allow": true, "type": "c", "major": 10, "minor": 229, "access": "rw"}
      ],
      "memory": {
        "limit": 536870912, "reservation": 536870911, "swap": -1, "kernel": -1, "kernelTCP": -1,
        "swappiness": 0, "disableOOMKiller": false, "useHierarchy": false,
        "checkBeforeUpdate": true
      },
      "cpu": {
        "shares": 1024, "quota": -1, "burst": 0, "period": 500000, "realtimeRuntime": 950000,
        "realtimePeriod": 1000000, "cpus": "2-3", "mems": "0-7", "idle": 0
      },
      "pids": {"limit": 0},
      "blockIO": {
        "weight": 10, "leafWeight": 11,
        "weightDevice": [{"major": 8, "minor": 0, "weight": 500, "leafWeight": 300}],
        "throttleReadBpsDevice": [{"major": 8, "minor": 0, "rate": 600}],
        "throttleWriteBpsDevice": [{"major": 8, "minor": 0, "rate": 500}],
        "throttleReadIOPSDevice": [{"major": 8, "minor": 0, "rate": 400}],
        "throttleWriteIOPSDevice": [{"major": 8, "minor": 16, "rate": 300}]
      },
      "hugepageLimits": [{"pageSize": "2MB", "limit": 9223372036854772000}],
      "network": {"classID": 1048577, "priorities": [{"name": "eth0", "priority": 500}]},
      "rdma": {"mlx5_1": {"hcaHandles": 3, "hcaObjects": 10000}},
      "unified": {"memory.high": "1073741824"}
    },
    "rootfsPropagation": "slave",
    "sysctl": {"net.ipv4.ip_forward": "1"},
    "seccomp": {
      "defaultAction": "SCMP_ACT_ERRNO", "defaultErrnoRet": 38,
      "architectures": ["SCMP_ARCH_X86", "SCMP_ARCH_X32"], "flags": ["SECCOMP_FILTER_FLAG_LOG"],
      "listenerPath": "/run/listener.sock", "listenerMetadata": "opaque",
      "syscalls": [
        {"names": ["getcwd", "chmod"], "action": "SCMP_ACT_ALLOW"},
        {
          "names": ["personality"], "action": "SCMP_ACT_ERRNO", "errnoRet": 1,
          "args": [{"index": 0, "value": 8, "valueTwo": 5, "op": "SCMP_CMP_MASKED_EQ"}]
        }
      ]
    },
    "maskedPaths": ["/proc/kcore"],
    "readonlyPaths": ["/proc/sys"],
    "mountLabel": "system_u:object_r:svirt_sandbox_file_t:s0:c715,c811",
    "intelRdt": {
      "closID": "guaranteed_group", "schemata": ["L2:0=f;1=f", "MB:0=20"], "l3CacheSchema": "L3:0=7f0;1=1f", "memBwSchema": "MB:0=20",
      "enableCMT": true, "enableMBM": true, "enableMonitoring": true
    },
    "memoryPolicy": {
      "mode": "MPOL_INTERLEAVE", "nodes": "0-1", "flags": ["MPOL_F_STATIC_NODES"]
    },
    "personality": {"domain": "LINUX32", "flags": ["X"]}
  }
})json";

}  // namespace mycontainer::runtime::oci
