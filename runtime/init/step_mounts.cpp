// The steps for everything that is mounted below "/".
#include <fcntl.h>
#include <sys/mount.h>

#include "rootfs/mount/attach.h"
#include "rootfs/mount/mask.h"
#include "rootfs/mount/prepare.h"
#include "rootfs/path/create.h"
#include "rootfs/path/open.h"
#include "runtime/init/procfs.h"
#include "runtime/init/steps.h"

namespace mycontainer::runtime::init {

namespace mount = rootfs::mount;

Result<UniqueFd> take_given(Context& context, std::int32_t index) {
  const auto at = static_cast<std::size_t>(index);
  if (at >= context.given.size()) return fail("the parent process sent too few mounts");
  return std::move(context.given[at]);
}

namespace {

Result<void> prepare_one(Context& context, std::size_t index) {
  const PlannedMount& planned = context.plan.mounts[index];
  auto prepared =
      planned.given >= 0 ? take_given(context, planned.given) : mount::prepare(planned.mount);
  if (!prepared) {
    return within("mount " + planned.mount.destination, std::move(prepared).error());
  }
  context.prepared[index] = std::move(*prepared);
  return {};
}

// Those must be cloned while their source still belongs to the host's peers.
bool is_propagating_bind(const mount::MountPlan& plan) {
  return plan.kind == mount::MountKind::kBind &&
         (plan.propagation == MS_SHARED || plan.propagation == MS_SLAVE);
}

}  // namespace

Result<void> prepare_shared_binds(Context& context) {
  context.prepared.resize(context.plan.mounts.size());
  for (std::size_t i = 0; i < context.plan.mounts.size(); ++i) {
    if (is_propagating_bind(context.plan.mounts[i].mount)) TRY_VOID(prepare_one(context, i));
  }
  return {};
}

namespace {

bool needs_procfs(const InitPlan& plan) {
  return plan.oom_score_adj || !plan.sysctls.empty() || !plan.identity.apparmor_profile.empty() ||
         !plan.identity.selinux_label.empty();
}

}  // namespace

Result<void> prepare_mounts(Context& context) {
  for (std::size_t i = 0; i < context.plan.mounts.size(); ++i) {
    if (!context.prepared[i]) TRY_VOID(prepare_one(context, i));
    const mount::MountPlan& planned = context.plan.mounts[i].mount;
    if (planned.type == "devpts") context.devpts = context.prepared[i].get();
  }
  if (needs_procfs(context.plan)) {
    TRY(context.private_procfs, open_private_procfs());
    context.proc = context.private_procfs.get();
  }
  return prepare_device_binds(context);
}

Result<void> attach_mounts(Context& context) {
  if (context.attached) return {};
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
