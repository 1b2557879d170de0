#include "runtime/engine/prepare_spec.h"

#include <fcntl.h>
#include <linux/seccomp.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>

#include "reexec/sys/file.h"
#include "runtime/engine/host_devices.h"
#include "runtime/engine/id_maps.h"
#include "runtime/engine/image_config.h"
#include "runtime/engine/networks.h"
#include "runtime/engine/spec_from_request.h"
#include "runtime/engine/user_lookup.h"
#include "runtime/io/terminal.h"
#include "runtime/oci/signal_name.h"
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

// An image's user is as hostile as its /etc/passwd; what -u names takes its place.
UserRequest user_of(const RunRequest& request, const ImageConfig& image) {
  UserRequest user = request.user;
  if (!user.user.empty() || !user.group.empty()) return user;
  UserRequest of_image = parse_user(image.user);
  of_image.supplementary_groups = std::move(user.supplementary_groups);
  return of_image;
}

// The user namespace, and who the process is in it. A number that the namespace does not map is
// refused here, where it can be explained.
Result<void> add_identity(const RunRequest& request, const RootFilesystem& root, bool rootless,
                          SpecInputs& inputs) {
  ids::IdMaps maps;
  if (rootless) maps = ids::rootless_id_maps();
  if (!rootless && request.userns == UsernsMode::kAuto) maps = ids::automatic_id_maps(inputs.id);
  TRY(const UserDatabase database, user_database_of(root));
  TRY(inputs.user, resolve_user(user_of(request, root.config), database));
  drop_unmapped_groups(inputs.user, maps);
  TRY_VOID(check_mapped(inputs.user, maps));
  inputs.rootless = rootless;
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
                         const state::Record& record) {
  oci::Mount mount{"/", "overlay", "overlay", {}, {}, {}};
  for (const std::string& lower : root.lowers) mount.options.push_back("lowerdir+=" + lower);
  const std::string directory = state::container_directory(roots.data, record.id);
  mount.options.push_back("upperdir=" + directory + "/upper");
  mount.options.push_back("workdir=" + directory + "/work");
  // Where nothing written survives the container, nothing need be synced when it is unmounted.
  if (record.auto_remove) mount.options.emplace_back("volatile");
  if (record.rootless) mount.options.emplace_back("userxattr");
  return mount;
}

void add_root(const RootFilesystem& root, const state::Roots& roots, PreparedSpec& prepared) {
  oci::Spec& spec = prepared.spec;
  if (!root.overlay) {
    spec.root.path = root.lowers.front();
    return;
  }
  spec.root.path = state::container_directory(roots.state, prepared.record.id);
  spec.mounts.insert(spec.mounts.begin(), overlay_mount(root, roots, prepared.record));
}

// What is executed is in the configuration; this is how it came about, for `inspect` and `commit`.
void add_command(const RunRequest& request, const ImageConfig& image, state::Record& record) {
  record.entrypoint = request.entrypoint.value_or(image.entrypoint);
  record.command = request.command;
  if (record.command.empty() && !request.entrypoint) record.command = image.cmd;
}

std::string image_name(const RootSource& root) {
  return root.kind == RootSource::Kind::kBuiltin ? "busybox" : root.name;
}

// Those of the image were checked (image_config.h).
int stop_signal_of(const RunRequest& request, const ImageConfig& image) {
  if (request.stop_signal) return *request.stop_signal;
  return image.stop_signal.empty() ? SIGTERM
                                   : oci::signal_number(image.stop_signal).value_or(SIGTERM);
}

