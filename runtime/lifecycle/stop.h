// Stopping a container as its program wants to be stopped, then by force. Parent side.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "reexec/sys/error.h"
#include "runtime/container/settings.h"
#include "runtime/lifecycle/deadline.h"
#include "runtime/state/live.h"
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

// What has been asked for, with the container's own settings where nothing was. Pure.
struct StopPlan {
  int signal = 15;
  int timeout = 10;
};
StopPlan plan_stop(const state::Record& record, const StopRequest& request);

// A container that does not run is stopped already. In two parts, so that many containers have their
// time at the same time.
class Stop {
 public:
  // Notes that the user ends it, and asks it to end.
  static Result<Stop> begin(const state::Roots& roots, const std::string& id, StopRequest request);
  // Waits, and kills what has had its time. Afterwards its record tells its end; one that is removed
  // at its end is gone. What does not end even when killed is an error that names it.
  Result<void> finish();

 private:
  Stop(state::Roots roots, std::string id, StopRequest request)
      : roots_(std::move(roots)), id_(std::move(id)), request_(std::move(request)) {}
  [[nodiscard]] bool is_over() const;
  void tell_if_unheard();
  Result<void> ask();
  Result<bool> await_end();
  Result<void> await_next_run();

  state::Roots roots_;
  std::string id_;
  StopRequest request_;
  StopPlan plan_;
  std::optional<state::Record> record_;  // absent: there was nothing to stop
  container::Settings settings_;
  Deadline deadline_ = Deadline::never();
  std::optional<state::ExitWaiter> run_;  // the present one
  bool asked_ = false, told_ = false;     // asked: that one
};

// Both parts.
Result<void> stop(const state::Roots& roots, const std::string& id, const StopRequest& request);

// "PID 1 (sleep) of x does not handle SIGTERM; it will be killed after 10 s (...)". Pure.
std::string unheard_signal_notice(const std::string& process, const std::string& container,
                                  const StopPlan& plan);

}  // namespace mycontainer::runtime::lifecycle
