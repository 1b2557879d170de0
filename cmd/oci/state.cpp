#include <fcntl.h>

#include <array>

#include "cmd/oci/documents.h"
#include "cmd/oci/verb.h"
#include "cmd/oci/words.h"
#include "reexec/sys/file.h"

namespace mycontainer::cmd::oci {
namespace {

using options::Option;

struct Typed {
  std::string format = "table";
  bool quiet = false, help = false;
};

constexpr Option kHelp{"help", 'h', "", "Print usage", flag<&Typed::help>};
constexpr std::array kStateOptions = {kHelp};
constexpr std::array kListOptions = {
    Option{"format", 'f', "string", R"("table" or "json" (default "table"))", text<&Typed::format>},
    kHelp, Option{"quiet", 'q', "", "Only the ids", flag<&Typed::quiet>}};

std::string ids_of(std::span<const ContainerRow> rows) {
  std::string text;
  for (const ContainerRow& row : rows) text += row.container.record.id + "\n";
  return text;
}

Result<std::vector<ContainerRow>> all_rows(const runtime::container::Settings& settings) {
  TRY(auto found, runtime::container::inspect_all(settings));
  const auto passwd = sys::read_file_at(AT_FDCWD, "/etc/passwd");
  std::vector<ContainerRow> rows;
  for (auto& container : found) {
    std::string owner = owner_name(passwd ? *passwd : "", container.record.owner);
    rows.push_back({std::move(container), std::move(owner)});
  }
  return rows;
}

}  // namespace

Result<int> state_verb(const VerbCall& call) {
  Typed typed;
  TRY(const Words words, parse_anywhere(kStateOptions, &typed, call.arguments));
  if (typed.help) return show_help("state", kStateOptions);
  TRY(const std::string id, only_id(words));
  TRY(auto container, runtime::container::inspect(id, call.settings));
  TRY_VOID(say(state_json({std::move(container), {}}) + "\n"));
  return 0;
}

Result<int> list_verb(const VerbCall& call) {
  Typed typed;
  TRY(const Words words, parse_anywhere(kListOptions, &typed, call.arguments));
  if (typed.help) return show_help("list", kListOptions);
  if (!words.empty()) return fail("list takes no arguments");
  if (typed.format != "table" && typed.format != "json") return fail("invalid format option");
  TRY(const auto rows, all_rows(call.settings));
  if (typed.quiet) {
    TRY_VOID(say(ids_of(rows)));
  } else {
    TRY_VOID(say(typed.format == "json" ? list_json(rows) + "\n" : list_table(rows)));
  }
  return 0;
}

}  // namespace mycontainer::cmd::oci
