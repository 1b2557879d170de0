#include "runtime/oci/json.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "runtime/oci/json_reader.h"
#include "runtime/oci/json_writer.h"

namespace mycontainer::runtime::oci {
namespace {

// How deep brackets nest outside of strings. Counted before parsing: a tree is only made of what
// is shallow, so nobody has to ask which part of the library recurses.
std::size_t nesting(std::string_view text) {
  std::size_t depth = 0, deepest = 0;
  bool in_string = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (in_string && c == '\\') ++i;
    if (c == '"') in_string = !in_string;
    if (in_string) continue;
    if (c == '{' || c == '[') deepest = std::max(deepest, ++depth);
    if ((c == '}' || c == ']') && depth > 0) --depth;
  }
  return deepest;
}

}  // namespace

std::string to_json(const Spec& spec) {
  return ObjectWriter::to_tree(spec).dump(2, ' ', false, Json::error_handler_t::replace);
}

Result<Spec> from_json(std::string_view text) {
  if (text.size() > kMaxJsonBytes) return fail("config.json: larger than {} bytes", kMaxJsonBytes);
  if (nesting(text) > kMaxJsonDepth)
    return fail("config.json: nested deeper than {} levels", kMaxJsonDepth);
  const Json tree = Json::parse(text, nullptr, false);
  if (tree.is_discarded()) return fail("config.json: not valid JSON");

  Spec spec;
  std::optional<Error> failure;
  ValueReader(tree, {}, failure).read(spec);
  if (failure) return Failure(*std::move(failure));
  return spec;
}

}  // namespace mycontainer::runtime::oci
