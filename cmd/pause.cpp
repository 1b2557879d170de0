#include "runtime/lifecycle/pause.h"

#include "cmd/verbs.h"

namespace mycontainer::cmd {
namespace {

using Action = Result<void> (*)(const runtime::state::Roots& roots, const std::string& id);

Result<int> for_each_word(const VerbCall& call, Action act) {
  TRY(const auto words, parse_verb(call, {}, nullptr, {.least = 1}));
  return words ? for_each_container(call, *words, true, act) : 0;
}

}  // namespace

Result<int> pause_verb(const VerbCall& call) {
  return for_each_word(call, runtime::lifecycle::pause);
}

Result<int> unpause_verb(const VerbCall& call) {
  return for_each_word(call, runtime::lifecycle::unpause);
}

}  // namespace mycontainer::cmd
