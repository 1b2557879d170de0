// The steps that make the container's "/" what it is: prepared detached, entered, and closed to
// writing at the end.
#include <sys/mount.h>

#include <array>
#include <string_view>
#include <utility>

#include "rootfs/layer/overlay.h"
#include "rootfs/mount/attributes.h"
#include "rootfs/mount/prepare.h"
#include "rootfs/mount/root.h"
#include "runtime/init/steps.h"

namespace mycontainer::runtime::init {

namespace {

namespace mount = rootfs::mount;

Result<UniqueFd> clone_directory(const std::string& directory) {
  mount::MountPlan bind;
  bind.kind = mount::MountKind::kBind;
  bind.destination = "/";
  bind.source = directory;
  bind.recursive = true;
  return mount::prepare(bind);
}

Result<UniqueFd> mount_overlay(const rootfs::layer::OverlayRequest& request) {
  if (!request.memory) return rootfs::layer::overlay_mount(request);
  TRY(const UniqueFd memory, rootfs::layer::memory_upper({}));
  rootfs::layer::OverlayRequest in_memory = request;
  in_memory.upper = rootfs::layer::upper_in(memory.get());
  in_memory.work = rootfs::layer::work_in(memory.get());
  return rootfs::layer::overlay_mount(in_memory);
}

}  // namespace

Result<void> prepare_root(Context& context) {
  const RootPlan& root = context.plan.root;
  switch (root.kind) {
    case RootPlan::Kind::kOverlay: {
      TRY(context.root_mount, mount_overlay(root.overlay));
      return {};
    }
    case RootPlan::Kind::kBind: {
      TRY(context.root_mount, clone_directory(root.directory));
      return {};
    }
    case RootPlan::Kind::kGiven:
      break;
  }
  // By convention the first descriptor that came with the plan.
  if (context.given.empty()) return fail("the parent process sent no root filesystem");
  context.root_mount = std::move(context.given.front());
  return {};
}

Result<void> enter_root(Context& context) {
  const int root = context.root_mount.get();
  if (!context.attached) TRY_VOID(mount::attach_root(root));
  if (context.plan.root.no_pivot) return mount::enter_root_by_chroot(root);
  TRY_VOID(mount::enter_root(root));
  return mount::detach_old_root();
}

Result<void> set_root_attributes(Context& context) {
  const RootPlan& root = context.plan.root;
  if (root.readonly) {
    mount::MountPlan readonly;
    readonly.attr_set = MOUNT_ATTR_RDONLY;
    const auto apply = mount::kernel_has_mount_setattr() ? mount::apply_attributes
                                                         : mount::apply_attributes_by_remount;
    TRY_VOID(apply(context.root_mount.get(), readonly));
  }
  constexpr std::array<std::pair<std::string_view, std::uint64_t>, 4> kPropagations = {
      {{"shared", MS_SHARED},
       {"slave", MS_SLAVE},
       {"private", MS_PRIVATE},
       {"unbindable", MS_UNBINDABLE}}};
  for (const auto& [name, flag] : kPropagations) {
    if (root.propagation == name) return mount::set_propagation("/", flag, false);
    if (root.propagation == "r" + std::string(name)) return mount::set_propagation("/", flag, true);
  }
  return {};
}

}  // namespace mycontainer::runtime::init
