#include "runtime/images/save.h"

#include <unistd.h>

#include <algorithm>
#include <array>

#include "cmd/options/members.h"
#include "cmd/verbs.h"

namespace mycontainer::cmd {
namespace {

using options::Option;
using runtime::images::SaveFormat;

struct Typed {
  std::string output, platform;
  SaveFormat format = SaveFormat::kDocker;
};

Result<void> set_format(Typed& typed, std::string_view value) {
  constexpr std::array<std::pair<std::string_view, SaveFormat>, 3> kFormats = {
      {{"docker-archive", SaveFormat::kDockerArchive},
       {"oci-archive", SaveFormat::kOciArchive},
       {"oci-dir", SaveFormat::kOciDirectory}}};
  for (const auto& [name, format] : kFormats) {
    if (value != name) continue;
    typed.format = format;
    return {};
  }
  return fail("unknown format \"{}\": docker-archive, oci-archive or oci-dir", value);
}

constexpr std::array kOptions = {
    Option{"format", 0, "string",
           "Save as \"docker-archive\", \"oci-archive\" or \"oci-dir\" (a directory, with -o). By "
           "default an archive that is both of the first two",
           options::apply_to<Typed, set_format>},
    Option{"output", 'o', "string", "Write to a file, instead of STDOUT",
           options::text<&Typed::output>},
    Option{"platform", 0, "string",
           "Save only the given platform variant. Formatted as \"os[/arch[/variant]]\" (e.g., "
           "\"linux/amd64\")",
           options::text<&Typed::platform>},
};

}  // namespace

Result<int> save_verb(const VerbCall& call) {
  Typed typed;
  TRY(auto words, parse_verb(call, kOptions, &typed, {.least = 1}));
  if (!words) return 0;
  runtime::images::SaveRequest request;
  request.words = std::move(*words);
  request.format = typed.format;
  request.output = typed.output;
  if (!typed.platform.empty()) {
    TRY(request.platform, rootfs::image::parse_platform(typed.platform));
  }
  if (typed.output.empty() && typed.format == SaveFormat::kOciDirectory) {
    return fail("a directory is no stream: name it with the -o flag");
  }
  if (typed.output.empty() && ::isatty(STDOUT_FILENO) != 0) {
    return fail("cowardly refusing to save to a terminal. Use the -o flag or redirect");
  }
  TRY(const auto roots, roots_of(call));
  TRY_VOID(runtime::images::save(roots, request));
  return 0;
}

}  // namespace mycontainer::cmd
