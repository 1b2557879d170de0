#include <array>

#include "cmd/list/image_filter.h"
#include "cmd/list/image_row.h"
#include "cmd/list/list_format.h"
#include "cmd/options/members.h"
#include "cmd/print/table.h"
#include "cmd/verbs.h"

namespace mycontainer::cmd {
namespace {

using list::ImageRow;
using options::flag;
using options::Option;

struct Typed {
  bool all = false, digests = false, whole = false, quiet = false;
  list::Filters filters;
  std::string format;
};

Result<void> take_filter(Typed& typed, std::string_view value) {
  return list::add_filter(typed.filters, value);
}

constexpr std::array kOptions = {
    Option{"all", 'a', "", "Show all images (default hides intermediate images)",
           flag<&Typed::all>},
    Option{"digests", 0, "", "Show digests", flag<&Typed::digests>},
    Option{"filter", 'f', "filter", "Filter output based on conditions provided",
           options::apply<Typed, take_filter>},
    Option{"format", 0, "string",
           "Format output: 'table', 'table TEMPLATE', 'json' or a Go template 'TEMPLATE'",
           options::text<&Typed::format>},
    Option{"no-trunc", 0, "", "Don't truncate output", flag<&Typed::whole>},
    Option{"quiet", 'q', "", "Only show image IDs", flag<&Typed::quiet>},
};

Result<std::vector<list::ImageEntry>> gather(const VerbCall& call, list::Filters filters) {
  TRY(const auto roots, roots_of(call));
  TRY(const auto filter, list::ImageFilter::compile(roots, std::move(filters)));
  TRY(auto entries, runtime::images::catalog(roots));
  std::erase_if(entries, [&](list::ImageEntry& entry) { return !filter.takes(entry); });
  return entries;
}

std::string ids_of(const std::vector<ImageRow>& rows, const list::RowStyle& style) {
  std::string text;
  for (const ImageRow& row : rows) text += list::id_column(*row.entry, style) + "\n";
  return text;
}

std::string default_table(const std::vector<ImageRow>& rows, const list::RowStyle& style,
                          bool digests) {
  std::vector<print::Row> lines = {{"REPOSITORY", "TAG", "IMAGE ID", "CREATED", "SIZE"}};
  for (const ImageRow& row : rows) {
    lines.push_back({row.repository, row.tag, list::id_column(*row.entry, style),
                     list::created_column(*row.entry, style), list::size_column(*row.entry)});
  }
  if (digests) {
    lines.front().insert(lines.front().begin() + 2, "DIGEST");
    for (std::size_t i = 0; i < rows.size(); ++i) {
      lines[i + 1].insert(lines[i + 1].begin() + 2, rows[i].digest);
    }
  }
  return print::table(lines);
}

Result<std::string> formatted(const std::vector<ImageRow>& rows, const list::ListFormat& format,
                              const list::RowStyle& style) {
  TRY(std::string text, format.header(list::image_headers()));
  for (const ImageRow& row : rows) {
    TRY(const std::string line, format.line(list::row_document(row, style)));
    text += line;
  }
  return format.finish(std::move(text));
}

}  // namespace

Result<int> images_verb(const VerbCall& call) {
  Typed typed;
  TRY(const auto words, parse_verb(call, kOptions, &typed, {.most = 1}));
  if (!words) return 0;
  TRY(const auto format, list::ListFormat::parse(typed.format));
  if (!words->empty()) typed.filters["reference"].push_back(words->front());
  TRY(const auto entries, gather(call, std::move(typed.filters)));
  const bool digests = typed.digests || format.names("Digest");
  std::vector<ImageRow> rows;
  for (const auto& entry : entries) {
    for (ImageRow& row : list::rows_of(entry, digests)) rows.push_back(std::move(row));
  }
  const list::RowStyle style{.truncates = !typed.whole, .now = runtime::state::now()};
  std::string text;
  if (!format.is_default()) {
    TRY(text, formatted(rows, format, style));
  } else {
    text = typed.quiet ? ids_of(rows, style) : default_table(rows, style, typed.digests);
  }
  TRY_VOID(say(text));
  return 0;
}

}  // namespace mycontainer::cmd
