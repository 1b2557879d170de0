#include "runtime/lifecycle/commit.h"

#include <array>

#include "cmd/options/members.h"
#include "cmd/verbs.h"
#include "runtime/state/store.h"

namespace mycontainer::cmd {
namespace {

using options::Option;
using runtime::lifecycle::CommitPause;
using runtime::lifecycle::CommitRequest;

Result<void> take_pause(CommitRequest& request, std::string_view value) {
  TRY(const bool yes, options::parse_bool(value));
  request.pause = yes ? CommitPause::kYes : CommitPause::kNo;
  return {};
}

constexpr std::array kOptions = {
    Option{"author", 'a', "string", "Author (e.g., \"John Hannibal Smith <hannibal@a-team.com>\")",
           options::text<&CommitRequest::author>},
    Option{"change", 'c', "list", "Apply Dockerfile instruction to the created image",
           options::texts<&CommitRequest::changes>},
    Option{"message", 'm', "string", "Commit message", options::text<&CommitRequest::message>},
    Option{"pause", 'p', "", "Pause container during commit (default true)",
           options::apply<CommitRequest, take_pause>},
};

}  // namespace

Result<int> commit_verb(const VerbCall& call) {
  CommitRequest request;
  TRY(const auto words, parse_verb(call, kOptions, &request, {1, 2}));
  if (!words) return 0;
  TRY(const auto roots, roots_of(call));
  TRY(request.id, runtime::state::find(roots, words->front()));
  if (words->size() == 2) request.name = words->back();
  request.warn = [&call](std::string_view text) { warn(call, text); };
  TRY(const auto id, runtime::lifecycle::commit(roots, request));
  TRY_VOID(say(id.text() + "\n"));
  return 0;
}

}  // namespace mycontainer::cmd
