#include "runtime/lifecycle/run.h"

#include "cmd/new_container.h"
#include "cmd/options/run_options.h"
#include "cmd/print/error.h"
#include "cmd/verbs.h"

namespace mycontainer::cmd {

Result<int> run_verb(const VerbCall& call) {
  TRY(const auto request, parse_new_container(call, options::run_options()));
  if (!request) return 0;
  TRY(const auto roots, roots_of(call));
  if (request->dry_run) {
    TRY_VOID(runtime::engine::print_spec(*request, roots));
    return 0;
  }
  TRY(const auto run, runtime::lifecycle::run(*request, roots));
  if (request->detach) TRY_VOID(say(run.id + "\n"));
  if (!run.outcome.notice.empty()) warn(call, run.outcome.notice);
  return run.outcome.exit_code;
}

}  // namespace mycontainer::cmd
