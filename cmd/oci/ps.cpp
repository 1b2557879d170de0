#include <array>

#include "cmd/oci/process_facts.h"
#include "cmd/oci/verb.h"
#include "cmd/oci/words.h"
#include "cmd/options/parse.h"
#include "runtime/container/control.h"

namespace mycontainer::cmd::oci {
namespace {

using options::Option;

struct Typed {
  std::string format = "table";
  bool help = false;
};

constexpr std::array kOptions = {
    Option{"format", 'f', "string", R"("table" or "json" (default "table"))", text<&Typed::format>},
    Option{"help", 'h', "", "Print usage", flag<&Typed::help>},
};

std::string pids_json(const std::vector<pid_t>& pids) {
  std::string text = "[";
  for (const pid_t pid : pids) text += fmt::format("{}{}", text.size() > 1 ? "," : "", pid);
  return text + "]\n";
}

// What follows the id are ps(1)'s own options to runc. Its default is what we print.
Result<std::string> id_of(options::Arguments words, Typed& typed) {
  if (words.empty()) return fail("the container's id is missing");
  const std::string id = words.front();
  words = words.subspan(1);
  if (words.size() == 1 && std::string_view(words.front()) == "-ef") return id;
  TRY(words, options::parse(kOptions, &typed, words));
  if (!words.empty()) return fail("there are no other columns than those of -ef: {}", words[0]);
  return id;
}

}  // namespace

Result<int> ps_verb(const VerbCall& call) {
  Typed typed;
  TRY(const auto words, options::parse(kOptions, &typed, call.arguments));
  if (typed.help) return show_help("ps", kOptions);
  TRY(const std::string id, id_of(words, typed));
  if (typed.help) return show_help("ps", kOptions);
  if (typed.format != "table" && typed.format != "json") return fail("invalid format option");
  TRY(const auto pids, runtime::container::processes(id, call.settings));
  if (typed.format == "json") {
    TRY_VOID(say(pids_json(pids)));
  } else {
    TRY(const auto rows, process_rows_of(pids));
    TRY_VOID(say(process_table(rows)));
  }
  return 0;
}

}  // namespace mycontainer::cmd::oci
