#include "cmd/program.h"

#include <exception>

#include "cmd/build_info.h"
#include "cmd/log_sink.h"
#include "cmd/options/global_options.h"
#include "cmd/print/error.h"
#include "cmd/verb.h"

namespace mycontainer::cmd {
namespace {

constexpr int kEngineFailed = 125;

int report(std::string_view verb, const Error& error, int status = kEngineFailed) {
  tell(print::error_text(verb, error));
  return error.exit_status != 0 ? error.exit_status : status;
}

int finish(std::string_view verb, const Result<int>& result, int failure_status) {
  return result ? *result : report(verb, result.error(), failure_status);
}

Result<int> print_and_succeed(std::string_view text) {
  TRY_VOID(say(text));
  return 0;
}

int dispatch_verb(const options::ParsedGlobals& parsed) {
  const auto& globals = parsed.options;
  if (globals.version) {
    const std::string text = fmt::format("mycontainer version {}, build {}\n", kVersion, kCommit);
    return finish({}, print_and_succeed(text), kEngineFailed);
  }
  if (globals.help || parsed.rest.empty()) {
    return finish({}, print_and_succeed(program_help()), kEngineFailed);
  }
  const Verb* verb = find_verb(verbs(), parsed.rest.front());
  if (verb == nullptr) return report({}, unknown_verb(verbs(), parsed.rest.front()).value());
  const VerbCall call{globals, *verb, std::string(verb->name), parsed.rest.subspan(1)};
  return finish(verb->name, verb->run(call), verb->failure_status);
}

}  // namespace

int run_program(options::Arguments arguments) {
  try {
    const auto parsed = options::parse_globals(arguments);
    if (!parsed) return report({}, parsed.error());
    reexec::sys::set_log(parsed->options.log_level, write_log);
    return dispatch_verb(*parsed);
  } catch (const std::exception& error) {
    // Only the standard library throws here, and what it throws is want of memory.
    return report({}, Error{error.what(), 0, {}, 0});
  }
}

}  // namespace mycontainer::cmd
