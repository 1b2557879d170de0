// The home directory of a user, from the container's own /etc/passwd, which is hostile text. Child
// side.
//
// Source: passwd(5). runc and crun set HOME where process.env has none, and engines rely on it.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace mycontainer::runtime::init {

// Pure: the home of the first entry with this number, "/" when there is none that could be one.
std::string home_in(std::string_view passwd, std::uint32_t uid);

// The same, of the file below `root` (a directory descriptor). What is missing, no regular file (a
// FIFO would keep us waiting, CVE-2024-9676) or too large is as good as empty.
std::string home_below(int root, std::uint32_t uid);

}  // namespace mycontainer::runtime::init
