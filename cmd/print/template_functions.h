// What a template can call: Go's text/template builtins and Docker's additions. Private to
// cmd/print/template*. Pure.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "cmd/print/json.h"
#include "reexec/sys/error.h"

namespace mycontainer::cmd::print {

using Values = std::span<const Json* const>;

// "and" and "or", too, which the execution evaluates itself, as they leave arguments alone.
bool is_function(std::string_view name);
// Errors as Go's, without the words "error calling NAME".
Result<Json> call_function(std::string_view name, Values values);

// A header's version of the functions that change a text: Docker's table headers stay as they are.
bool keeps_headers(std::string_view name);

// Go's truth: not false, 0, nil, or an empty text, list or map.
bool is_true(const Json& value);

}  // namespace mycontainer::cmd::print
