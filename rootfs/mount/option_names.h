// Which words mount options may be, for those who ask what we know. Either side; pure.
#pragma once

#include <string>
#include <vector>

namespace mycontainer::rootfs::mount {

// Every word that is ours or any filesystem's, sorted: those of the table that plan_mount() applies
// (their recursive forms included), and those that the kernel itself takes for every new filesystem
// (fsconfig(2)). Options of single filesystems ("size=64m") are not among them.
std::vector<std::string> option_names();

}  // namespace mycontainer::rootfs::mount
