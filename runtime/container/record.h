// state.json of a container: what every later command needs to know of it. Written by the process
// that creates the container, before anything else exists and again when there is a process.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <string>
#include <string_view>

#include "reexec/sys/error.h"
#include "runtime/cgroup/record.h"
#include "runtime/oci/spec.h"

namespace mycontainer::runtime::container {

struct Record {
  std::string oci_version{};
  std::string id{};
  std::string bundle{};   // absolute
  std::string rootfs{};   // absolute
  std::string created{};  // RFC 3339, UTC, nanoseconds
  pid_t pid = 0;          // of the first process, as the creator saw it; 0: there was none yet
  // Field 22 of /proc/PID/stat: together with the pid it names one process of this boot, for the
  // state directory lies on a tmpfs.
  std::uint64_t start_time = 0;
  uid_t owner = 0;  // who created it
  bool rootless = false;
  cgroup::CgroupRecord cgroup{};
  std::string intel_rdt_group{};  // the directory we made below resctrl; empty: none
  oci::StringMap annotations{};
};

std::string to_json(const Record& record);
// A text that is no record (cut short, not ours) is an error: then nothing is known that could be
// cleaned up by.
Result<Record> from_json(std::string_view text);

}  // namespace mycontainer::runtime::container
