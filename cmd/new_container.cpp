#include "cmd/new_container.h"

#include "cmd/options/run_options.h"
#include "cmd/print/usage.h"
#include "runtime/lifecycle/volumes_from.h"

namespace mycontainer::cmd {

namespace {

constexpr int kWrongUsage = 125;
constexpr std::string_view kAboutImage =
    "IMAGE may be left out before a COMMAND that begins with / or . : then the\n"
    "built-in root filesystem (busybox) is used. With --rootfs there is no IMAGE.\n";

Failure with_help_hint(const VerbCall& call, Error error) {
  if (error.hint.empty()) error.hint = fmt::format("see 'mycontainer {} --help'", call.path);
  if (error.exit_status == 0) error.exit_status = kWrongUsage;
  return Failure(std::move(error));
}

}  // namespace

Result<std::optional<runtime::engine::RunRequest>> parse_new_container(const VerbCall& call,
                                                                       options::OptionTable table) {
  auto typed = options::parse_run(table, call.arguments);
  if (!typed) return with_help_hint(call, std::move(typed).error());
  if (!typed->help) {
    for (const std::string& warning : typed->warnings) warn(call, warning);
    if (!typed->request.volumes_from.empty()) {
      TRY(const auto roots, roots_of(call));
      TRY_VOID(runtime::lifecycle::add_volumes_from(typed->request, roots));
    }
    return std::optional(std::move(typed->request));
  }
  TRY_VOID(
      say(fmt::format("Usage:  mycontainer {} {}\n\n{}\n\n{}\nOptions:\n{}", call.path,
                      call.verb.words, call.verb.help, kAboutImage, print::option_list(table))));
  return std::optional<runtime::engine::RunRequest>();
}

}  // namespace mycontainer::cmd
