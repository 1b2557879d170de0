#include "runtime/engine/restart_policy.h"

#include <algorithm>

namespace mycontainer::runtime::engine {

namespace {

constexpr state::Nanoseconds kSecond = 1'000'000'000;
constexpr state::Nanoseconds kShortest = kSecond / 10;
constexpr state::Nanoseconds kLongest = 60 * kSecond;
constexpr state::Nanoseconds kLongRun = 10 * kSecond;

bool has_retries_left(const state::RestartPolicy& policy, const state::State& state) {
  return policy.max_retries == 0 || state.restart_count < policy.max_retries;
}

}  // namespace

bool restarts_after(const state::RestartPolicy& policy, const state::State& ended) {
  if (ended.stopped_by_user) return false;
  switch (policy.kind) {
    case state::RestartKind::kNo:
      return false;
    case state::RestartKind::kOnFailure:
      return ended.exit_code != 0 && has_retries_left(policy, ended);
    case state::RestartKind::kAlways:
    case state::RestartKind::kUnlessStopped:
      break;
  }
  return true;
}

state::Nanoseconds restart_delay(state::Nanoseconds last, state::Nanoseconds run_time) {
  if (last == 0 || run_time >= kLongRun) return kShortest;
  return std::min(last * 2, kLongest);
}

bool starts_at_boot(const state::RestartPolicy& policy, const state::State& state) {
  if (state.started == 0) return false;  // never started: only created
  if (policy.kind == state::RestartKind::kAlways) return true;
  return restarts_after(policy, state);
}

}  // namespace mycontainer::runtime::engine
