#include <array>

#include "cmd/options/members.h"
#include "cmd/print/error.h"
#include "cmd/verbs.h"
#include "runtime/images/remove.h"

namespace mycontainer::cmd {
namespace {

using options::Option;

struct Typed {
  bool force = false, no_prune = false;
};

constexpr std::array kRemoveOptions = {
    Option{"force", 'f', "", "Force removal of the image", options::flag<&Typed::force>},
    // There are none: an image has all of its layers by itself.
    Option{"no-prune", 0, "", "Do not delete untagged parents", options::flag<&Typed::no_prune>},
};

std::string text_of(const runtime::images::Removed& removed) {
  std::string text;
  for (const std::string& name : removed.untagged) text += "Untagged: " + name + "\n";
  for (const auto& id : removed.deleted) text += "Deleted: " + id.text() + "\n";
  return text;
}

}  // namespace

// As with `rm`, one that is not there is no failure with --force.
Result<int> rmi_verb(const VerbCall& call) {
  Typed typed;
  TRY(const auto words, parse_verb(call, kRemoveOptions, &typed, {.least = 1}));
  if (!words) return 0;
  TRY(const auto roots, roots_of(call));
  int status = 0;
  bool deleted = false;
  for (const std::string& word : *words) {
    const auto removed = runtime::images::remove(roots, word, typed.force);
    if (removed) {
      deleted = deleted || !removed->deleted.empty();
      TRY_VOID(say(text_of(*removed)));
      continue;
    }
    tell(print::error_text(call.path, removed.error()));
    if (!typed.force || !removed.error().operation.starts_with("no such image")) status = 1;
  }
  if (!deleted) return status;
  const auto swept = runtime::images::sweep(roots);
  if (!swept) warn(call, swept.error().message());
  return status;
}

Result<int> tag_verb(const VerbCall& call) {
  TRY(const auto words, parse_verb(call, {}, nullptr, {2, 2}));
  if (!words) return 0;
  TRY(const auto roots, roots_of(call));
  TRY_VOID(runtime::images::tag(roots, words->front(), words->back()));
  return 0;
}

}  // namespace mycontainer::cmd
