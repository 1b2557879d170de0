#include "cmd/list/list_format.h"

#include "cmd/print/table.h"

namespace mycontainer::cmd::list {

Result<ListFormat> ListFormat::parse(std::string_view typed) {
  ListFormat format;
  format.json_ = typed == "json";
  format.table_ = typed.empty() || typed == "table" || typed.starts_with("table ");
  if (format.json_ || typed.empty() || typed == "table") return format;
  if (format.table_) {
    typed.remove_prefix(sizeof "table" - 1);
    typed.remove_prefix(std::min(typed.find_first_not_of(' '), typed.size()));
  }
  format.text_ = print::unescape_format(typed);
  TRY(format.template_, print::Template::parse(format.text_));
  return format;
}

bool ListFormat::names(std::string_view field) const {
  return text_.find("." + std::string(field)) != std::string::npos ||
         (template_ && text_.find("json .") != std::string::npos);
}

Result<std::string> ListFormat::header(const print::Json& headers) const {
  if (!table_ || !template_) return std::string();
  const print::Json keyed = {{"Label", print::Json::object()}};
  TRY(std::string line, template_->execute(headers, {.keyed = &keyed, .headers = true}));
  return line + "\n";
}

Result<std::string> ListFormat::line(const print::Json& document, const print::Json* keyed) const {
  if (json_ || !template_) return print::json_line(document) + "\n";
  TRY(std::string line, template_->execute(document, {.keyed = keyed}));
  return line + "\n";
}

std::string ListFormat::finish(std::string lines) const {
  return table_ ? print::align_tabs(lines) : lines;
}

}  // namespace mycontainer::cmd::list
