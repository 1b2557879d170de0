#include "cmd/print/error.h"
#include "cmd/verbs.h"
#include "runtime/lifecycle/start.h"

namespace mycontainer::cmd {

Result<int> boot_verb(const VerbCall& call) {
  TRY(const auto words, parse_verb(call, {}, nullptr, {0, 0}));
  if (!words) return 0;
  TRY(const auto roots, roots_of(call));
  TRY(const auto report, runtime::lifecycle::start_after_boot(roots));
  for (const std::string& id : report.started) TRY_VOID(say(id + "\n"));
  for (const Error& error : report.failed) tell(print::error_text(call.path, error));
  return report.failed.empty() ? 0 : 1;
}

}  // namespace mycontainer::cmd
