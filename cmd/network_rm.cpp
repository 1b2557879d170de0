#include <array>

#include "cmd/network_text.h"
#include "cmd/options/members.h"
#include "cmd/print/error.h"
#include "cmd/verbs.h"
#include "runtime/lifecycle/networks.h"

namespace mycontainer::cmd {
namespace {

using options::Option;

struct Typed {
  bool force = false;
};

constexpr std::array kOptions = {
    Option{"force", 'f', "", "Do not error if the network does not exist",
           options::flag<&Typed::force>},
};

}  // namespace

Result<int> network_rm_verb(const VerbCall& call) {
  Typed typed;
  TRY(const auto words, parse_verb(call, kOptions, &typed, {.least = 1}));
  if (!words) return 0;
  TRY(const auto roots, roots_of(call));
  int status = 0;
  for (const std::string& word : *words) {
    auto removed = runtime::lifecycle::remove_network(roots, word);
    if (removed) {
      TRY_VOID(say(word + "\n"));
      continue;
    }
    if (typed.force && removed.error().code == ENOENT) continue;
    status = 1;
    tell(print::error_text(call.path, plain_network_error(std::move(removed).error())));
  }
  return status;
}

Result<int> network_reload_verb(const VerbCall& call) {
  TRY(const auto words, parse_verb(call, {}, nullptr, {.most = 0}));
  if (!words) return 0;
  TRY(const auto roots, roots_of(call));
  TRY_VOID(runtime::lifecycle::reload_networks(roots));
  return 0;
}

}  // namespace mycontainer::cmd
