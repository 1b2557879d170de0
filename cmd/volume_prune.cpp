#include <array>

#include "cmd/confirm.h"
#include "cmd/options/members.h"
#include "cmd/print/error.h"
#include "cmd/print/units.h"
#include "cmd/verbs.h"
#include "cmd/volume_text.h"
#include "runtime/lifecycle/volumes.h"

namespace mycontainer::cmd {
namespace {

using options::Option;

struct Typed {
  bool force = false;
  runtime::lifecycle::VolumePruneFilter filter;
};

Result<void> set_all(Typed& typed, std::string_view value) {
  TRY(typed.filter.all, options::parse_bool(value));
  return {};
}

Result<void> add_filter(Typed& typed, std::string_view text) {
  const std::size_t equals = text.find('=');
  if (equals == std::string_view::npos) return fail("bad format of filter (expected name=value)");
  const std::string_view name = text.substr(0, equals), value = text.substr(equals + 1);
  if (name == "label") {
    typed.filter.labels.push_back(label_filter(value));
  } else if (name == "label!") {
    typed.filter.without_labels.push_back(label_filter(value));
  } else if (name == "all") {
    TRY(typed.filter.all, options::parse_bool(value));
  } else {
    return fail("invalid filter '{}'", name);
  }
  return {};
}

constexpr std::array kOptions = {
    Option{"all", 'a', "", "Remove all unused volumes, not just anonymous ones",
           options::apply<Typed, set_all>},
    Option{"filter", 0, "filter", "Provide filter values (e.g. \"label=<label>\")",
           options::apply<Typed, add_filter>},
    Option{"force", 'f', "", "Do not prompt for confirmation", options::flag<&Typed::force>},
};

}  // namespace

Result<int> volume_prune_verb(const VerbCall& call) {
  Typed typed;
  TRY(const auto words, parse_verb(call, kOptions, &typed, {.most = 0}));
  if (!words) return 0;
  if (!typed.force) {
    TRY(const bool yes,
        is_confirmed(fmt::format("WARNING! This will remove {} local volumes not used by at least "
                                 "one container.\n",
                                 typed.filter.all ? "all" : "anonymous")));
    if (!yes) return 0;
  }
  TRY(const auto roots, roots_of(call));
  TRY(const auto pruned, runtime::lifecycle::prune_volumes(roots, typed.filter));
  TRY_VOID(say(volumes_pruned_text(pruned)));
  TRY_VOID(say("Total reclaimed space: " + print::human_size(pruned.bytes) + "\n"));
  for (const Error& error : pruned.failed) tell(print::error_text(call.path, error));
  return pruned.failed.empty() ? 0 : 1;
}

}  // namespace mycontainer::cmd
