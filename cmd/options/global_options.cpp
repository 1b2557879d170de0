#include "cmd/options/global_options.h"

#include <algorithm>
#include <array>
#include <cstdlib>

#include "cmd/options/parse.h"
#include "cmd/options/paths.h"
#include "cmd/options/values.h"

namespace mycontainer::cmd::options {
namespace {

struct NamedLevel {
  std::string_view name;
  LogLevel level;
};
constexpr std::array kLevels = {
    NamedLevel{"debug", LogLevel::kDebug}, NamedLevel{"info", LogLevel::kInfo},
    NamedLevel{"warn", LogLevel::kWarn},   NamedLevel{"error", LogLevel::kError},
    NamedLevel{"off", LogLevel::kOff},
};

template <std::string GlobalOptions::*Member>
Result<void> set_directory(GlobalOptions& options, std::string_view value) {
  if (!value.starts_with('/')) return fail("not an absolute path");
  options.*Member = clean_path(value);
  return {};
}

template <bool GlobalOptions::*Member>
Result<void> set_flag(GlobalOptions& options, std::string_view value) {
  TRY(options.*Member, parse_bool(value));
  return {};
}

Result<void> set_log_level(GlobalOptions& options, std::string_view value) {
  const auto level = std::ranges::find(kLevels, value, &NamedLevel::name);
  if (level == kLevels.end()) return fail("unknown level: debug, info, warn, error or off");
  options.log_level = level->level;
  return {};
}

template <Result<void> (*Function)(GlobalOptions&, std::string_view)>
constexpr Apply on = &apply_to<GlobalOptions, Function>;

constexpr std::array kOptions = {
    Option{"debug", 'D', "", "Enable debug mode", on<set_flag<&GlobalOptions::debug>>},
    Option{"help", 'h', "", "Print usage", on<set_flag<&GlobalOptions::help>>},
    Option{"log-level", 'l', "string",
           R"(Set the logging level ("debug", "info", "warn", "error", "off") (default "warn"))",
           on<set_log_level>},
    Option{"root", 0, "string",
           "Where images and container data live (default /var/lib/mycontainer, or below "
           "$XDG_DATA_HOME for an ordinary user)",
           on<set_directory<&GlobalOptions::root>>},
    Option{"state-root", 0, "string",
           "Where the state of running containers lives (default /run/mycontainer, or below "
           "$XDG_RUNTIME_DIR for an ordinary user)",
           on<set_directory<&GlobalOptions::state_root>>},
    Option{"version", 'v', "", "Print version information and quit",
           on<set_flag<&GlobalOptions::version>>},
};

struct Variable {
  const char* name;
  Result<void> (*apply)(GlobalOptions&, std::string_view);
};
constexpr std::array kVariables = {
    Variable{"MYCONTAINER_ROOT", set_directory<&GlobalOptions::root>},
    Variable{"MYCONTAINER_STATE_ROOT", set_directory<&GlobalOptions::state_root>},
    Variable{"MYCONTAINER_LOG_LEVEL", set_log_level},
    Variable{"MYCONTAINER_DEBUG", set_flag<&GlobalOptions::debug>},
};

Result<void> apply_environment(GlobalOptions& options) {
  for (const Variable& variable : kVariables) {
    const char* value = std::getenv(variable.name);
    if (value == nullptr || *value == '\0') continue;
    auto applied = variable.apply(options, value);
    if (!applied) {
      return within(fmt::format("invalid value \"{}\" of {}", value, variable.name),
                    std::move(applied).error());
    }
  }
  return {};
}

}  // namespace

OptionTable global_options() { return kOptions; }

Result<ParsedGlobals> parse_globals(Arguments arguments) {
  ParsedGlobals parsed;
  TRY_VOID(apply_environment(parsed.options));
  TRY(parsed.rest, parse(kOptions, &parsed.options, arguments));
  if (parsed.options.debug) parsed.options.log_level = LogLevel::kDebug;
  return parsed;
}

}  // namespace mycontainer::cmd::options
