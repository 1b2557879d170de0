#include "cmd/options/parse.h"

#include <CLI/CLI.hpp>
#include <optional>

#include "cmd/options/spelling.h"

namespace mycontainer::cmd::options {
namespace {

struct Outcome {
  void* target;
  std::optional<Error> error;
};

bool apply(const Option& option, const std::string& value, Outcome& outcome) {
  auto applied = option.apply(outcome.target, value);
  if (applied) return true;
  Error error = std::move(applied).error();
  error.operation = fmt::format("invalid argument \"{}\" for \"{}\" flag: {}", value,
                                display_name(option), error.operation);
  outcome.error = std::move(error);
  return false;
}

void add(CLI::App& app, const Option& option, Outcome& outcome) {
  auto callback = [&option, &outcome](const CLI::results_t& values) {
    return apply(option, values.front(), outcome);
  };
  app.add_option(fmt::format("--{}", option.name), CLI::callback_t(callback))
      ->expected(option.takes_value() ? 1 : 0)
      ->trigger_on_parse();
}

Error missing_value(const std::string& word) {
  return Error{fmt::format("flag needs an argument: {}", word), 0, {}, 0};
}

Result<void> parse_words(const Spelling& spelling, void* target) {
  Outcome outcome{target, {}};
  try {
    CLI::App app;
    app.set_help_flag();
    for (const Option* option : spelling.used) add(app, *option, outcome);
    app.parse(std::vector<std::string>(spelling.words.rbegin(), spelling.words.rend()));
  } catch (const CLI::ArgumentMismatch&) {
    return Failure(missing_value(spelling.words.back()));
  } catch (const CLI::Error& error) {
    if (outcome.error) return Failure(*std::move(outcome.error));
    return fail("{}", error.what());
  }
  return {};
}

}  // namespace

Result<Arguments> parse(OptionTable table, void* target, Arguments arguments) {
  TRY(const Spelling spelling, spell(table, arguments));
  if (!spelling.words.empty()) TRY_VOID(parse_words(spelling, target));
  return arguments.subspan(spelling.rest);
}

Result<std::vector<const char*>> parse_mixed(OptionTable table, void* target, Arguments arguments) {
  std::vector<const char*> words;
  while (true) {
    TRY(const Spelling spelling, spell(table, arguments));
    if (!spelling.words.empty()) TRY_VOID(parse_words(spelling, target));
    arguments = arguments.subspan(spelling.rest);
    if (spelling.ended || arguments.empty()) {
      words.insert(words.end(), arguments.begin(), arguments.end());
      return words;
    }
    words.push_back(arguments.front());
    arguments = arguments.subspan(1);
  }
}

}  // namespace mycontainer::cmd::options
