#include "runtime/lifecycle/create.h"

#include <unistd.h>

#include "cmd/new_container.h"
#include "cmd/options/run_options.h"
#include "cmd/print/progress.h"
#include "cmd/verbs.h"

namespace mycontainer::cmd {

Result<int> create_verb(const VerbCall& call) {
  TRY(const auto request, parse_new_container(call, options::create_options()));
  if (!request) return 0;
  TRY(const auto roots, roots_of(call));
  print::ProgressPrinter printer(STDERR_FILENO, print::Operation::kPull);
  TRY(const auto record, runtime::lifecycle::create(*request, roots, printer.report()));
  TRY_VOID(say(record.id + "\n"));
  return 0;
}

}  // namespace mycontainer::cmd
