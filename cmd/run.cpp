#include "runtime/lifecycle/run.h"

#include <unistd.h>

#include "cmd/new_container.h"
#include "cmd/options/run_options.h"
#include "cmd/print/progress.h"
#include "cmd/verbs.h"

namespace mycontainer::cmd {

Result<int> run_verb(const VerbCall& call) {
  TRY(const auto request, parse_new_container(call, options::run_options()));
  if (!request) return 0;
  TRY(const auto roots, roots_of(call));
  // Of an image that has to be pulled; standard output is the container's.
  print::ProgressPrinter printer(STDERR_FILENO, print::Operation::kPull);
  if (request->dry_run) {
    TRY_VOID(runtime::engine::print_spec(*request, roots, printer.report()));
    return 0;
  }
  TRY(const auto run, runtime::lifecycle::run(*request, roots, printer.report()));
  if (request->detach) TRY_VOID(say(run.id + "\n"));
  if (!run.outcome.notice.empty()) warn(call, run.outcome.notice);
  return run.outcome.exit_code;
}

}  // namespace mycontainer::cmd
