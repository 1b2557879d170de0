// Stopping a container as its program wants to be stopped, then by force. Parent side.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "reexec/sys/error.h"
#include "runtime/state/record.h"
#include "runtime/state/roots.h"

namespace mycontainer::runtime::lifecycle {

struct StopRequest {
  std::optional<int> signal;  // absent: the container's own
  std::optional<int>
      timeout;  // seconds until it is killed, negative: never; absent: its own, or 10
  // Told once, before a wait that is known to be in vain.
  std::function<void(std::string_view)> notice;
};

// A container that does not run is stopped already. Afterwards its record tells its end; one that
// is removed at its end is gone. What does not end even when killed is an error that names it.
Result<void> stop(const state::Roots& roots, const std::string& id, const StopRequest& request);

// What has been asked for, with the container's own settings where nothing was. Pure.
struct StopPlan {
  int signal = 15;
  int timeout = 10;
};
StopPlan plan_stop(const state::Record& record, const StopRequest& request);

// "PID 1 (sleep) of x does not handle SIGTERM; it will be killed after 10 s (...)". Pure.
std::string unheard_signal_notice(const std::string& process, const std::string& container,
                                  const StopPlan& plan);

}  // namespace mycontainer::runtime::lifecycle
