#include <unistd.h>

#include <array>

#include "cmd/options/members.h"
#include "cmd/print/error.h"
#include "cmd/print/template.h"
#include "cmd/verbs.h"
#include "cmd/volume_text.h"

namespace mycontainer::cmd {
namespace {

using options::Option;

struct Typed {
  std::string format;
};

constexpr std::array kOptions = {
    Option{"format", 'f', "string", "Format output: 'json' or a Go template 'TEMPLATE'",
           options::text<&Typed::format>},
};

Result<std::string> formatted(const print::Json& documents, const std::string& typed) {
  if (typed.empty()) return print::json_indented(documents) + "\n";
  if (typed == "json") return print::json_line(documents) + "\n";
  TRY(const auto format, print::Template::parse(print::unescape_format(typed)));
  const bool terminal = ::isatty(STDOUT_FILENO) == 1;
  std::string text;
  for (const print::Json& document : documents) {
    TRY(const std::string line, format.execute(document, {.visible = terminal}));
    text += line + "\n";
  }
  return text;
}

}  // namespace

Result<int> volume_inspect_verb(const VerbCall& call) {
  Typed typed;
  TRY(const auto words, parse_verb(call, kOptions, &typed, {.least = 1}));
  if (!words) return 0;
  TRY(const auto roots, roots_of(call));
  TRY(const auto store, rootfs::volume::VolumeStore::open(roots.data));
  print::Json documents = print::Json::array();
  int status = 0;
  for (const std::string& name : *words) {
    auto volume = store.find(name);
    if (volume) {
      documents.push_back(volume_document(*volume, store.data(name)));
      continue;
    }
    status = 1;
    tell(print::error_text(call.path, plain_error(std::move(volume).error())));
  }
  TRY(const std::string text, formatted(documents, typed.format));
  TRY_VOID(say(text));
  return status;
}

}  // namespace mycontainer::cmd
