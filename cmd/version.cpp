#include <array>

#include "cmd/build_info.h"
#include "cmd/options/parse.h"
#include "cmd/options/values.h"
#include "cmd/print/kernel.h"
#include "cmd/print/usage.h"
#include "cmd/verb.h"
#include "runtime/engine/kernel_features.h"

namespace mycontainer::cmd {
namespace {

Result<void> set_help(bool& help, std::string_view value) {
  TRY(help, options::parse_bool(value));
  return {};
}

constexpr std::array kOptions = {
    options::Option{"help", 0, "", "Print usage", options::apply_to<bool, set_help>}};

constexpr std::string_view kUsage =
    "Usage:  mycontainer version\n"
    "\n"
    "Show the version and what the kernel offers\n"
    "\n"
    "Options:\n";

}  // namespace

Result<int> version_verb(const VerbCall& call) {
  bool help = false;
  TRY(const options::Arguments rest, options::parse(kOptions, &help, call.arguments));
  if (help) {
    TRY_VOID(say(std::string(kUsage) + print::option_list(kOptions)));
    return 0;
  }
  if (!rest.empty()) return fail("version takes no arguments");
  const auto report = runtime::engine::inspect_kernel();
  TRY_VOID(say(fmt::format("mycontainer:\n Version:  {}\n Commit:   {}\n\n{}", kVersion, kCommit,
                           print::kernel_text(report))));
  return 0;
}

}  // namespace mycontainer::cmd
