#include "cmd/verb.h"

#include <unistd.h>

#include <algorithm>

#include "cmd/options/parse.h"
#include "cmd/options/suggest.h"
#include "cmd/print/error.h"
#include "cmd/print/usage.h"
#include "reexec/sys/file.h"
#include "runtime/engine/default_settings.h"
#include "runtime/state/store.h"

namespace mycontainer::cmd {
namespace {

constexpr int kWrongUsage = 125;

bool is_help(std::string_view word) { return word == "--help" || word == "-h"; }

// Among the options: where those end is the parser's to say, but nobody names a value "--help".
bool asks_for_help(options::OptionTable table, options::Arguments arguments, Order order) {
  const bool has_h = std::ranges::any_of(table, [](const auto& o) { return o.letter == 'h'; });
  for (const char* argument : arguments) {
    const std::string_view word = argument;
    if (word == "--" || (order == Order::kLeading && !word.starts_with('-'))) return false;
    if (is_help(word) && !(has_h && word == "-h")) return true;
  }
  return false;
}

Result<std::vector<std::string>> parse_words(const VerbCall& call, options::OptionTable table,
                                             void* target, Order order) {
  if (order == Order::kLeading) {
    TRY(const options::Arguments rest, options::parse(table, target, call.arguments));
    return std::vector<std::string>(rest.begin(), rest.end());
  }
  TRY(const auto rest, options::parse_mixed(table, target, call.arguments));
  return std::vector<std::string>(rest.begin(), rest.end());
}

std::string help_text(const VerbCall& call, options::OptionTable table) {
  std::string text =
      fmt::format("Usage:  mycontainer {} {}\n\n{}\n", call.path, call.verb.words, call.verb.help);
  if (!table.empty()) text += "\nOptions:\n" + print::option_list(table);
  return text;
}

std::string count_text(Arity arity) {
  const auto arguments = [](std::size_t count) {
    return fmt::format("{} argument{}", count, count == 1 ? "" : "s");
  };
  if (arity.least == arity.most) {
    return arity.least == 0 ? "accepts no arguments" : "requires exactly " + arguments(arity.least);
  }
  if (arity.most == Arity{}.most) return "requires at least " + arguments(arity.least);
  return fmt::format("requires at least {} and at most {}", arity.least, arguments(arity.most));
}

Failure wrong_usage(const VerbCall& call, Error error, int status) {
  if (error.hint.empty()) error.hint = fmt::format("see 'mycontainer {} --help'", call.path);
  if (error.exit_status == 0) error.exit_status = status;
  return Failure(std::move(error));
}

}  // namespace

const Verb* find_verb(std::span<const Verb> table, std::string_view name) {
  const auto verb = std::ranges::find(table, name, &Verb::name);
  return verb == table.end() ? nullptr : &*verb;
}

Failure unknown_verb(std::span<const Verb> table, std::string_view name) {
  std::vector<std::string_view> names;
  names.reserve(table.size());
  for (const Verb& verb : table) names.push_back(verb.name);
  const std::string_view nearest = options::suggest(name, names);
  const std::string hint = nearest.empty() ? "'mycontainer --help' lists the commands"
                                           : fmt::format("did you mean '{}'?", nearest);
  return Failure(Error{fmt::format("unknown command: {}", name), 0, hint, kWrongUsage});
}

Result<std::optional<std::vector<std::string>>> parse_verb(const VerbCall& call,
                                                           options::OptionTable table, void* target,
                                                           Arity arity, Order order) {
  if (asks_for_help(table, call.arguments, order)) {
    TRY_VOID(say(help_text(call, table)));
    return std::optional<std::vector<std::string>>();
  }
  auto words = parse_words(call, table, target, order);
  if (!words) return wrong_usage(call, std::move(words).error(), kWrongUsage);
  if (words->size() < arity.least || words->size() > arity.most) {
    return wrong_usage(call, Error{count_text(arity), 0, {}, 0}, 1);
  }
  return std::optional(*std::move(words));
}

Result<runtime::state::Roots> roots_of(const VerbCall& call) {
  return runtime::engine::with_defaults({call.globals.root, call.globals.state_root});
}

Result<int> for_each_container(const VerbCall& call, const std::vector<std::string>& words,
                               bool print,
                               const std::function<Result<void>(const runtime::state::Roots& roots,
                                                                const std::string& id)>& act) {
  TRY(const auto roots, roots_of(call));
  int status = 0;
  for (const std::string& word : words) {
    const auto id = runtime::state::find(roots, word);
    auto done = id ? act(roots, *id) : Result<void>(Failure(id.error()));
    if (done && print) done = say(word + "\n");
    if (done) continue;
    status = 1;
    tell(print::error_text(call.path, done.error()));
  }
  return status;
}

Result<void> say(std::string_view text) {
  auto written = sys::write_all(STDOUT_FILENO, text);
  if (!written) return within("standard output", std::move(written).error());
  return {};
}

void tell(std::string_view text) { (void)sys::write_all(STDERR_FILENO, text); }

void warn(const VerbCall& call, std::string_view text) {
  tell(print::error_text(call.path, Error{std::string(text), 0, {}, 0}));
}

}  // namespace mycontainer::cmd
