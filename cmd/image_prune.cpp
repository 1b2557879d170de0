#include <array>

#include "cmd/confirm.h"
#include "cmd/image_text.h"
#include "cmd/list/image_filter.h"
#include "cmd/options/members.h"
#include "cmd/print/units.h"
#include "cmd/verbs.h"

namespace mycontainer::cmd {
namespace {

using options::Option;

struct Typed {
  bool all = false, force = false;
  list::Filters filters;
};

Result<void> add_filter(Typed& typed, std::string_view text) {
  return list::add_filter(typed.filters, text);
}

constexpr std::array kOptions = {
    Option{"all", 'a', "", "Remove all unused images, not just dangling ones",
           options::flag<&Typed::all>},
    Option{"filter", 0, "filter", "Provide filter values (e.g. \"until=<timestamp>\")",
           options::apply<Typed, add_filter>},
    Option{"force", 'f', "", "Do not prompt for confirmation", options::flag<&Typed::force>},
};

constexpr std::string_view kFilters[] = {"dangling", "label", "label!", "until"};

// "dangling=false" is --all.
Result<bool> wants_all(Typed& typed) {
  const auto values = list::values_of(typed.filters, "dangling");
  if (values.empty()) return typed.all;
  TRY(const bool dangling, options::parse_bool(values.back()));
  typed.filters.erase("dangling");
  return typed.all || !dangling;
}

constexpr const char* kWarning = "WARNING! This will remove all dangling images.\n";
constexpr const char* kWarningAll =
    "WARNING! This will remove all images without at least one container associated to them.\n";

}  // namespace

std::string images_pruned_text(const runtime::images::Removed& removed) {
  if (removed.untagged.empty() && removed.deleted.empty()) return {};
  std::string text = "Deleted Images:\n";
  for (const std::string& name : removed.untagged) text += "untagged: " + name + "\n";
  for (const auto& id : removed.deleted) text += "deleted: " + id.text() + "\n";
  return text + "\n";
}

Result<int> image_prune_verb(const VerbCall& call) {
  Typed typed;
  TRY(const auto words, parse_verb(call, kOptions, &typed, {.most = 0}));
  if (!words) return 0;
  TRY_VOID(list::check_filters(typed.filters, kFilters));
  TRY(const bool all, wants_all(typed));
  if (!typed.force) {
    TRY(const bool yes, is_confirmed(all ? kWarningAll : kWarning));
    if (!yes) return 0;
  }
  TRY(const auto roots, roots_of(call));
  TRY(const auto filter, list::ImageFilter::compile(roots, std::move(typed.filters)));
  TRY(const auto removed, runtime::images::prune(roots, all, [&](const auto& entry) {
        auto copy = entry;
        return filter.takes(copy);
      }));
  TRY(const auto swept, runtime::images::sweep(roots));
  TRY_VOID(say(images_pruned_text(removed) +
               "Total reclaimed space: " + print::human_size(swept.bytes) + "\n"));
  return 0;
}

}  // namespace mycontainer::cmd
