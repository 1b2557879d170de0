// Filesystems that hold no files but the kernel's own words (proc, sysfs, cgroup ...). Either side.
#pragma once

namespace mycontainer::rootfs::archive {

// Whether `fd` (O_PATH too) is on one. Their files have no honest size, may block whoever reads
// them, and change the machine when written: nothing of them is copied, in either direction.
bool on_kernel_filesystem(int fd);

// Whether `fd` is what a mount shows at its top.
bool is_mount_root(int fd);

}  // namespace mycontainer::rootfs::archive
