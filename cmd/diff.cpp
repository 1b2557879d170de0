#include "runtime/lifecycle/diff.h"

#include "cmd/verbs.h"
#include "runtime/state/store.h"

namespace mycontainer::cmd {

namespace {

char letter(rootfs::layer::ChangeKind kind) {
  switch (kind) {
    case rootfs::layer::ChangeKind::kAdded:
      return 'A';
    case rootfs::layer::ChangeKind::kDeleted:
      return 'D';
    case rootfs::layer::ChangeKind::kModified:
      break;
  }
  return 'C';
}

}  // namespace

Result<int> diff_verb(const VerbCall& call) {
  TRY(const auto words, parse_verb(call, {}, nullptr, {.least = 1, .most = 1}));
  if (!words) return 0;
  if (words->front().empty()) return fail("Container name cannot be empty");
  TRY(const auto roots, roots_of(call));
  TRY(const std::string id, runtime::state::find(roots, words->front()));
  TRY(const auto changes, runtime::lifecycle::diff(roots, id));
  std::string text;
  for (const auto& change : changes)
    text += fmt::format("{} {}\n", letter(change.kind), change.path);
  TRY_VOID(say(text));
  return 0;
}

}  // namespace mycontainer::cmd
