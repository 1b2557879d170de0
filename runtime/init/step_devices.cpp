// The steps that fill /dev: device nodes, the usual links, and the terminal.
#include <fcntl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "reexec/sys/file.h"
#include "rootfs/mount/attach.h"
#include "rootfs/mount/filesystem_context.h"
#include "rootfs/mount/prepare.h"
#include "rootfs/path/create.h"
#include "rootfs/path/open.h"
#include "runtime/init/host_node.h"
#include "runtime/init/steps.h"
#include "runtime/io/null_streams.h"
#include "runtime/io/pty.h"
#include "runtime/io/streams.h"
#include "runtime/oci/defaults.h"

namespace mycontainer::runtime::init {

namespace {

namespace mount = rootfs::mount;

mount::MountPlan bind_onto(const std::string& destination, const std::string& source) {
  mount::MountPlan bind;
  bind.kind = mount::MountKind::kBind;
  bind.destination = destination;
  bind.source = source;
  return bind;
}

// The directory a node goes to, and the node's own name in it.
struct Place {
  UniqueFd directory;
  std::string name;
};

Result<Place> place_of(int root, const std::string& path) {
  const std::size_t slash = path.rfind('/');
  TRY(UniqueFd directory,
      rootfs::path::make_directories_in_root(root, slash == 0 ? "/" : path.substr(0, slash)));
  return Place{std::move(directory), path.substr(slash + 1)};
}

// A node that already stands there is good only when it is the same device.
Result<void> expect_device(const Place& place, const PlannedDevice& device) {
  struct stat found {};
  if (::fstatat(place.directory.get(), place.name.c_str(), &found, AT_SYMLINK_NOFOLLOW) < 0) {
    return fail_errno("stat {}", device.path);
  }
  const bool same = (found.st_mode & S_IFMT) == (device.mode & S_IFMT) &&
                    found.st_rdev == makedev(device.major, device.minor);
  if (!same) return fail_code(EEXIST, "make the device {}", device.path);
  return {};
}

Result<void> make_node(int root, const PlannedDevice& device) {
  TRY(const Place place, place_of(root, device.path));
  const int directory = place.directory.get();
  const char* name = place.name.c_str();
  if (::mknodat(directory, name, device.mode, makedev(device.major, device.minor)) < 0) {
    if (errno == EEXIST) return expect_device(place, device);
    return fail_errno("make the device {}", device.path);
  }
  if ((device.uid != 0 || device.gid != 0) &&
      ::fchownat(directory, name, device.uid, device.gid, AT_SYMLINK_NOFOLLOW) < 0) {
    return fail_errno("change the owner of {}", device.path);
  }
  return {};
}

Result<void> make_default_links(int root) {
  TRY(const UniqueFd dev, rootfs::path::open_in_root(root, "/dev", O_PATH | O_DIRECTORY));
  for (const oci::DefaultLink& link : oci::kDefaultLinks) {
    const std::string name(link.path.substr(sizeof "/dev/" - 1));
    const std::string target(link.target);
    if (::symlinkat(target.c_str(), dev.get(), name.c_str()) < 0 && errno != EEXIST) {
      return fail_errno("make the link {}", link.path);
    }
  }
  return {};
}

// In a user namespace, where it cannot be made, its root has no rights over the host's either.
Result<void> replace_by_private_null() {
  TRY(auto context, mount::FilesystemContext::open("tmpfs"));
  TRY(const UniqueFd directory, context.mount(MOUNT_ATTR_NOSUID | MOUNT_ATTR_NOEXEC));
  if (::mknodat(directory.get(), "null", S_IFCHR | 0666, makedev(1, 3)) == 0) {
    return io::reopen_null_streams(directory.get());
  }
  if (errno == EPERM) return {};
  return fail_errno("make a null device for the standard streams");
}

bool is_null(int fd) { return io::classify(fd) == io::StreamKind::kNull; }

}  // namespace

Result<void> replace_null_streams(int root) {
  if (!is_null(STDIN_FILENO) && !is_null(STDOUT_FILENO) && !is_null(STDERR_FILENO)) return {};
  const auto dev = rootfs::path::open_in_root(root, "/dev", O_PATH | O_DIRECTORY);
  if (dev && io::reopen_null_streams(dev->get())) return {};
  return replace_by_private_null();
}

Result<void> prepare_device_binds(Context& context) {
  for (const PlannedDevice& device : context.plan.devices) {
    UniqueFd node;
    if (device.given >= 0) {
      TRY(node, take_given(context, device.given));
    } else if (device.bind) {
      TRY(const std::string host_node, find_host_node(device));
      TRY(node, mount::prepare(bind_onto(device.path, host_node)));
    }
    context.device_binds.push_back(std::move(node));
  }
  return {};
}

Result<void> make_devices(Context& context) {
  if (context.attached) return {};
  const int root = context.root_mount.get();
  for (std::size_t i = 0; i < context.plan.devices.size(); ++i) {
    const PlannedDevice& device = context.plan.devices[i];
    if (const UniqueFd& node = context.device_binds[i]; node) {
      TRY_VOID(mount::attach(root, bind_onto(device.path, device.path), node.get()));
    } else {
      TRY_VOID(make_node(root, device));
    }
  }
  if (context.plan.default_links) TRY_VOID(make_default_links(root));
  return replace_null_streams(root);
}

Result<io::Pty> make_terminal(Context& context) {
  if (context.devpts < 0) return fail("a terminal needs a devpts filesystem on /dev/pts");
  TRY(io::Pty pty, io::open_pty(context.devpts));
  winsize size{};
  size.ws_row = context.plan.terminal->rows;
  size.ws_col = context.plan.terminal->columns;
  TRY_VOID(io::set_window_size(pty.slave.get(), size));
  TRY_VOID(io::set_owner(pty.slave.get(), context.plan.identity.uid));
  return pty;
}

Result<void> take_terminal(Context& context, io::Pty pty) {
  const int master = pty.master.get();
  TRY_VOID(context.channel.send(static_cast<std::uint32_t>(MessageType::kConsole), {},
                                std::span(&master, 1)));
  return io::become_session_leader(std::move(pty.slave));
}

Result<void> open_console(Context& context) {
  if (!context.plan.terminal) return {};
  TRY(io::Pty pty, make_terminal(context));
  const mount::MountPlan console = bind_onto("/dev/console", {});
  TRY(const UniqueFd node, mount::prepare_bind(console, pty.slave.get()));
  TRY_VOID(mount::attach(context.root_mount.get(), console, node.get()));
  return take_terminal(context, std::move(pty));
}

}  // namespace mycontainer::runtime::init
