// The procfs that the steps themselves read and write. Child side.
//
// What is mounted at the container's /proc may be anything: a directory of the image, a volume, a
// procfs with parts covered. Labels, scores and sysctls written there would go somewhere else
// (CVE-2019-16884, CVE-2019-19921, CVE-2023-28642, CVE-2025-52881). So we write to a procfs that we
// made, that is mounted nowhere, and that nothing can be mounted over.
#pragma once

#include <string>
#include <string_view>

#include "reexec/sys/error.h"
#include "reexec/sys/unique_fd.h"

namespace mycontainer::runtime::init {

// A detached procfs of the caller's PID namespace. Where the kernel refuses one (in a user
// namespace whose only procfs has covered parts: mount_namespaces(7), "Restrictions"), what is
// mounted at /proc, if that is a procfs: call it while the host's tree is still there. In a procfs
// of an outer PID namespace "self" is the caller all the same.
Result<UniqueFd> open_private_procfs();

// One write to a file of a procfs that open_private_procfs() made. Nothing mounted inside it is
// entered (EXDEV) and no magic link followed (ELOOP).
Result<void> write_procfs(int procfs, const std::string& path, std::string_view value);

// Where a procfs has the kernel parameter `name`, as sysctl(8) reads it: the first separator says
// whether "." or "/" is one ("net.ipv4.conf.eth0/100.forwarding",
// "net/ipv4/conf/eth0.100/forwarding"). Pure.
std::string sysctl_path(std::string name);

}  // namespace mycontainer::runtime::init
