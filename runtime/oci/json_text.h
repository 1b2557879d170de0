// Small JSON texts made by hand, for what is written on the path of every start. Pure.
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <string_view>

namespace mycontainer::runtime::oci {

// Adds `text` in quotes. Bytes that are not UTF-8 become U+FFFD: JSON has no other way to say them.
void append_json_string(std::string& json, std::string_view text);

// The bytes of the character beyond ASCII that the text begins with (RFC 3629), or 0 when it begins
// with none.
std::size_t utf8_length(std::string_view text);

// Adds {"key":"value",...}.
void append_json_object(std::string& json, const std::map<std::string, std::string>& members);

}  // namespace mycontainer::runtime::oci
