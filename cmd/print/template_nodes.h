// A parsed template. Private to cmd/print/template*: plain data between parser and execution.
#pragma once

#include <string>
#include <vector>

#include "cmd/print/json.h"

namespace mycontainer::cmd::print {

// Where something stands in the template's text: what an error quotes.
struct Place {
  std::size_t begin = 0, end = 0;
};

struct Pipeline;

// One argument: where its value comes from, and the fields that are taken from that.
struct Operand {
  enum class Kind { kDot, kVariable, kConstant, kFunction, kPipeline };
  Kind kind = Kind::kDot;
  std::string name;                 // of a variable ("$x") or function
  Json constant;                    // of kConstant
  std::vector<Pipeline> inner;      // of kPipeline: one, in parentheses
  std::vector<std::string> fields;  // ".A.B"
  Place place;
};

struct Command {
  std::vector<Operand> operands;  // the first may be a function or field that takes the others
  Place place;
};

struct Pipeline {
  std::vector<std::string> variables;  // "$k", "$v"
  bool declares = false;               // by ":=", else by "="
  std::vector<Command> commands;
  Place place;
};

struct Node {
  enum class Kind { kText, kAction, kIf, kRange, kWith, kBreak, kContinue };
  Kind kind = Kind::kText;
  std::string text;
  Pipeline pipeline;
  std::vector<Node> body, otherwise;
};

}  // namespace mycontainer::cmd::print
