#include "runtime/lifecycle/rename.h"

#include "cmd/verbs.h"
#include "runtime/state/store.h"

namespace mycontainer::cmd {

Result<int> rename_verb(const VerbCall& call) {
  TRY(const auto words, parse_verb(call, {}, nullptr, {.least = 2, .most = 2}));
  if (!words) return 0;
  if (words->front().empty() || words->back().empty()) {
    return fail("Neither old nor new names may be empty");
  }
  TRY(const auto roots, roots_of(call));
  TRY(const std::string id, runtime::state::find(roots, words->front()));
  TRY_VOID(runtime::lifecycle::rename(roots, id, words->back()));
  return 0;
}

}  // namespace mycontainer::cmd
