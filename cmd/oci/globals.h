// The options before the verb. Pure.
#pragma once

#include <string>

#include "cmd/oci/log_format.h"
#include "cmd/options/option.h"
#include "runtime/container/settings.h"

namespace mycontainer::cmd::oci {

struct Globals {
  runtime::container::Settings settings;  // without defaults
  std::string log;                        // a file; empty: standard error
  LogFormat log_format = LogFormat::kText;
  bool debug = false;
  bool help = false, version = false;
};

options::OptionTable global_options();

// Puts what was typed into `globals`, also when an error comes after it: that error belongs into the
// log that was named before. Returns the verb and what follows it; may be empty.
Result<options::Arguments> parse_globals(Globals& globals, options::Arguments arguments);

}  // namespace mycontainer::cmd::oci
