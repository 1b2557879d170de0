#include "runtime/engine/prepare_spec.h"

#include <fcntl.h>
#include <linux/seccomp.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <cstdio>

#include "reexec/sys/file.h"
#include "runtime/engine/host_devices.h"
#include "runtime/engine/id_maps.h"
#include "runtime/engine/spec_from_request.h"
#include "runtime/engine/user_lookup.h"
#include "runtime/io/terminal.h"
#include "runtime/security/capabilities.h"
#include "runtime/security/protected_paths.h"
#include "runtime/security/seccomp_compile.h"
#include "runtime/security/seccomp_default.h"
#include "runtime/security/seccomp_json.h"

namespace mycontainer::runtime::engine {

namespace {

Result<void> add_host_facts(SpecInputs& inputs) {
  utsname host{};
  if (::uname(&host) < 0) return fail_errno("uname");
  inputs.host_hostname = static_cast<const char*>(host.nodename);
  std::sscanf(static_cast<const char*>(host.release), "%d.%d", &inputs.kernel.major,
              &inputs.kernel.minor);
  return {};
}

// The user namespace, and who the process is in it. A number that the namespace does not map is
// refused here, where it can be explained.
Result<void> add_identity(const RunRequest& request, const RootFilesystem& root, bool rootless,
                          SpecInputs& inputs) {
  IdMaps maps;
  if (rootless) maps = rootless_id_maps();
  if (!rootless && request.userns == UsernsMode::kAuto) maps = automatic_id_maps(inputs.id);
  TRY(const UserDatabase database, read_user_database(root.view.get()));
  TRY(inputs.user, resolve_user(request.user, database));
  drop_unmapped_groups(inputs.user, maps);
  TRY_VOID(check_mapped(inputs.user, maps));
  inputs.uid_mappings = std::move(maps.uids);
  inputs.gid_mappings = std::move(maps.gids);
  return {};
}

Result<oci::Seccomp> seccomp_profile(const SeccompRequest& request,
                                     security::CapabilityMask bounding) {
  const security::SeccompContext context = security::seccomp_context(bounding);
  if (request.kind == SeccompRequest::Kind::kDefault) return security::default_seccomp(context);
  TRY(const std::string text, sys::read_file_at(AT_FDCWD, request.file));
  auto profile = security::parse_seccomp_profile(text, context);
  if (!profile) return within("seccomp profile " + request.file, std::move(profile).error());
  TRY(const unsigned flags, security::seccomp_flags(*profile));
  if ((flags & SECCOMP_FILTER_FLAG_NEW_LISTENER) != 0) {
    return fail("seccomp profile {}: nobody here answers SCMP_ACT_NOTIFY", request.file);
  }
  return profile;
}

Result<void> add_security(const RunRequest& request, SpecInputs& inputs) {
  const bool user_namespace = !inputs.uid_mappings.empty();
  if (request.privileged && request.userns == UsernsMode::kAuto) {
    return fail("--privileged and --userns auto contradict each other");
  }
  TRY(const oci::Capabilities granted,
      security::resolve({request.cap_add, request.cap_drop, request.privileged},
                        security::available_capabilities(user_namespace)));
  inputs.capabilities = granted.bounding;
  if (!request.privileged) inputs.machine_masked_paths = security::thermal_throttle_paths("/sys");
  if (request.seccomp.kind == SeccompRequest::Kind::kUnconfined) return {};
  if (request.privileged && request.seccomp.kind == SeccompRequest::Kind::kDefault) return {};
  const auto bounding = security::parse_capabilities(granted).sets.bounding;
  TRY(inputs.seccomp, seccomp_profile(request.seccomp, bounding));
  return {};
}

Result<void> add_devices(const RunRequest& request, SpecInputs& inputs) {
  TRY(inputs.devices, granted_devices(request.devices));
  if (!request.privileged) return {};
  TRY(auto all, all_host_devices());
  inputs.devices.insert(inputs.devices.end(), all.begin(), all.end());
  return {};
}

// The overlay is a mount on "/" itself, first in the list (launch/plan.h).
oci::Mount overlay_mount(const RootFilesystem& root, const state::Roots& roots,
                         const std::string& id, bool rootless) {
  oci::Mount mount{"/", "overlay", "overlay", {}, {}, {}};
  for (const std::string& lower : root.lowers) mount.options.push_back("lowerdir+=" + lower);
  mount.options.push_back("upperdir=" + state::upper_directory(roots.data, id));
  mount.options.push_back("workdir=" + state::work_directory(roots.data, id));
  // Nothing written survives the container, so nothing need be synced when it is unmounted.
  mount.options.emplace_back("volatile");
  if (rootless) mount.options.emplace_back("userxattr");
  return mount;
}

void add_root(const RootFilesystem& root, const state::Roots& roots, PreparedSpec& prepared,
              const std::string& id) {
  oci::Spec& spec = prepared.spec;
  if (!root.overlay) {
    spec.root.path = root.lowers.front();
    return;
  }
  spec.root.path = roots.state + "/containers/" + id;
  spec.mounts.insert(spec.mounts.begin(), overlay_mount(root, roots, id, prepared.rootless));
}

}  // namespace

Result<PreparedSpec> prepare_spec(const RunRequest& request, const state::Roots& roots,
                                  const std::string& id) {
  PreparedSpec prepared;
  prepared.rootless = ::geteuid() != 0;
  prepared.trace = request.trace.enabled;
  TRY(const RootFilesystem root, open_root_filesystem(request.root, roots.data));
  SpecInputs inputs;
  inputs.id = id;
  inputs.host_files = roots.state + "/containers/" + id;
  inputs.image = root.config;
  inputs.cgroups_path =
      (request.cgroup_parent.empty() ? "/mycontainer" : request.cgroup_parent) + "/" + id;
  if (const auto size = io::current_size(); request.terminal && size) {
    inputs.console_size = oci::ConsoleSize{size->ws_row, size->ws_col};
  }
  TRY_VOID(add_host_facts(inputs));
  TRY_VOID(add_identity(request, root, prepared.rootless, inputs));
  TRY_VOID(add_security(request, inputs));
  TRY_VOID(add_devices(request, inputs));
  prepared.hostname = container_hostname(request, id, inputs.host_hostname);
  TRY(prepared.spec, spec_from_request(request, std::move(inputs)));
  add_root(root, roots, prepared, id);
  return prepared;
}

}  // namespace mycontainer::runtime::engine
