#include "runtime/lifecycle/wait.h"

#include "cmd/print/error.h"
#include "cmd/verbs.h"
#include "runtime/state/store.h"

namespace mycontainer::cmd {
namespace {

using runtime::lifecycle::Waiting;

Result<Waiting> begin(const runtime::state::Roots& roots, const std::string& word) {
  TRY(const std::string id, runtime::state::find(roots, word));
  return Waiting::begin(roots, id);
}

Result<void> print_end(const Result<Waiting>& waiting) {
  if (!waiting) return Failure(waiting.error());
  TRY(const int code, waiting->finish());
  return say(fmt::format("{}\n", code));
}

}  // namespace

// All are watched from the beginning: one that is removed at its end, while another is waited for,
// still has its code printed.
Result<int> wait_verb(const VerbCall& call) {
  TRY(const auto words, parse_verb(call, {}, nullptr, {.least = 1}));
  if (!words) return 0;
  TRY(const auto roots, roots_of(call));
  std::vector<Result<Waiting>> waitings;
  for (const std::string& word : *words) waitings.push_back(begin(roots, word));
  int status = 0;
  for (const auto& waiting : waitings) {
    const auto printed = print_end(waiting);
    if (printed) continue;
    status = 1;
    tell(print::error_text(call.path, printed.error()));
  }
  return status;
}

}  // namespace mycontainer::cmd
