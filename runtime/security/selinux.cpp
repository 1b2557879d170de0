#include "runtime/security/selinux.h"

#include <fcntl.h>
#include <linux/magic.h>
#include <sys/vfs.h>

#include "reexec/sys/file.h"
#include "reexec/sys/syscalls.h"

namespace mycontainer::runtime::security {

bool selinux_enabled() {
  struct statfs filesystem {};
  return ::statfs("/sys/fs/selinux", &filesystem) == 0 &&
         static_cast<unsigned long>(filesystem.f_type) == SELINUX_MAGIC;
}

Result<void> enter_selinux_label_on_exec(int procfs, const std::string& label) {
  if (label.empty()) return {};
  open_how how{};
  how.flags = O_WRONLY | O_CLOEXEC;
  how.resolve = RESOLVE_BENEATH | RESOLVE_NO_XDEV | RESOLVE_NO_MAGICLINKS;
  const UniqueFd attribute(sys::openat2(procfs, "thread-self/attr/exec", &how));
  if (!attribute) return fail_errno("open the SELinux attribute of the process");
  auto written = sys::write_all(attribute.get(), label);
  if (!written) return within("enter the SELinux label " + label, std::move(written).error());
  return {};
}

}  // namespace mycontainer::runtime::security
