#include "cmd/options/mount_options.h"

namespace mycontainer::cmd::options {
namespace {

// The text of the quoted field that `rest` begins with; `rest` is left at what follows it.
Result<std::string> take_quoted(std::string_view& rest) {
  std::string field;
  rest.remove_prefix(1);
  while (true) {
    const std::size_t quote = rest.find('"');
    if (quote == std::string_view::npos) return fail("a quoted field has no closing \"");
    field += rest.substr(0, quote);
    rest.remove_prefix(quote + 1);
    if (!rest.starts_with('"')) break;
    field += '"';
    rest.remove_prefix(1);
  }
  if (!rest.empty() && rest.front() != ',') return fail("text after a quoted field's closing \"");
  return field;
}

Result<std::string> take_field(std::string_view& rest) {
  if (rest.starts_with('"')) return take_quoted(rest);
  std::string field(rest.substr(0, rest.find(',')));
  if (field.find('"') != std::string::npos) return fail("bare \" in non-quoted field '{}'", field);
  rest.remove_prefix(field.size());
  return field;
}

}  // namespace

Result<std::vector<std::string>> split_csv(std::string_view text) {
  std::vector<std::string> fields;
  while (true) {
    TRY(std::string field, take_field(text));
    fields.push_back(std::move(field));
    if (text.empty()) return fields;
    text.remove_prefix(1);
  }
}

}  // namespace mycontainer::cmd::options
