// Values as Go's fmt package prints them. Pure.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "cmd/print/json.h"

namespace mycontainer::cmd::print {

// %v: true, 12, 1.5, text as it is, [a b], map[k:v] in the order of keys, <nil>.
std::string go_text(const Json& value);
// "string", "int", "float64", "bool", "[]interface {}", "map[string]interface {}", "nil".
std::string_view go_type(const Json& value);

// fmt.Sprintf with the verbs %v %s %q %d %x %X %o %b %c %t %e %f %g %T %%, flags, width and
// precision. What does not fit is told inside the text, as Go does: "%!d(string=x)".
std::string go_printf(std::string_view format, std::span<const Json* const> values);

}  // namespace mycontainer::cmd::print
