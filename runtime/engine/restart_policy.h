// When a container that has ended is started again. Pure.
#pragma once

#include "runtime/state/record.h"

namespace mycontainer::runtime::engine {

// Docker's rules: never when the user stopped it; on-failure only with an exit code other than 0, at
// most so many times.
bool restarts_after(const state::RestartPolicy& policy, const state::State& ended);

// How long to wait before: 0.1 s, doubled each time up to a minute, from the beginning again after a
// run of ten seconds or more. `last` is the delay before the run that has ended, 0 for the first.
state::Nanoseconds restart_delay(state::Nanoseconds last, state::Nanoseconds run_time);

// After a reboot, or for `system boot` in general: what should be running now. An `always` is
// started even if the user had stopped it, as by a restarted Docker daemon.
bool starts_at_boot(const state::RestartPolicy& policy, const state::State& state);

}  // namespace mycontainer::runtime::engine
