#include "runtime/lifecycle/create.h"

#include "cmd/new_container.h"
#include "cmd/options/run_options.h"
#include "cmd/verbs.h"

namespace mycontainer::cmd {

Result<int> create_verb(const VerbCall& call) {
  TRY(const auto request, parse_new_container(call, options::create_options()));
  if (!request) return 0;
  TRY(const auto roots, roots_of(call));
  TRY(const auto record, runtime::lifecycle::create(*request, roots));
  TRY_VOID(say(record.id + "\n"));
  return 0;
}

}  // namespace mycontainer::cmd
