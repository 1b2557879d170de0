#include "cmd/print/template_execute.h"

#include <fmt/core.h>

#include <algorithm>

#include "cmd/print/go_text.h"
#include "cmd/print/template_functions.h"
#include "cmd/print/text.h"

namespace mycontainer::cmd::print {
namespace {

constexpr std::size_t kMaxSteps = 20'000'000, kMaxOutput = 64u << 20;

// Fields that hold maps where Docker's documents have Go maps, not structures.
constexpr std::string_view kMaps[] = {
    "Labels",  "Ports", "PortBindings", "Networks",   "ExposedPorts", "Volumes", "Tmpfs",
    "Sysctls", "Data",  "DriverOpts",   "StorageOpt", "Annotations",  "Options", "Attributes"};

bool same_letters(std::string_view left, std::string_view right) {
  constexpr auto kLower = [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
  };
  return std::ranges::equal(left, right, {}, kLower, kLower);
}

// By its name, or, as Go's names of fields differ from their JSON's in that (ID, NanoCPUs), by the
// same letters in another case.
const Json* find_field(const Json& object, const std::string& name) {
  if (const auto found = object.find(name); found != object.end()) return &*found;
  if (name.front() < 'A' || name.front() > 'Z') return nullptr;
  for (const auto& [key, value] : object.get_ref<const Json::object_t&>()) {
    if (same_letters(key, name)) return &value;
  }
  return nullptr;
}

// "com.docker.swarm_node" heads its column as "swarm node" (Docker's SubHeaderContext).
std::string label_header(const std::string& name) {
  std::string text = name.substr(name.rfind('.') + 1);
  std::ranges::replace_if(
      text, [](char c) { return c == '-' || c == '_'; }, ' ');
  return text;
}

}  // namespace

Result<std::string> Execution::run(const std::vector<Node>& nodes) {
  TRY_VOID(run_list(nodes, root_));
  return std::move(output_);
}

Failure Execution::fail_at(const Place& place, std::string_view message) const {
  const std::string_view before = source_.substr(0, place.begin);
  const auto line = std::ranges::count(before, '\n') + 1;
  const std::size_t column = place.begin - (before.rfind('\n') + 1);
  return fail("template: :{}:{}: executing \"\" at <{}>: {}", line, column,
              source_.substr(place.begin, place.end - place.begin), message);
}

Result<void> Execution::count_step(const Place& place) {
  if (++steps_ > kMaxSteps) return fail_at(place, "the template takes too long");
  return {};
}

Value Execution::made(Json json) { return {&store_.emplace_back(std::move(json)), false, false}; }

Result<void> Execution::append(std::string_view text, const Place& place) {
  if (output_.size() + text.size() > kMaxOutput) return fail_at(place, "the output is too long");
  output_ += text;
  return {};
}

Result<void> Execution::print(const Value& value, const Place& place) {
  const bool absent = value.is_absent || value.json->is_null();
  const std::string text = absent ? "<no value>" : go_text(*value.json);
  return append(options_.visible ? visible(text, options_.keep) : text, place);
}

Result<Execution::Flow> Execution::run_list(const std::vector<Node>& nodes, const Value& dot) {
  const std::size_t visible_variables = variables_.size();
  Flow flow = Flow::kOn;
  for (const Node& node : nodes) {
    TRY(flow, run_node(node, dot));
    if (flow != Flow::kOn) break;
  }
  variables_.resize(visible_variables);
  return flow;
}

Result<Execution::Flow> Execution::run_node(const Node& node, const Value& dot) {
  TRY_VOID(count_step(node.pipeline.place));
  switch (node.kind) {
    case Node::Kind::kText:
      TRY_VOID(append(node.text, node.pipeline.place));
      return Flow::kOn;
    case Node::Kind::kBreak:
      return Flow::kBreak;
    case Node::Kind::kContinue:
      return Flow::kContinue;
    case Node::Kind::kAction: {
      TRY(const Value value, evaluate(node.pipeline, dot));
      if (node.pipeline.variables.empty()) TRY_VOID(print(value, node.pipeline.place));
      return Flow::kOn;
    }
    case Node::Kind::kRange:
      return run_range(node, dot);
    default:
      return run_branch(node, dot);
  }
}

Result<Execution::Flow> Execution::run_branch(const Node& node, const Value& dot) {
  const std::size_t visible_variables = variables_.size();
  TRY(const Value value, evaluate(node.pipeline, dot));
  const bool taken = !value.is_absent && is_true(*value.json);
  const Value& inner = taken && node.kind == Node::Kind::kWith ? value : dot;
  TRY(const Flow flow, run_list(taken ? node.body : node.otherwise, inner));
  variables_.resize(visible_variables);
  return flow;
}

// False after {{break}}.
Result<bool> Execution::run_element(const Node& node, const Json& key, const Value& element) {
  const auto& names = node.pipeline.variables;
  const std::size_t visible_variables = variables_.size();
  if (names.size() == 2) {
    bind(node.pipeline, {made(key), element});
  } else if (names.size() == 1) {
    bind(node.pipeline, {element});
  }
  TRY(const Flow flow, run_list(node.body, element));
  variables_.resize(visible_variables);
  return flow != Flow::kBreak;
}

// Maps in the order of their keys, and a number as that many elements (Go 1.22).
Result<Execution::Flow> Execution::run_range(const Node& node, const Value& dot) {
  TRY(const Value value, evaluate(node.pipeline, dot, false));
  const Json& json = *value.json;
  std::vector<std::pair<Json, Value>> elements;
  if (json.is_object()) {
    std::vector<const Json::object_t::value_type*> members;
    for (const auto& member : json.get_ref<const Json::object_t&>()) members.push_back(&member);
    std::ranges::sort(members, {}, [](const auto* m) { return std::string_view(m->first); });
    for (const auto* m : members) elements.emplace_back(m->first, Value{&m->second, false, false});
  } else if (json.is_array()) {
    for (std::size_t at = 0; at < json.size(); ++at) {
      elements.emplace_back(at, Value{&json[at], false, false});
    }
  } else if (!json.is_null() && !value.is_absent) {
    return fail_at(node.pipeline.place, fmt::format("range can't iterate over {}", go_text(json)));
  }
  if (elements.empty()) return run_list(node.otherwise, dot);
  for (const auto& [key, element] : elements) {
    TRY(const bool goes_on, run_element(node, key, element));
    if (!goes_on) break;
  }
  return Flow::kOn;
}

void Execution::bind(const Pipeline& pipeline, const std::vector<Value>& values) {
  for (std::size_t at = 0; at < pipeline.variables.size(); ++at) {
    const std::string& name = pipeline.variables[at];
    const auto known = std::find_if(variables_.rbegin(), variables_.rend(),
                                    [&](const auto& variable) { return variable.first == name; });
    if (pipeline.declares || known == variables_.rend()) {
      variables_.emplace_back(name, values[at]);
    } else {
      known->second = values[at];
    }
  }
}

Result<Value> Execution::evaluate(const Pipeline& pipeline, const Value& dot, bool binds) {
  std::optional<Value> last;
  for (const Command& command : pipeline.commands) {
    TRY(last, evaluate(command, dot, last ? &*last : nullptr));
  }
  if (binds && pipeline.variables.size() > 1) {
    return fail_at(pipeline.place, "too many variables outside of range");
  }
  if (binds) bind(pipeline, {*last});
  return *last;
}

Result<Value> Execution::evaluate(const Command& command, const Value& dot, const Value* last) {
  TRY_VOID(count_step(command.place));
  const Operand& first = command.operands.front();
  const bool alone = command.operands.size() == 1 && last == nullptr;
  if (first.kind == Operand::Kind::kFunction && first.fields.empty()) {
    const bool logic = first.name == "and" || first.name == "or";
    return logic ? evaluate_logic(command, dot, last) : call(command, dot, last);
  }
  if (alone) return evaluate(first, dot);
  if (first.kind == Operand::Kind::kDot && first.fields.size() == 1) {
    return keyed_field(command, dot, last);
  }
  return fail_at(first.place, "can't give argument to non-function");
}

Result<Value> Execution::call(const Command& command, const Value& dot, const Value* last) {
  std::vector<const Json*> arguments;
  for (std::size_t at = 1; at < command.operands.size(); ++at) {
    TRY(const Value value, evaluate(command.operands[at], dot));
    arguments.push_back(value.json);
  }
  if (last != nullptr) arguments.push_back(last->json);
  const std::string& name = command.operands.front().name;
  if (options_.headers && keeps_headers(name) && !arguments.empty()) {
    return made(*arguments.front());
  }
  auto result = call_function(name, arguments);
  if (result) return made(*std::move(result));
  return fail_at(command.operands.front().place,
                 fmt::format("error calling {}: {}", name, result.error().operation));
}

// Only as many arguments are evaluated as it takes to know.
Result<Value> Execution::evaluate_logic(const Command& command, const Value& dot,
                                        const Value* last) {
  const bool stops_at = command.operands.front().name == "or";
  std::optional<Value> value;
  for (std::size_t at = 1; at < command.operands.size(); ++at) {
    TRY(value, evaluate(command.operands[at], dot));
    if (is_true(*value->json) == stops_at) return *value;
  }
  if (last != nullptr) return *last;
  if (value) return *value;
  return fail_at(command.place, "wrong number of args: want at least 1 got 0");
}

// {{.Label "x"}}: a method of Docker's.
Result<Value> Execution::keyed_field(const Command& command, const Value& dot, const Value* last) {
  const Operand& first = command.operands.front();
  const std::string& name = first.fields.front();
  const bool is_known = options_.keyed != nullptr && options_.keyed->contains(name);
  if (!is_known) {
    return fail_at(first.place, fmt::format("{} is not a method but has arguments", name));
  }
  Value key = last != nullptr ? *last : Value{};
  if (command.operands.size() > 1) {
    TRY(key, evaluate(command.operands[1], dot));
  }
  if (!key.json->is_string() || command.operands.size() > 2) {
    return fail_at(first.place, fmt::format("wrong arguments for {}: want a string", name));
  }
  const std::string& word = key.json->get_ref<const std::string&>();
  if (options_.headers) return made(label_header(word));
  const Json& map = (*options_.keyed)[name];
  const auto found = map.find(word);
  return found == map.end() ? made("") : Value{&*found, false, false};
}

Result<Value> Execution::evaluate(const Operand& operand, const Value& dot) {
  TRY(Value value, base_of(operand, dot));
  for (const std::string& name : operand.fields) {
    TRY(value, field_of(value, name, operand.place));
  }
  return value;
}

Result<Value> Execution::base_of(const Operand& operand, const Value& dot) {
  switch (operand.kind) {
    case Operand::Kind::kDot:
      return dot;
    case Operand::Kind::kConstant:
      return Value{&operand.constant, false, false};
    case Operand::Kind::kPipeline:
      return evaluate(operand.inner.front(), dot);
    case Operand::Kind::kFunction:
      return call(Command{{operand}, operand.place}, dot, nullptr);
    case Operand::Kind::kVariable:
      break;
  }
  const auto known = std::find_if(variables_.rbegin(), variables_.rend(),
                                  [&](const auto& v) { return v.first == operand.name; });
  if (known != variables_.rend()) return known->second;
  return fail_at(operand.place, fmt::format("undefined variable: {}", operand.name));
}

Result<Value> Execution::field_of(const Value& value, const std::string& name, const Place& place) {
  static const Json kNothing;
  if (value.is_absent || value.json->is_null()) {
    return fail_at(place, fmt::format("nil pointer evaluating interface {{}}.{}", name));
  }
  if (!value.json->is_object()) {
    return fail_at(place,
                   fmt::format("can't evaluate field {} in type {}", name, go_type(*value.json)));
  }
  const bool is_map = std::ranges::find(kMaps, name) != std::end(kMaps);
  if (const Json* found = find_field(*value.json, name)) return Value{found, is_map, false};
  if (value.is_map) return Value{&kNothing, false, true};
  return fail_at(place, fmt::format("map has no entry for key \"{}\"", name));
}

}  // namespace mycontainer::cmd::print
