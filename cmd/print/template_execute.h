// Running a parsed template. Private to cmd/print/template*.
#pragma once

#include <deque>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "cmd/print/template.h"

namespace mycontainer::cmd::print {

// A value of the document, or one that was made and lies in the execution's own store.
struct Value {
  const Json* json = nullptr;
  bool is_map = false;     // to Docker: what is missing in it is no error
  bool is_absent = false;  // such a missing one: "<no value>"
};

class Execution {
 public:
  Execution(std::string_view source, const Json& document, const Template::Options& options)
      : source_(source), options_(options), root_{&document, options.headers, false} {
    variables_.emplace_back("$", root_);
  }

  Result<std::string> run(const std::vector<Node>& nodes);

 private:
  enum class Flow { kOn, kBreak, kContinue };

  Result<Flow> run_list(const std::vector<Node>& nodes, const Value& dot);
  Result<Flow> run_node(const Node& node, const Value& dot);
  Result<Flow> run_branch(const Node& node, const Value& dot);
  Result<Flow> run_range(const Node& node, const Value& dot);
  Result<bool> run_element(const Node& node, const Json& key, const Value& element);

  Result<Value> evaluate(const Pipeline& pipeline, const Value& dot, bool binds = true);
  Result<Value> evaluate(const Command& command, const Value& dot, const Value* last);
  Result<Value> evaluate(const Operand& operand, const Value& dot);
  Result<Value> evaluate_logic(const Command& command, const Value& dot, const Value* last);
  Result<Value> call(const Command& command, const Value& dot, const Value* last);
  Result<Value> keyed_field(const Command& command, const Value& dot, const Value* last);
  Result<Value> base_of(const Operand& operand, const Value& dot);
  Result<Value> field_of(const Value& value, const std::string& name, const Place& place);

  Value made(Json json);
  void bind(const Pipeline& pipeline, const std::vector<Value>& values);
  Result<void> print(const Value& value, const Place& place);
  Result<void> append(std::string_view text, const Place& place);
  Result<void> count_step(const Place& place);
  [[nodiscard]] Failure fail_at(const Place& place, std::string_view message) const;

  std::string_view source_;
  const Template::Options& options_;
  Value root_;
  std::vector<std::pair<std::string, Value>> variables_;
  std::deque<Json> store_;
  std::string output_;
  std::size_t steps_ = 0;
};

}  // namespace mycontainer::cmd::print
