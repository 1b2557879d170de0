#include "cmd/oci/program.h"

#include <fmt/format.h>
#include <unistd.h>

#include <exception>

#include "cmd/oci/globals.h"
#include "cmd/oci/log.h"
#include "cmd/oci/verb.h"
#include "cmd/print/error.h"
#include "reexec/sys/file.h"
#include "runtime/oci/spec.h"

namespace mycontainer::cmd::oci {
namespace {

constexpr int kFailed = 1;
// runc's, and no program's that ran: clients look at the text alone, people at the number.
constexpr int kExecFailed = 255;

int report(std::string_view verb, const Error& error) {
  const std::string_view space = verb.empty() ? "" : " ";
  const std::string text = print::error_text(fmt::format("oci{}{}", space, verb), error);
  // When not even that takes the text there is the log, or nobody left to tell.
  (void)sys::write_all(STDERR_FILENO, text);
  log_error(error);
  return verb == "exec" ? kExecFailed : kFailed;
}

struct Start {
  const Build& build;
  runtime::container::Inherited inherited;
};

Result<int> run_found(const Verb& verb, const Globals& globals, const Start& start,
                      options::Arguments arguments) {
  TRY(const auto settings, runtime::container::with_defaults(globals.settings));
  log_debug("{} {} ({}, root {}, {} inherited descriptors)", verb.name,
            fmt::join(arguments.begin(), arguments.end(), " "),
            settings.is_rootless ? "rootless" : "as root", settings.root, start.inherited.open);
  auto result = verb.run({start.build, settings, start.inherited, arguments});
  if (result) log_debug("{} ends with {}", verb.name, *result);
  return result;
}

// As runc says it: clients read the words before the colons.
std::string version_text(const Build& build) {
  return fmt::format("{} version {}\ncommit: {}\nspec: {}\n", kProgramName, build.version,
                     build.commit, runtime::oci::kSpecVersion);
}

Result<int> show(std::string_view text) {
  TRY_VOID(say(text));
  return 0;
}

int finish(std::string_view verb, const Result<int>& result) {
  return result ? *result : report(verb, result.error());
}

int run_guarded(options::Arguments arguments, const Build& build) {
  const Start start{build, runtime::container::inherited()};
  Globals globals;
  const auto rest = parse_globals(globals, arguments);
  const auto opened = open_log(globals.log, globals.log_format);
  if (!rest) return report({}, rest.error());
  if (!opened) return report({}, opened.error());
  reexec::sys::set_log(globals.debug ? LogLevel::kDebug : LogLevel::kWarn, write_log);
  if (globals.version) return finish({}, show(version_text(build)));
  if (globals.help || rest->empty()) return finish({}, show(program_help()));
  const Verb* verb = find_verb(rest->front());
  if (verb == nullptr) return report({}, unknown_verb(rest->front()).value());
  return finish(verb->name, run_found(*verb, globals, start, rest->subspan(1)));
}

}  // namespace

bool is_oci_program(options::Arguments words) {
  if (words.empty()) return false;
  const std::string_view name = words.front();
  return name.substr(name.rfind('/') + 1) == kProgramName;
}

int run_program(options::Arguments arguments, const Build& build) {
  try {
    return run_guarded(arguments, build);
  } catch (const std::exception& error) {
    // Only the standard library throws here, and what it throws is want of memory.
    return report({}, Error{error.what(), 0, {}, 0});
  }
}

}  // namespace mycontainer::cmd::oci
