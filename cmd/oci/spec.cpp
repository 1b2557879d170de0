#include <fcntl.h>

#include <array>

#include "cmd/oci/verb.h"
#include "cmd/oci/words.h"
#include "reexec/sys/file.h"
#include "runtime/features/features.h"
#include "runtime/oci/default_spec.h"
#include "runtime/oci/json.h"

namespace mycontainer::cmd::oci {
namespace {

using options::Option;

struct Typed {
  std::string bundle = ".";
  bool rootless = false, help = false;
};

constexpr Option kHelp{"help", 'h', "", "Print usage", flag<&Typed::help>};
constexpr std::array kSpecOptions = {
    Option{"bundle", 'b', "directory", "The bundle (default the working directory)",
           text<&Typed::bundle>},
    kHelp,
    Option{"rootless", 0, "", "For a container of an ordinary user", flag<&Typed::rootless>},
};
constexpr std::array kFeaturesOptions = {kHelp};

}  // namespace

Result<int> spec_verb(const VerbCall& call) {
  Typed typed;
  TRY(const Words words, parse_anywhere(kSpecOptions, &typed, call.arguments));
  if (typed.help) return show_help("spec", kSpecOptions);
  if (!words.empty()) return fail("spec takes no arguments");
  const std::string path = typed.bundle + "/config.json";
  const std::string json = runtime::oci::to_json(runtime::oci::default_spec(typed.rootless));
  const auto written =
      sys::write_file_at(AT_FDCWD, path, json + "\n", O_WRONLY | O_CREAT | O_EXCL, 0666);
  if (!written && written.error().code == EEXIST) {
    return fail("{} exists; remove it first", path);
  }
  if (!written) return Failure(written.error());
  return 0;
}

Result<int> features_verb(const VerbCall& call) {
  Typed typed;
  TRY(const Words words, parse_anywhere(kFeaturesOptions, &typed, call.arguments));
  if (typed.help) return show_help("features", kFeaturesOptions);
  if (!words.empty()) return fail("features takes no arguments");
  TRY_VOID(say(runtime::features::document(call.build.version, call.build.commit) + "\n"));
  return 0;
}

}  // namespace mycontainer::cmd::oci
