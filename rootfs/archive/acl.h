// ACLs as tar has them (text: SCHILY.acl.access, SCHILY.acl.default) in the kernel's form. Private to
// rootfs/archive.
#pragma once

#include <archive_entry.h>

#include "rootfs/archive/entry.h"

namespace mycontainer::rootfs::archive {

// Adds them to entry.xattrs as system.posix_acl_access and _default (linux/posix_acl_xattr.h),
// unless these came as attributes. An ACL that names a user or group by a name without a number is
// left out: there is no list of users that the name could be looked up in.
void read_acls(archive_entry* member, Entry& entry);

}  // namespace mycontainer::rootfs::archive
