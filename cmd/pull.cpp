#include "runtime/images/pull.h"

#include <unistd.h>

#include <optional>

#include "cmd/options/members.h"
#include "cmd/options/registry_options.h"
#include "cmd/print/progress.h"
#include "cmd/verbs.h"

namespace mycontainer::cmd {

namespace {

using rootfs::image::Reference;

struct Typed {
  bool all_tags = false, quiet = false;
  bool content_trust = false;  // accepted for Docker's sake: nobody here signs
  std::optional<rootfs::image::Platform> platform;
  options::RegistryOptions registry;
};

Result<void> set_platform(Typed& typed, std::string_view value) {
  TRY(typed.platform, rootfs::image::parse_platform(value));
  return {};
}

constexpr options::Option kOptions[] = {
    {"all-tags", 'a', "", "Download all tagged images in the repository",
     options::flag<&Typed::all_tags>},
    options::kAuthfile<&Typed::registry>,
    options::kCertDir<&Typed::registry>,
    {"disable-content-trust", 0, "", "Skip image verification (default true)",
     options::flag<&Typed::content_trust>},
    {"platform", 0, "string", "Set platform if server is multi-platform capable",
     options::apply<Typed, set_platform>},
    {"quiet", 'q', "", "Suppress verbose output", options::flag<&Typed::quiet>},
    options::kTlsVerify<&Typed::registry>,
};

// The name that is printed last. Docker's line about the tag nobody typed comes first.
Result<std::string> pull(const VerbCall& call, const Typed& typed, const std::string& word) {
  TRY(const Reference name, rootfs::image::parse_reference(word));
  TRY(const auto roots, roots_of(call));
  print::ProgressPrinter printer(STDOUT_FILENO, print::Operation::kPull);
  const auto report = typed.quiet ? runtime::images::Report() : printer.report();
  const runtime::images::PullRequest request{word, typed.platform, typed.registry};
  if (typed.all_tags) {
    TRY(const auto all, runtime::images::pull_all_tags(roots, request, report));
    TRY(const Reference one, rootfs::image::parse_reference(all.back().name));
    return one.repository();
  }
  if (name.tag.empty() && name.digest.empty() && !typed.quiet) {
    TRY_VOID(say("Using default tag: latest\n"));
  }
  TRY(const auto pulled, runtime::images::pull(roots, request, report));
  return pulled.name;
}

}  // namespace

Result<int> pull_verb(const VerbCall& call) {
  Typed typed;
  TRY(const auto words, parse_verb(call, kOptions, &typed, {1, 1}));
  if (!words) return 0;
  TRY(const std::string name, pull(call, typed, words->front()));
  TRY_VOID(say(name + "\n"));
  return 0;
}

}  // namespace mycontainer::cmd
