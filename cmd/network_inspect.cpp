#include <unistd.h>

#include <array>

#include "cmd/network_text.h"
#include "cmd/options/members.h"
#include "cmd/print/error.h"
#include "cmd/print/template.h"
#include "cmd/verbs.h"

namespace mycontainer::cmd {
namespace {

using options::Option;

struct Typed {
  std::string format;
  bool verbose = false;
};

// What Docker tells more with --verbose is about the services of a swarm.
constexpr std::array kOptions = {
    Option{"format", 'f', "string", "Format output: 'json' or a Go template 'TEMPLATE'",
           options::text<&Typed::format>},
    Option{"verbose", 'v', "", "Verbose output for diagnostics", options::flag<&Typed::verbose>},
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

Result<int> network_inspect_verb(const VerbCall& call) {
  Typed typed;
  TRY(const auto words, parse_verb(call, kOptions, &typed, {.least = 1}));
  if (!words) return 0;
  TRY(const auto roots, roots_of(call));
  const auto members = runtime::lifecycle::network_members(roots);
  print::Json documents = print::Json::array();
  int status = 0;
  for (const std::string& word : *words) {
    auto network = runtime::lifecycle::find_network(roots, word);
    if (network) {
      documents.push_back(network_document(*network, members));
      continue;
    }
    status = 1;
    tell(print::error_text(call.path, plain_network_error(std::move(network).error())));
  }
  TRY(const std::string text, formatted(documents, typed.format));
  TRY_VOID(say(text));
  return status;
}

}  // namespace mycontainer::cmd
