#include "cmd/options/spelling.h"

#include <algorithm>

#include "cmd/options/suggest.h"

namespace mycontainer::cmd::options {
namespace {

const Option* find_name(OptionTable table, std::string_view name) {
  const auto row = std::ranges::find_if(table, [&](const Option& o) { return o.name == name; });
  return row == table.end() ? nullptr : &*row;
}

const Option* find_letter(OptionTable table, char letter) {
  const auto row = std::ranges::find_if(table, [&](const Option& o) { return o.letter == letter; });
  return row == table.end() ? nullptr : &*row;
}

Failure unknown_name(OptionTable table, std::string_view name) {
  std::vector<std::string_view> names;
  for (const Option& option : table) names.emplace_back(option.name);
  const std::string_view nearest = suggest(name, names);
  Error error{fmt::format("unknown flag: --{}", name), 0, {}, 0};
  if (!nearest.empty()) error.hint = fmt::format("did you mean --{}?", nearest);
  return Failure(std::move(error));
}

void note_use(Spelling& spelling, const Option& option) {
  if (std::ranges::find(spelling.used, &option) == spelling.used.end()) {
    spelling.used.push_back(&option);
  }
}

void add_flag(Spelling& spelling, const Option& option, std::string_view value) {
  note_use(spelling, option);
  spelling.words.push_back(fmt::format("--{}{}{}", option.name, value.empty() ? "" : "=", value));
}

void add_value(Spelling& spelling, const Option& option, std::string_view value) {
  note_use(spelling, option);
  spelling.words.push_back(fmt::format("--{}", option.name));
  spelling.words.emplace_back(value);
}

// The value is the next argument. When there is none the option goes without, and the parser
// says so.
void add_with_next(Spelling& spelling, const Option& option, Arguments arguments) {
  if (spelling.rest < arguments.size()) {
    add_value(spelling, option, arguments[spelling.rest++]);
  } else {
    add_flag(spelling, option, {});
  }
}

// `word` is without its "--".
Result<void> spell_long(OptionTable table, std::string_view word, Arguments arguments,
                        Spelling& spelling) {
  const std::size_t equals = word.find('=');
  const std::string_view name = word.substr(0, equals);
  if (name.empty() || name.front() == '-') return fail("bad flag syntax: --{}", word);
  const Option* option = find_name(table, name);
  if (option == nullptr) return unknown_name(table, name);
  if (equals == std::string_view::npos) {
    if (option->takes_value()) {
      add_with_next(spelling, *option, arguments);
    } else {
      add_flag(spelling, *option, {});
    }
  } else if (option->takes_value()) {
    add_value(spelling, *option, word.substr(equals + 1));
  } else {
    add_flag(spelling, *option, word.substr(equals + 1));
  }
  return {};
}

// `letters` is without its "-": flags, the last of which may be an option with a value.
Result<void> spell_short(OptionTable table, std::string_view letters, Arguments arguments,
                         Spelling& spelling) {
  const std::string_view all = letters;
  while (!letters.empty()) {
    const Option* option = find_letter(table, letters.front());
    if (option == nullptr) return fail("unknown shorthand flag: '{}' in -{}", letters.front(), all);
    letters.remove_prefix(1);
    const bool attached = letters.size() > 1 && letters.front() == '=';
    if (attached) letters.remove_prefix(1);
    if (!option->takes_value()) {
      add_flag(spelling, *option, attached ? letters : std::string_view{});
      if (attached) return {};
    } else {
      if (letters.empty()) {
        add_with_next(spelling, *option, arguments);
      } else {
        add_value(spelling, *option, letters);
      }
      return {};
    }
  }
  return {};
}

}  // namespace

Result<Spelling> spell(OptionTable table, Arguments arguments) {
  Spelling spelling;
  while (spelling.rest < arguments.size()) {
    const std::string_view word = arguments[spelling.rest];
    if (word.size() < 2 || word.front() != '-') break;
    ++spelling.rest;
    if (word == "--") {
      spelling.ended = true;
      break;
    }
    if (word.starts_with("--")) {
      TRY_VOID(spell_long(table, word.substr(2), arguments, spelling));
    } else {
      TRY_VOID(spell_short(table, word.substr(1), arguments, spelling));
    }
  }
  return spelling;
}

}  // namespace mycontainer::cmd::options
