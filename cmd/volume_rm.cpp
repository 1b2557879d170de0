#include <array>

#include "cmd/options/members.h"
#include "cmd/print/error.h"
#include "cmd/verbs.h"
#include "cmd/volume_text.h"
#include "runtime/lifecycle/volumes.h"

namespace mycontainer::cmd {
namespace {

using options::Option;

struct Typed {
  bool force = false;
};

constexpr std::array kOptions = {
    Option{"force", 'f', "", "Force the removal of one or more volumes",
           options::flag<&Typed::force>},
};

}  // namespace

Result<int> volume_rm_verb(const VerbCall& call) {
  Typed typed;
  TRY(const auto words, parse_verb(call, kOptions, &typed, {.least = 1}));
  if (!words) return 0;
  TRY(const auto roots, roots_of(call));
  int status = 0;
  for (const std::string& name : *words) {
    auto removed = runtime::lifecycle::remove_volume(roots, name);
    const bool missing = !removed && removed.error().code == ENOENT;
    if (removed || (missing && typed.force)) {
      TRY_VOID(say(name + "\n"));
      continue;
    }
    status = 1;
    tell(print::error_text(call.path, plain_error(std::move(removed).error())));
  }
  return status;
}

}  // namespace mycontainer::cmd
