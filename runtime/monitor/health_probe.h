// The hidden entry "mycontainer-health": one probe of a container's health, in a process of its own
// so that the monitor neither waits nor grows. Between the monitor (parent) and the probe (child).
//
//   monitor                                    probe
//      |  ProbeOrder                             |
//      |---------------------------------------->|  runs the command in the container
//      |                            ProbeResult  |
//      |<----------------------------------------|  and ends
//
// It dies with the monitor, and the command with it.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "reexec/registry.h"

namespace mycontainer::runtime::monitor {

inline constexpr std::string_view kHealthEntry = "mycontainer-health";
inline constexpr std::size_t kMostProbeOutput = 4096;

struct ProbeOrder {
  std::string data_root, state_root, id;
  std::vector<std::string> args;
  std::int64_t timeout = 0;  // nanoseconds

  template <class Self>
  static auto fields(Self& self) {
    return std::tie(self.data_root, self.state_root, self.id, self.args, self.timeout);
  }
};

struct ProbeResult {
  bool skipped = false;  // the container is paused, or has ended: says nothing about its health
  std::int32_t exit_code = -1;  // -1: it did not run, or not to its end
  std::string output;           // at most kMostProbeOutput bytes, or why there is no exit code

  template <class Self>
  static auto fields(Self& self) {
    return std::tie(self.skipped, self.exit_code, self.output);
  }
};

int run_health_probe(reexec::Invocation& invocation);

}  // namespace mycontainer::runtime::monitor
