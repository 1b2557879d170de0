// The documents that verbs print and templates read: objects keep the order in which they were
// made, as Docker's do.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

namespace mycontainer::cmd::print {

using Json = nlohmann::ordered_json;

// On one line, or indented: by Docker's four spaces, or as otherwise said. Bytes that are not UTF-8 become U+FFFD, and what
// a terminal would obey is escaped.
std::string json_line(const Json& value);
std::string json_indented(const Json& value, int count = 4, char blank = ' ');

}  // namespace mycontainer::cmd::print
