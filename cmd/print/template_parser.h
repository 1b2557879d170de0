// A template's text as nodes. Private to cmd/print/template*.
#pragma once

#include <string_view>
#include <vector>

#include "cmd/print/template_nodes.h"
#include "reexec/sys/error.h"

namespace mycontainer::cmd::print {

// Errors: "template: :1: unclosed action", without Docker's words before it.
Result<std::vector<Node>> parse_nodes(std::string_view text);

}  // namespace mycontainer::cmd::print
