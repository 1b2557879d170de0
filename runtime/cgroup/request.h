// What is asked of a cgroup: plain data. Parent side.
#pragma once

#include <string>

#include "runtime/oci/spec.h"

namespace mycontainer::runtime::cgroup {

// Who makes the container's directories.
enum class Driver {
  kCgroupfs,  // we do, by mkdir(2)
  kSystemd,   // systemd does, asked over D-Bus; only on a pure v2 host
};

// How an error names a limit.
enum class Naming {
  kFlags,       // "--memory", as a user of `run` typed it
  kProperties,  // "linux.resources.memory.limit", as config.json has it
};

struct CgroupRequest {
  std::string id;      // the last path component: [a-zA-Z0-9][a-zA-Z0-9_.+-]*
  std::string parent;  // --cgroup-parent. Empty: "/mycontainer", for an ordinary user "mycontainer"
                       // below what was delegated. Relative: below "/" or what was delegated.
  oci::Resources resources;  // what was asked for, and nothing else
  bool rootless = false;     // no capabilities in the initial user namespace: no device rules
  // linux.cgroupsPath; unless empty it overrides `parent` and `id`.
  // kCgroupfs: the container's whole path: absolute below each mount point, relative below "/" or,
  // for an ordinary user, below what was delegated. Without "..", NUL and an empty last component.
  // An existing cgroup is taken over when no process is in it or below, else EBUSY.
  // kSystemd: "slice:prefix:name" (systemd_unit.h); empty: ":mycontainer:" + id.
  std::string path{};
  // All controllers of v2 that can be given, and a directory in all v1 hierarchies that can be used,
  // as runc and crun make them: who reads statistics or pauses by v1 needs it. Else only those
  // whose limits were asked for.
  bool every_hierarchy = false;
  Driver driver = Driver::kCgroupfs;
  Naming naming = Naming::kFlags;
};

}  // namespace mycontainer::runtime::cgroup
