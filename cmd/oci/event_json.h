// The lines that `events` prints. Pure.
//
// Source: runc's types/events.go, which containerd (go-runc) and monitoring tools read.
#pragma once

#include <string>
#include <string_view>

#include "runtime/cgroup/stats.h"

namespace mycontainer::cmd::oci {

// {"type":"stats","id":"x","data":{...}}, with a newline. What runc leaves out when it is 0 or
// empty is left out.
std::string stats_event(std::string_view id, const runtime::cgroup::Stats& stats);

// {"type":"oom","id":"x"}, with a newline.
std::string oom_event(std::string_view id);

}  // namespace mycontainer::cmd::oci
