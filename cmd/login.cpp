#include <unistd.h>

#include <array>

#include "cmd/options/registry_options.h"
#include "cmd/print/error.h"
#include "cmd/sign_on.h"
#include "cmd/verbs.h"
#include "reexec/sys/file.h"
#include "runtime/io/prompt.h"

namespace mycontainer::cmd {
namespace {

using options::Option;
using rootfs::registry::Credentials;
using rootfs::registry::Keychain;
using runtime::io::Echo;

constexpr std::size_t kLongestPassword = std::size_t{64} << 10;

struct Typed {
  std::string user, password;
  bool has_password = false, password_from_input = false;
  options::RegistryOptions registry;
};

Result<void> set_password(Typed& typed, std::string_view value) {
  typed.password = value;
  typed.has_password = true;
  return {};
}

constexpr std::array kOptions = {
    options::kAuthfile<&Typed::registry>,
    options::kCertDir<&Typed::registry>,
    Option{"password", 'p', "string", "Password or Personal Access Token (PAT)",
           options::apply<Typed, set_password>},
    Option{"password-stdin", 0, "", "Take the Password or Personal Access Token (PAT) from stdin",
           options::flag<&Typed::password_from_input>},
    options::kTlsVerify<&Typed::registry>,
    Option{"username", 'u', "string", "Username", options::text<&Typed::user>},
};

Result<void> check(const Typed& typed) {
  if (typed.password_from_input && typed.has_password) {
    return fail("--password and --password-stdin are mutually exclusive");
  }
  if (typed.password_from_input && typed.user.empty()) {
    return fail("Must provide --username with --password-stdin");
  }
  return {};
}

Result<std::string> password_from_input() {
  auto text = sys::read_all(STDIN_FILENO, kLongestPassword);
  if (!text) return within("standard input", std::move(text).error());
  // One end of line, as `echo` and files have it: a password may well end with a blank.
  if (text->ends_with('\n')) text->pop_back();
  if (text->ends_with('\r')) text->pop_back();
  return *std::move(text);
}

// What was not typed as an option: asked for. `known`: the name used last time, offered again.
Result<Credentials> credentials_of(const Typed& typed, const std::string& known) {
  Credentials credentials{typed.user, typed.password, {}};
  if (typed.password_from_input) {
    TRY(credentials.password, password_from_input());
  }
  const bool asks = credentials.user.empty() || credentials.password.empty();
  if (asks && !typed.has_password && !typed.password_from_input && !runtime::io::can_ask()) {
    return Failure(Error{"cannot perform an interactive login from a non TTY device", 0,
                         "use --username with --password-stdin", 0});
  }
  if (credentials.user.empty() && runtime::io::can_ask()) {
    const std::string offer = known.empty() ? "Username: " : fmt::format("Username ({}): ", known);
    TRY(credentials.user, runtime::io::ask(offer, Echo::kOn));
    if (credentials.user.empty()) credentials.user = known;
  }
  if (credentials.user.empty()) return fail("a username is required");
  if (credentials.user.find(':') != std::string::npos) {
    return fail("\"{}\": a username has no colon", credentials.user);
  }
  if (!typed.has_password && !typed.password_from_input) {
    TRY(credentials.password, runtime::io::ask("Password: ", Echo::kOff));
  }
  if (credentials.password.empty()) return fail("a password is required");
  return credentials;
}

Result<int> keep(const std::string& registry, const Credentials& credentials, const Typed& typed) {
  TRY(Keychain keychain, Keychain::open(typed.registry.authfile));
  TRY(const auto stored, keychain.store(registry, credentials));
  if (stored.helper.empty()) {
    tell(
        fmt::format("WARNING! Your credentials are stored unencrypted in '{}'.\n"
                    "Configure a credential helper (credsStore) to remove this warning.\n\n",
                    stored.file));
  }
  TRY_VOID(say("Login Succeeded\n"));
  return 0;
}

// Without a name or a password those that are stored will do, when the registry still takes them.
// The name in them is returned when it does not.
Result<std::string> try_stored(const VerbCall& call, const std::string& registry,
                               const Typed& typed, bool& succeeded) {
  TRY(const Keychain keychain, Keychain::open(typed.registry.authfile));
  auto found = keychain.find(registry);
  // A file chosen for this login may be one that it makes.
  if (!found && found.error().code == ENOENT) return std::string();
  if (!found) return Failure(std::move(found).error());
  if (!*found) return std::string();
  Credentials credentials = **found;
  const std::string user = credentials.user;
  TRY_VOID(say(user.empty() ? "Authenticating with existing credentials...\n"
                            : fmt::format("Authenticating with existing credentials... "
                                          "[Username: {}]\n",
                                          user)));
  const auto taken = sign_on(registry, credentials, typed.registry);
  succeeded = taken.has_value();
  if (!taken && taken.error().code != EACCES) return Failure(taken.error());
  if (!taken) tell(print::error_text(call.path, taken.error()));
  return user;
}

}  // namespace

Result<int> login_verb(const VerbCall& call) {
  Typed typed;
  TRY(const auto words, parse_verb(call, kOptions, &typed, {.most = 1}));
  if (!words) return 0;
  TRY_VOID(check(typed));
  if (typed.has_password) {
    tell("WARNING! Using --password via the CLI is insecure. Use --password-stdin.\n");
  }
  TRY(const std::string registry, registry_of(words->empty() ? "" : words->front()));
  std::string known;
  if (typed.user.empty() && !typed.has_password) {
    bool succeeded = false;
    TRY(known, try_stored(call, registry, typed, succeeded));
    if (succeeded) {
      TRY_VOID(say("Login Succeeded\n"));
      return 0;
    }
  }
  TRY(Credentials credentials, credentials_of(typed, known));
  TRY_VOID(sign_on(registry, credentials, typed.registry));
  return keep(registry, credentials, typed);
}

}  // namespace mycontainer::cmd
