// The steps for what the new namespaces hold by themselves: loopback, names, propagation, cgroup
// root.
#include <net/if.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstring>

#include "runtime/init/steps.h"

namespace mycontainer::runtime::init {

Result<void> become_root(Context& context) {
  if (!context.plan.become_root) return {};
  // An unmapped user would lose every capability with the next execve.
  if (::setresgid(0, 0, 0) < 0 || ::setresuid(0, 0, 0) < 0) {
    return fail_errno("become root of the user namespace");
  }
  return {};
}

Result<void> set_up_loopback(Context& context) {
  if (!context.plan.loopback) return {};
  const UniqueFd socket(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  if (!socket) return fail_errno("open a socket to bring the loopback device up");
  ifreq request{};
  std::memcpy(request.ifr_name, "lo", sizeof "lo");
  request.ifr_flags = IFF_UP;
  if (::ioctl(socket.get(), SIOCSIFFLAGS, &request) < 0) {
    return fail_errno("bring the loopback device up");
  }
  return {};
}

Result<void> set_host_name(Context& context) {
  const std::string& host = context.plan.hostname;
  if (!host.empty() && ::sethostname(host.data(), host.size()) < 0) {
    return fail_errno("set the hostname to {}", host);
  }
  const std::string& domain = context.plan.domainname;
  if (!domain.empty() && ::setdomainname(domain.data(), domain.size()) < 0) {
    return fail_errno("set the domain name to {}", domain);
  }
  return {};
}

Result<void> stop_mount_propagation(Context& context) {
  TRY_VOID(prepare_shared_binds(context));
  // Of the root, "shared" is set at the end, when the host's tree is gone. A slave still receives
  // the host's later mounts (rslave binds need that); nothing of ours goes the other way.
  const std::string& wanted = context.plan.root.propagation;
  const bool receives = wanted == "slave" || wanted == "rslave";
  const unsigned long flag = receives ? MS_SLAVE : MS_PRIVATE;
  if (::mount(nullptr, "/", nullptr, MS_REC | flag, nullptr) == 0) return {};
  Error error = fail_errno("make the mount namespace private").value();
  if (error.code == EINVAL) {
    error.hint =
        "the root directory is not a mount point, as after chroot: bind-mount it onto itself first";
  }
  return Failure(std::move(error));
}

// A thread that moves itself needs no lock that other processes' forks wait for; being moved by
// another process costs an RCU grace period (5 ms).
Result<void> enter_cgroups(Context& context) {
  for (const UniqueFd& tasks : context.cgroup_entrances) {
    if (::write(tasks.get(), "0", 1) < 0) return fail_errno("enter a cgroup");
  }
  context.cgroup_entrances.clear();
  return {};
}

Result<void> enter_cgroup_namespace(Context& context) {
  if (!context.plan.cgroup_namespace) return {};
  if (::unshare(CLONE_NEWCGROUP) < 0) return fail_errno("unshare the cgroup namespace");
  return {};
}

Result<void> wait_for_parent(Context& context) {
  TRY(auto message, context.channel.receive());
  if (!message) return fail("the parent process ended before the container started");
  if (message->type != static_cast<std::uint32_t>(MessageType::kGo)) {
    return fail("unexpected message {} from the parent process", message->type);
  }
  context.cgroup_entrances = std::move(message->fds);
  return {};
}

}  // namespace mycontainer::runtime::init
