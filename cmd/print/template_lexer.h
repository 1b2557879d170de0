// A template's text as words. Private to cmd/print/template*.
#pragma once

#include <string>
#include <vector>

#include "cmd/print/template_nodes.h"

namespace mycontainer::cmd::print {

struct Token {
  enum class Kind {
    kText,       // between actions
    kOpen,       // {{
    kClose,      // }}
    kName,       // range, json, true ...
    kVariable,   // $x, or $ alone
    kField,      // .Name
    kDot,        // .
    kString,     // "..." and `...`: its value is in `text`
    kCharacter,  // 'x'
    kNumber,
    kSymbol,  // | , ( ) = :=
  };
  Kind kind = Kind::kText;
  std::string text;
  Place place;
  bool spaced = false;  // white space stands before it
};

// Errors as Go's: "unclosed action", "unterminated quoted string" ...; the place is told apart.
struct LexError {
  std::string message;
  std::size_t at = 0;
};
struct Lexed {
  std::vector<Token> tokens;
  LexError error;  // without message: none
};
Lexed lex(std::string_view text);

}  // namespace mycontainer::cmd::print
