// The steps for everything that is mounted below "/".
#include <fcntl.h>

#include "rootfs/mount/attach.h"
#include "rootfs/mount/mask.h"
#include "rootfs/mount/prepare.h"
#include "rootfs/path/create.h"
#include "rootfs/path/open.h"
#include "runtime/init/steps.h"

namespace mycontainer::runtime::init {

namespace mount = rootfs::mount;

Result<UniqueFd> take_given(Context& context, std::int32_t index) {
  const auto at = static_cast<std::size_t>(index);
  if (at >= context.given.size()) return fail("the parent process sent too few mounts");
  return std::move(context.given[at]);
}

Result<void> prepare_mounts(Context& context) {
  context.prepared.reserve(context.plan.mounts.size());
  for (const PlannedMount& planned : context.plan.mounts) {
    auto prepared =
        planned.given >= 0 ? take_given(context, planned.given) : mount::prepare(planned.mount);
    if (!prepared) {
      return within("mount " + planned.mount.destination, std::move(prepared).error());
    }
    context.prepared.push_back(std::move(*prepared));
    if (planned.mount.destination == "/proc") context.proc = context.prepared.back().get();
    if (planned.mount.destination == "/dev/pts") context.devpts = context.prepared.back().get();
  }
  return prepare_device_binds(context);
}

Result<void> attach_mounts(Context& context) {
  for (std::size_t i = 0; i < context.prepared.size(); ++i) {
    TRY_VOID(mount::attach(context.root_mount.get(), context.plan.mounts[i].mount,
                           context.prepared[i].get()));
  }
  return {};
}

Result<void> protect_paths(Context& context) {
  const InitPlan& plan = context.plan;
  const int root = context.root_mount.get();
  if (!plan.masked_paths.empty()) {
    TRY(const UniqueFd null, rootfs::path::open_in_root(root, "/dev/null", O_PATH));
    TRY_VOID(mount::mask_paths(root, plan.masked_paths, null.get()));
  }
  return mount::make_paths_readonly(root, plan.readonly_paths);
}

Result<void> create_working_directory(Context& context) {
  // A missing one is created, as Docker does; only inside the root, whatever links the image holds
  // (CVE-2026-55686).
  const std::string& directory = context.plan.working_directory;
  if (directory == "/") return {};
  auto made = rootfs::path::make_directories_in_root(context.root_mount.get(), directory);
  if (!made) return within("working directory " + directory, std::move(made).error());
  return {};
}

}  // namespace mycontainer::runtime::init
