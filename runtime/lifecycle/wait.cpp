#include "runtime/lifecycle/wait.h"

#include <chrono>
#include <thread>

#include "runtime/lifecycle/existing.h"

namespace mycontainer::runtime::lifecycle {

Result<Waiting> Waiting::begin(const state::Roots& roots, const std::string& id) {
  Waiting waiting(roots, id);
  TRY(waiting.run_, state::ExitWaiter::open(roots, id));
  if (!waiting.run_) TRY_VOID(record_of(roots, id));
  return waiting;
}

// What can be said without waiting for a run: the exit code, or nothing while it is about to be
// started again.
Result<std::optional<int>> Waiting::look() const {
  TRY(const auto run, state::ExitWaiter::open(roots_, id_));
  if (run) return run->wait(-1);
  TRY(const state::Record record, record_of(roots_, id_));
  const state::State now = state::effective_state(roots_, record);
  return is_active(now) ? std::optional<int>() : now.exit_code;
}

Result<int> Waiting::finish() const {
  constexpr std::chrono::milliseconds kStep(20);
  if (run_) {
    TRY(const auto code, run_->wait(-1));
    if (code) return *code;
  }
  while (true) {
    TRY(const auto code, look());
    if (code) return *code;
    std::this_thread::sleep_for(kStep);
  }
}

}  // namespace mycontainer::runtime::lifecycle
