// The options of `mycontainer run`, and argv to a RunRequest. Pure, but for what the headers of the
// single options say, and for MYCONTAINER_NETWORK, which is --network where that is not typed.
#pragma once

#include <string>
#include <vector>

#include "cmd/options/option.h"
#include "runtime/engine/run_request.h"

namespace mycontainer::cmd::options {

// Every option, in the order help shows them.
OptionTable run_options();
// Those of `create`: without what is about the running alone.
OptionTable create_options();

struct ParsedRun {
  runtime::engine::RunRequest request;
  bool help = false;  // --help was given: the request is not to be run, and may be incomplete
  std::vector<std::string> warnings = {};  // a line each, of what is no error
};

// `arguments` follow the word "run" or "create", whose table comes with them: [OPTIONS] [IMAGE] [COMMAND [ARG...]]. All from the image or
// command on belongs to the container and is not looked at. An IMAGE never begins with "/" or ".",
// so such a word is already the command; after --rootfs the first word always is.
Result<ParsedRun> parse_run(OptionTable table, Arguments arguments);

}  // namespace mycontainer::cmd::options
