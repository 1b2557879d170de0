#include "runtime/engine/run.h"

#include "cmd/options/run_options.h"
#include "cmd/print/error.h"
#include "cmd/print/usage.h"
#include "cmd/verbs.h"

namespace mycontainer::cmd {
namespace {

constexpr std::string_view kUsage =
    "Usage:  mycontainer run [OPTIONS] [IMAGE] [COMMAND [ARG...]]\n"
    "\n"
    "Create and run a new container\n"
    "\n"
    "IMAGE may be left out before a COMMAND that begins with / or . : then the\n"
    "built-in root filesystem (busybox) is used. With --rootfs there is no IMAGE.\n"
    "\n"
    "Options:\n";

Failure with_help_hint(Error error) {
  if (error.hint.empty()) error.hint = "see 'mycontainer run --help'";
  return Failure(std::move(error));
}

}  // namespace

Result<int> run_verb(const VerbCall& call) {
  auto typed = options::parse_run(call.arguments);
  if (!typed) return with_help_hint(std::move(typed).error());
  const options::ParsedRun& parsed = *typed;
  if (parsed.help) {
    TRY_VOID(say(std::string(kUsage) + print::option_list(options::run_options())));
    return 0;
  }
  TRY(const auto roots, roots_of(call));
  if (parsed.request.dry_run) {
    TRY_VOID(runtime::engine::print_spec(parsed.request, roots));
    return 0;
  }
  TRY(const auto outcome, runtime::engine::run(parsed.request, roots));
  if (!outcome.notice.empty()) tell(print::error_text("run", Error{outcome.notice, 0, {}, 0}));
  return outcome.exit_code;
}

}  // namespace mycontainer::cmd
