// Words of HTTP: case, blanks, and what foreign text may look like in a message. Any
// process; pure.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace mycontainer::rootfs::registry {

std::string lower_case(std::string_view text);
bool same_word(std::string_view a, std::string_view b);  // whatever the case
std::string_view without_blanks(std::string_view text);  // around it
// Of a stranger, for a message: at most `limit` bytes, one line, nothing a terminal would obey.
std::string printable(std::string_view text, std::size_t limit);

}  // namespace mycontainer::rootfs::registry
