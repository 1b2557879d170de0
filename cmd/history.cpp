#include <array>

#include "cmd/list/image_document.h"
#include "cmd/list/list_format.h"
#include "cmd/options/members.h"
#include "cmd/print/table.h"
#include "cmd/verbs.h"

namespace mycontainer::cmd {
namespace {

using options::flag;
using options::Option;
using print::Json;

struct Typed {
  bool whole = false, quiet = false, human = true;
  std::string format;
};

constexpr std::array kOptions = {
    Option{"format", 0, "string",
           "Format output: 'table', 'table TEMPLATE', 'json' or a Go template 'TEMPLATE'",
           options::text<&Typed::format>},
    Option{"human", 'H', "", "Print sizes and dates in human readable format (default true)",
           flag<&Typed::human>},
    Option{"no-trunc", 0, "", "Don't truncate output", flag<&Typed::whole>},
    Option{"quiet", 'q', "", "Only show image IDs", flag<&Typed::quiet>},
};

constexpr const char* kFields[] = {"ID", "CreatedSince", "CreatedBy", "Size", "Comment"};

const Json& headers() {
  static const Json kHeaders = {{"Comment", "COMMENT"},
                                {"CreatedAt", "CREATED AT"},
                                {"CreatedBy", "CREATED BY"},
                                {"CreatedSince", "CREATED"},
                                {"ID", "IMAGE"},
                                {"Size", "SIZE"}};
  return kHeaders;
}

std::string default_table(const std::vector<Json>& steps) {
  std::vector<print::Row> rows;
  const auto add = [&rows](const Json& step) {
    print::Row& row = rows.emplace_back();
    for (const char* field : kFields) row.push_back(step[field].get<std::string>());
  };
  add(headers());
  for (const Json& step : steps) add(step);
  return print::table(rows);
}

Result<std::string> text_of(const std::vector<Json>& steps, const Typed& typed) {
  TRY(const auto format, list::ListFormat::parse(typed.format));
  std::string text;
  if (typed.quiet && format.is_default()) {
    for (const Json& step : steps) text += step["ID"].get<std::string>() + "\n";
    return text;
  }
  if (format.is_default()) return default_table(steps);
  TRY(text, format.header(headers()));
  for (const Json& step : steps) {
    TRY(const std::string line, format.line(step));
    text += line;
  }
  return format.finish(std::move(text));
}

}  // namespace

Result<int> history_verb(const VerbCall& call) {
  Typed typed;
  TRY(const auto words, parse_verb(call, kOptions, &typed, {1, 1}));
  if (!words) return 0;
  TRY(const auto roots, roots_of(call));
  TRY(const auto store, rootfs::image::ImageStore::open(roots.data));
  TRY(const auto image, store.find(words->front()));
  TRY(const auto entry, runtime::images::entry_of(roots, store, image));
  const auto steps = list::history_documents(
      entry, {.truncates = !typed.whole, .human = typed.human, .now = runtime::state::now()});
  TRY(const std::string text, text_of(steps, typed));
  TRY_VOID(say(text));
  return 0;
}

}  // namespace mycontainer::cmd
