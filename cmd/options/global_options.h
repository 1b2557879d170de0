// The options before the verb, and the environment variables that stand in for them. Reads the
// caller's environment.
#pragma once

#include <optional>
#include <string>

#include "cmd/options/option.h"
#include "reexec/sys/log.h"

namespace mycontainer::cmd::options {

struct GlobalOptions {
  // Absolute paths; empty: the default of who is running (runtime/engine/default_settings.h).
  std::string root, state_root;
  LogLevel log_level = LogLevel::kWarn;
  bool debug = false;
  bool help = false, version = false;
};

OptionTable global_options();

struct ParsedGlobals {
  GlobalOptions options;
  Arguments rest;  // the verb and what follows it; may be empty
};

// What is typed wins over MYCONTAINER_ROOT, MYCONTAINER_STATE_ROOT, MYCONTAINER_LOG_LEVEL and
// MYCONTAINER_DEBUG; an empty variable counts as absent.
Result<ParsedGlobals> parse_globals(Arguments arguments);

}  // namespace mycontainer::cmd::options
