#include "runtime/launch/host_check.h"

#include <sys/vfs.h>

#include "runtime/security/selinux.h"

namespace mycontainer::runtime::launch {

namespace {

constexpr unsigned long kResctrlMagic = 0x7655821;  // RDTGROUP_SUPER_MAGIC

bool has_resctrl() {
  struct statfs filesystem {};
  return ::statfs("/sys/fs/resctrl", &filesystem) == 0 &&
         static_cast<unsigned long>(filesystem.f_type) == kResctrlMagic;
}

}  // namespace

Result<void> check_host(const oci::Spec& spec) {
  const bool labels_process = spec.process && !spec.process->selinux_label.empty();
  if ((labels_process || !spec.linux_config.mount_label.empty()) && !security::selinux_enabled()) {
    return fail("{}: this machine has no SELinux, or it is disabled",
                labels_process ? "process.selinuxLabel" : "linux.mountLabel");
  }
  if (spec.linux_config.intel_rdt && !has_resctrl()) {
    return fail("linux.intelRdt: this machine has no resctrl filesystem mounted");
  }
  return {};
}

}  // namespace mycontainer::runtime::launch
