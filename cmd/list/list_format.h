// --format of a list: nothing or "table", "json", "table TEMPLATE", "TEMPLATE". Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "cmd/print/json.h"
#include "cmd/print/template.h"
#include "reexec/sys/error.h"

namespace mycontainer::cmd::list {

class ListFormat {
 public:
  // Errors as Template::parse. The default table is the caller's to print.
  static Result<ListFormat> parse(std::string_view typed);

  [[nodiscard]] bool is_default() const { return !template_ && !json_; }
  [[nodiscard]] bool is_json() const { return json_; }
  // Whether it may show a field: of a template, whether its text names it.
  [[nodiscard]] bool names(std::string_view field) const;

  // The line that heads a table: `headers` has a text for each field. Empty for other formats.
  [[nodiscard]] Result<std::string> header(const print::Json& headers) const;
  // One entry, with its new line. `keyed`: Template::Options'.
  [[nodiscard]] Result<std::string> line(const print::Json& document,
                                         const print::Json* keyed = nullptr) const;
  // All lines together: a table's tabs become columns.
  [[nodiscard]] std::string finish(std::string lines) const;

 private:
  std::string text_;
  std::optional<print::Template> template_;
  bool json_ = false, table_ = false;
};

}  // namespace mycontainer::cmd::list