state::Record make_record(const RunRequest& request, const RootFilesystem& root,
                          const std::string& id) {
  state::Record record;
  record.id = id;
  record.name = request.name;
  record.image = image_name(request.root);
  record.image_id = root.image_id;
  record.created = state::now();
  add_command(request, root.config, record);
  record.labels = root.config.labels;
  for (const auto& [key, value] : request.labels) record.labels[key] = value;
  record.interactive = request.interactive;
  record.stdin_once = request.interactive && !request.detach;
  record.terminal = request.terminal;
  record.auto_remove = request.remove;
  record.overlay = root.overlay;
  record.rootless = ::geteuid() != 0;
  record.privileged = request.privileged;
  record.publish_all = request.publish_all;
  record.names = request.names;
  record.cgroup_parent = request.cgroup_parent;
  record.restart = request.restart;
  if (request.log) record.log = *request.log;
  record.exposed_ports = exposed_ports(request, root.config.exposed_ports);
  record.ports = published_ports(request, record.exposed_ports);
  record.health_check = merged_health_check(request.health_check, root.config.health_check);
  record.stop_signal = stop_signal_of(request, root.config);
  record.stop_timeout = request.stop_timeout;
  return record;
}

Result<oci::Spec> spec_with_volumes(const RunRequest& request, const state::Roots& roots,
                                    SpecInputs inputs, PreparedSpec& prepared) {
  if (!mounts_volumes(request, inputs.image.volumes)) {
    return spec_from_request(request, std::move(inputs));
  }
  TRY(VolumePlan plan, plan_volumes(request, inputs.image.volumes, roots));
  prepared.volumes = std::move(plan.volumes);
  prepared.record.volumes = std::move(plan.record);
  RunRequest with_volumes = request;
  with_volumes.mounts = std::move(plan.mounts);
  return spec_from_request(with_volumes, std::move(inputs));
}

// Who is in another container's network is called like that there: its names are in the other's
// files.
std::string host_files_of(const RunRequest& request, const state::Roots& roots,
                          const std::string& id) {
  if (network::kind_of(request.networks) != network::Kind::kContainer) {
    return state::container_directory(roots.state, id);
  }
  const std::string& mode = request.networks.front().network;
  return state::container_directory(roots.state, mode.substr(network::kContainerPrefix.size()));
}

Result<PreparedSpec> prepare(const RunRequest& request, const state::Roots& roots,
                             const std::string& id, const images::Report& report) {
  TRY(RootFilesystem root, open_root_filesystem(request, roots, report));
  PreparedSpec prepared;
  prepared.use = std::move(root.use);
  prepared.record = make_record(request, root, id);
  SpecInputs inputs;
  inputs.id = id;
  inputs.host_files = host_files_of(request, roots, id);
  inputs.image = root.config;
  inputs.cgroups_path =
      (request.cgroup_parent.empty() ? "/mycontainer" : request.cgroup_parent) + "/" + id;
  if (const auto size = io::current_size(); request.terminal && size) {
    inputs.console_size = oci::ConsoleSize{size->ws_row, size->ws_col};
  }
  TRY_VOID(add_host_facts(inputs));
  TRY_VOID(add_identity(request, root, prepared.record.rootless, inputs));
  TRY_VOID(add_security(request, inputs));
  TRY_VOID(add_devices(request, inputs));
  prepared.record.hostname = container_hostname(request, id, inputs.host_hostname);
  TRY(prepared.spec, spec_with_volumes(request, roots, std::move(inputs), prepared));
  prepared.record.args = prepared.spec.process->args;
  add_root(root, roots, prepared);
  return prepared;
}

}  // namespace

Result<PreparedSpec> prepare_spec(const RunRequest& request, const state::Roots& roots,
                                  const std::string& id, const images::Report& report) {
  TRY(auto networks, resolve_networks(request, roots));
  const bool joins_container = network::kind_of(networks) == network::Kind::kContainer;
  RunRequest joining;
  if (joins_container) {
    joining = request;
    joining.networks = networks;
    TRY(const state::Record other, container_named(networks.front().network, roots));
    joining.hostname = other.hostname;
  }
  TRY(PreparedSpec prepared, prepare(joins_container ? joining : request, roots, id, report));
  prepared.record.network = network_mode(networks);
  prepared.record.networks = std::move(networks);
  return prepared;
}

}  // namespace mycontainer::runtime::engine
