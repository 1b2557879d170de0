#include "cmd/build_info.h"
#include "cmd/print/kernel.h"
#include "cmd/verbs.h"
#include "runtime/engine/kernel_features.h"

namespace mycontainer::cmd {

Result<int> version_verb(const VerbCall& call) {
  TRY(const auto words, parse_verb(call, {}, nullptr, {0, 0}));
  if (!words) return 0;
  const auto report = runtime::engine::inspect_kernel();
  TRY_VOID(say(fmt::format("mycontainer:\n Version:  {}\n Commit:   {}\n\n{}", kVersion, kCommit,
                           print::kernel_text(report))));
  return 0;
}

}  // namespace mycontainer::cmd
