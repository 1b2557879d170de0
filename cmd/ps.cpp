#include <algorithm>
#include <array>

#include "cmd/list/gather.h"
#include "cmd/list/list_format.h"
#include "cmd/options/members.h"
#include "cmd/print/table.h"
#include "cmd/verbs.h"

namespace mycontainer::cmd {
namespace {

using list::Entry;
using options::flag;
using options::Option;

struct Typed {
  bool all = false, latest = false, whole = false, quiet = false, sizes = false;
  int last = -1;
  list::Filters filters;
  std::string format;
};

Result<void> take_filter(Typed& typed, std::string_view value) {
  return list::add_filter(typed.filters, value);
}

Result<void> take_last(Typed& typed, std::string_view value) {
  TRY(typed.last, options::parse_integer<int>(value));
  return {};
}

constexpr std::array kOptions = {
    Option{"all", 'a', "", "Show all containers (default shows just running)", flag<&Typed::all>},
    Option{"filter", 'f', "filter", "Filter output based on conditions provided",
           options::apply<Typed, take_filter>},
    Option{"format", 0, "string",
           "Format output: 'table', 'table TEMPLATE', 'json' or a Go template 'TEMPLATE'",
           options::text<&Typed::format>},
    Option{"last", 'n', "int", "Show n last created containers (includes all states) (default -1)",
           options::apply<Typed, take_last>},
    Option{"latest", 'l', "", "Show the latest created container (includes all states)",
           flag<&Typed::latest>},
    Option{"no-trunc", 0, "", "Don't truncate output", flag<&Typed::whole>},
    Option{"quiet", 'q', "", "Only display container IDs", flag<&Typed::quiet>},
    Option{"size", 's', "", "Display total file sizes", flag<&Typed::sizes>},
};

std::string ids_of(const std::vector<Entry>& entries, const list::RowStyle& style) {
  std::string text;
  for (const Entry& entry : entries) text += list::id_column(entry, style) + "\n";
  return text;
}

std::string default_table(const std::vector<Entry>& entries, const list::RowStyle& style,
                          bool sizes) {
  std::vector<print::Row> rows;
  rows.reserve(entries.size() + 1);
  rows.push_back({"CONTAINER ID", "IMAGE", "COMMAND", "CREATED", "STATUS", "PORTS", "NAMES"});
  if (sizes) rows.back().emplace_back("SIZE");
  for (const Entry& entry : entries) {
    rows.push_back({list::id_column(entry, style), entry.record.image,
                    list::command_column(entry, style), list::created_column(entry, style),
                    list::status_column(entry, style.now), list::ports_column(entry),
                    entry.record.name});
    if (sizes) rows.back().push_back(list::size_column(entry));
  }
  return print::table(rows);
}

Result<std::string> formatted(const std::vector<Entry>& entries, const list::ListFormat& format,
                              const list::RowStyle& style) {
  TRY(std::string text, format.header(list::row_headers()));
  for (const Entry& entry : entries) {
    const print::Json keyed = list::keyed_fields(entry);
    TRY(const std::string line, format.line(list::row_document(entry, style), &keyed));
    text += line;
  }
  return format.finish(std::move(text));
}

}  // namespace

Result<int> ps_verb(const VerbCall& call) {
  Typed typed;
  TRY(const auto words, parse_verb(call, kOptions, &typed, {0, 0}));
  if (!words) return 0;
  TRY(const auto format, list::ListFormat::parse(typed.format));
  TRY(const auto roots, roots_of(call));
  TRY(const auto filter, list::ContainerFilter::compile(roots, std::move(typed.filters)));
  const list::GatherRequest request{
      .all = typed.all,
      .last = typed.latest ? 1 : std::max(typed.last, 0),
      .sizes = typed.sizes || (!format.is_json() && format.names("Size")),
      .mounts = format.is_json() || format.names("Mounts"),
      .ports = format.is_json() || format.names("Ports") || (format.is_default() && !typed.quiet)};
  TRY(const auto entries, list::gather(roots, filter, request));
  const list::RowStyle style{.truncates = !typed.whole, .now = runtime::state::now()};
  if (format.is_default()) {
    TRY_VOID(
        say(typed.quiet ? ids_of(entries, style) : default_table(entries, style, typed.sizes)));
    return 0;
  }
  TRY(const std::string text, formatted(entries, format, style));
  TRY_VOID(say(text));
  return 0;
}

}  // namespace mycontainer::cmd
