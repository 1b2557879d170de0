#include "cmd/print/template.h"

#include "cmd/print/template_execute.h"
#include "cmd/print/template_parser.h"

namespace mycontainer::cmd::print {
namespace {

constexpr std::size_t kMaxSource = 1u << 20;

Failure parsing_error(Error error) {
  error.operation.insert(0, "template parsing error: ");
  if (error.exit_status == 0) error.exit_status = 1;
  return Failure(std::move(error));
}

}  // namespace

Result<Template> Template::parse(std::string_view text) {
  if (text.size() > kMaxSource) return fail("template parsing error: the template is too long");
  auto nodes = parse_nodes(text);
  if (!nodes) return parsing_error(std::move(nodes).error());
  return Template(std::string(text), *std::move(nodes));
}

Result<std::string> Template::execute(const Json& document, const Options& options) const {
  auto text = Execution(source_, document, options).run(nodes_);
  if (!text) return parsing_error(std::move(text).error());
  return text;
}

std::string unescape_format(std::string_view format) {
  std::string text;
  for (std::size_t at = 0; at < format.size(); ++at) {
    const std::string_view pair = format.substr(at, 2);
    const bool special = pair == "\\t" || pair == "\\n";
    text += !special ? format[at] : pair == "\\t" ? '\t' : '\n';
    at += special ? 1 : 0;
  }
  return text;
}

}  // namespace mycontainer::cmd::print
