#include "runtime/images/push.h"

#include <unistd.h>

#include <array>

#include "cmd/options/members.h"
#include "cmd/options/registry_options.h"
#include "cmd/print/progress.h"
#include "cmd/verbs.h"
#include "runtime/images/sweep.h"
#include "runtime/state/event_log.h"

namespace mycontainer::cmd {
namespace {

using options::Option;
using runtime::images::Phase;
using runtime::images::Progress;

struct Typed {
  bool all_tags = false, quiet = false, no_content_trust = true;
  runtime::images::RegistryOptions registry;
};

constexpr std::array kOptions = {
    Option{"all-tags", 'a', "", "Push all tags of an image to the repository",
           options::flag<&Typed::all_tags>},
    options::kAuthfile<&Typed::registry>,
    options::kCertDir<&Typed::registry>,
    // Nothing is signed.
    Option{"disable-content-trust", 0, "", "Skip image signing (default true)",
           options::flag<&Typed::no_content_trust>},
    Option{"quiet", 'q', "", "Suppress verbose output", options::flag<&Typed::quiet>},
    options::kTlsVerify<&Typed::registry>,
};

// `once`: of several tags of a repository only the first says which one it is.
Result<void> push_one(const runtime::state::Roots& roots, const std::string& name,
                      const Typed& typed, bool once) {
  bool is_first = true;
  print::ProgressPrinter printer(STDOUT_FILENO, print::Operation::kPush);
  runtime::images::Report report;
  if (!typed.quiet) {
    report = [&, show = printer.report()](const Progress& progress) {
      const bool skips = is_first && !once && progress.phase == Phase::kLine;
      is_first = is_first && progress.phase != Phase::kLine;
      if (!skips) show(progress);
    };
  }
  TRY(const auto reference, rootfs::image::parse_tagged_reference(name));
  const auto digest = runtime::images::push(roots.data, name, typed.registry, report);
  // Layers are here once: as they were, or compressed.
  (void)runtime::images::sweep(roots);
  if (!digest) return Failure(Error(digest.error()));
  runtime::state::append_event(roots, {.type = "image",
                                       .action = "push",
                                       .id = reference.familiar(),
                                       .attributes = {{"name", reference.familiar_repository()}}});
  if (typed.quiet) TRY_VOID(say(reference.text() + "\n"));
  return {};
}

}  // namespace

Result<int> push_verb(const VerbCall& call) {
  Typed typed;
  TRY(const auto words, parse_verb(call, kOptions, &typed, {1, 1}));
  if (!words) return 0;
  TRY(const auto roots, roots_of(call));
  std::vector<std::string> names = {words->front()};
  if (typed.all_tags) {
    TRY(names, runtime::images::tags_of(roots.data, words->front()));
  }
  for (const std::string& name : names) {
    TRY_VOID(push_one(roots, name, typed, name == names.front()));
  }
  return 0;
}

}  // namespace mycontainer::cmd
