#include "runtime/images/load.h"

#include <fcntl.h>
#include <unistd.h>

#include <array>

#include "cmd/options/members.h"
#include "cmd/verbs.h"
#include "reexec/sys/file.h"
#include "rootfs/image/reference.h"

namespace mycontainer::cmd {
namespace {

// What is worth a word even when nobody watches: an ordinary user's layers may lack owners.
void tell_line(const runtime::images::Progress& progress) {
  if (progress.phase != runtime::images::Phase::kLine) return;
  (void)sys::write_all(STDERR_FILENO, progress.text + "\n");
}

using options::Option;
using runtime::images::Loaded;

struct Typed {
  std::string input, platform;
  bool quiet = false;
};

constexpr std::array kOptions = {
    Option{"input", 'i', "string", "Read from tar archive file or directory, instead of STDIN",
           options::text<&Typed::input>},
    Option{"platform", 0, "string",
           "Load only the given platform variant. Formatted as \"os[/arch[/variant]]\" (e.g., "
           "\"linux/amd64\")",
           options::text<&Typed::platform>},
    Option{"quiet", 'q', "", "Suppress the load output", options::flag<&Typed::quiet>},
};

std::string familiar(const std::string& name) {
  const auto reference = rootfs::image::parse_reference(name);
  return reference ? reference->familiar() : name;
}

std::string text_of(const Loaded& loaded, bool quiet) {
  if (loaded.name.empty()) return fmt::format("Loaded image ID: {}\n", loaded.id.text());
  const std::string name = familiar(loaded.name);
  std::string text;
  if (loaded.renamed && !quiet) {
    text = fmt::format(
        "The image {} already exists, renaming the old one with ID {} to empty string\n", name,
        loaded.renamed->text());
  }
  return text + fmt::format("Loaded image: {}\n", name);
}

}  // namespace

Result<int> load_verb(const VerbCall& call) {
  Typed typed;
  TRY(const auto words, parse_verb(call, kOptions, &typed, {0, 0}));
  if (!words) return 0;
  runtime::images::LoadRequest request;
  if (!typed.platform.empty()) {
    TRY(request.platform, rootfs::image::parse_platform(typed.platform));
  }
  UniqueFd file;
  request.input = STDIN_FILENO;
  if (!typed.input.empty()) {
    TRY(file, sys::open_at(AT_FDCWD, typed.input, O_RDONLY | O_NOCTTY));
    request.input = file.get();
  } else if (::isatty(STDIN_FILENO) != 0) {
    return fail("requested load from stdin, but stdin is empty");
  }
  TRY(const auto roots, roots_of(call));
  Result<void> said;
  TRY_VOID(runtime::images::load(
      roots, request,
      [&](const Loaded& loaded) {
        if (auto one = say(text_of(loaded, typed.quiet)); !one) said = std::move(one);
      },
      tell_line));
  TRY_VOID(said);
  return 0;
}

}  // namespace mycontainer::cmd
