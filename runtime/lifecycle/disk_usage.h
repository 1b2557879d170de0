// How much of the disk a tree takes. Parent side.
#pragma once

#include <cstdint>
#include <string>

namespace mycontainer::runtime::lifecycle {

// The sizes of all files below `path`, hard links once, directories left out (as Docker counts). No
// symbolic link is followed; what cannot be read, or goes away meanwhile, is left out. Changes the
// working directory while it runs, so that no depth of a hostile tree is too much.
std::uint64_t tree_size(const std::string& path);

}  // namespace mycontainer::runtime::lifecycle
