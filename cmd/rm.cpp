#include <array>

#include "cmd/options/members.h"
#include "cmd/print/error.h"
#include "cmd/verbs.h"
#include "runtime/lifecycle/remove.h"
#include "runtime/state/store.h"

namespace mycontainer::cmd {
namespace {

using options::Option;

struct Typed {
  bool force = false, link = false, volumes = false;
};

constexpr std::array kOptions = {
    Option{"force", 'f', "", "Force the removal of a running container (uses SIGKILL)",
           options::flag<&Typed::force>},
    Option{"link", 'l', "", "Remove the specified link", options::flag<&Typed::link>},
    Option{"volumes", 'v', "", "Remove anonymous volumes associated with the container",
           options::flag<&Typed::volumes>},
};

// With --force one that is not there is told, but no failure: that is what was wanted (Docker's
// client since 23). Others may be removing it, too.
Result<int> remove_by_force(const VerbCall& call, const runtime::state::Roots& roots,
                            const std::vector<std::string>& words, bool volumes) {
  int status = 0;
  for (const std::string& word : words) {
    const auto id = runtime::state::find(roots, word);
    auto done = id ? runtime::lifecycle::remove(roots, *id, true, volumes)
                   : Result<void>(Failure(id.error()));
    if (done) done = say(word + "\n");
    if (done) continue;
    tell(print::error_text(call.path, done.error()));
    if (id || !done.error().operation.starts_with("no such container")) status = 1;
  }
  return status;
}

}  // namespace

Result<int> rm_verb(const VerbCall& call) {
  Typed typed;
  TRY(const auto words, parse_verb(call, kOptions, &typed, {.least = 1}));
  if (!words) return 0;
  if (typed.link) return fail("there are no links; --network connects containers by name");
  TRY(const auto roots, roots_of(call));
  if (typed.force) return remove_by_force(call, roots, *words, typed.volumes);
  return for_each_container(call, *words, true, [&](const auto& where, const std::string& id) {
    return runtime::lifecycle::remove(where, id, false, typed.volumes);
  });
}

}  // namespace mycontainer::cmd
