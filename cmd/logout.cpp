#include <array>

#include "cmd/options/registry_options.h"
#include "cmd/sign_on.h"
#include "cmd/verbs.h"

namespace mycontainer::cmd {
namespace {

using rootfs::registry::Keychain;

struct Typed {
  options::RegistryOptions registry;
};

constexpr std::array kOptions = {options::kAuthfile<&Typed::registry>};

}  // namespace

Result<int> logout_verb(const VerbCall& call) {
  Typed typed;
  TRY(const auto words, parse_verb(call, kOptions, &typed, {.most = 1}));
  if (!words) return 0;
  TRY(const std::string registry, registry_of(words->empty() ? "" : words->front()));
  TRY(Keychain keychain, Keychain::open(typed.registry.authfile));
  TRY(const bool erased, keychain.erase(registry));
  TRY_VOID(
      say(fmt::format("{} {}\n", erased ? "Removing login credentials for" : "Not logged in to",
                      display_name(registry))));
  // Other programs' files are read, too, but are theirs to change.
  const auto left = keychain.find(registry);
  if (left && *left) warn(call, fmt::format("another file still has credentials for {}", registry));
  return 0;
}

}  // namespace mycontainer::cmd
