#include "runtime/oci/json.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "runtime/oci/json_fields.h"
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

// `name` is what the text is called when all of it is wrong.
Result<ValueReader::Json> parse(std::string_view text, const char* name) {
  if (text.size() > kMaxJsonBytes) return fail("{}: larger than {} bytes", name, kMaxJsonBytes);
  if (nesting(text) > kMaxJsonDepth)
    return fail("{}: nested deeper than {} levels", name, kMaxJsonDepth);
  auto tree = ValueReader::Json::parse(text, nullptr, false);
  if (tree.is_discarded()) return fail("{}: not valid JSON", name);
  return tree;
}

template <class T>
Result<T> read(const ValueReader::Json& tree, const JsonPlace& place) {
  T value;
  std::optional<Error> failure;
  ValueReader(tree, place, failure).read(value);
  if (failure) return Failure(*std::move(failure));
  return value;
}

// Docker writes -1 for "any", which the specification says by leaving the number out.
void settle(Resources& resources) {
  for (DeviceRule& rule : resources.devices) {
    if (rule.major && *rule.major < 0) rule.major.reset();
    if (rule.minor && *rule.minor < 0) rule.minor.reset();
  }
}

constexpr unsigned kCompact = 0, kIndented = 2;

constexpr JsonPlace kTop{};

}  // namespace

std::string to_json(const Spec& spec) { return json_text(spec, kIndented); }
std::string to_compact_json(const Spec& spec) { return json_text(spec, kCompact); }
std::string to_json(const Process& process) { return json_text(process, kIndented); }
std::string to_json(const Resources& resources) { return json_text(resources, kIndented); }

Result<Spec> from_json(std::string_view text) {
  TRY(const auto tree, parse(text, "config.json"));
  TRY(Spec spec, read<Spec>(tree, kTop));
  settle(spec.linux_config.resources);
  return spec;
}

Result<Process> process_from_json(std::string_view text) {
  TRY(const auto tree, parse(text, "process"));
  return read<Process>(tree, {&kTop, "process", {}});
}

Result<Resources> resources_from_json(std::string_view text) {
  TRY(const auto tree, parse(text, "linux.resources"));
  TRY(Resources resources, read<Resources>(tree, {&kTop, "linux.resources", {}}));
  settle(resources);
  return resources;
}

}  // namespace mycontainer::runtime::oci
