#include <array>

#include "cmd/confirm.h"
#include "cmd/network_text.h"
#include "cmd/options/members.h"
#include "cmd/options/timestamp.h"
#include "cmd/print/error.h"
#include "cmd/verbs.h"
#include "cmd/volume_text.h"
#include "runtime/state/record.h"

namespace mycontainer::cmd {
namespace {

using options::Option;

struct Typed {
  bool force = false;
  runtime::lifecycle::NetworkPruneFilter filter;
  std::vector<std::string> filters;  // as typed
};

Result<void> add_filter(Typed& typed, std::string_view text) {
  const std::size_t equals = text.find('=');
  if (equals == std::string_view::npos) return fail("bad format of filter (expected name=value)");
  const std::string_view name = text.substr(0, equals), value = text.substr(equals + 1);
  typed.filters.emplace_back(text);
  if (name == "label") {
    typed.filter.labels.push_back(label_filter(value));
  } else if (name == "label!") {
    typed.filter.without_labels.push_back(label_filter(value));
  } else if (name == "until" && !typed.filter.until) {
    TRY(typed.filter.until, options::parse_timestamp(value, runtime::state::now()));
  } else {
    return name == "until" ? fail("more than one until filter specified")
                           : fail("invalid filter '{}'", name);
  }
  return {};
}

constexpr std::array kOptions = {
    Option{"filter", 0, "filter", "Provide filter values (e.g. \"until=<timestamp>\")",
           options::apply<Typed, add_filter>},
    Option{"force", 'f', "", "Do not prompt for confirmation", options::flag<&Typed::force>},
};

std::string warning(const Typed& typed) {
  std::string text =
      "WARNING! This will remove all custom networks not used by at least one container.\n";
  if (!typed.filters.empty()) text += "\n  Items to be pruned will be filtered with:\n";
  for (const std::string& filter : typed.filters) text += "  - " + filter + "\n";
  return text;
}

}  // namespace

Result<int> network_prune_verb(const VerbCall& call) {
  Typed typed;
  TRY(const auto words, parse_verb(call, kOptions, &typed, {.most = 0}));
  if (!words) return 0;
  if (!typed.force) {
    TRY(const bool yes, is_confirmed(warning(typed)));
    if (!yes) return 0;
  }
  TRY(const auto roots, roots_of(call));
  TRY(const auto pruned, runtime::lifecycle::prune_networks(roots, typed.filter));
  TRY_VOID(say(networks_pruned_text(pruned)));
  for (const Error& error : pruned.failed) {
    tell(print::error_text(call.path, plain_network_error(error)));
  }
  return pruned.failed.empty() ? 0 : 1;
}

}  // namespace mycontainer::cmd
