#include "runtime/engine/instance.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>

#include "reexec/sys/file.h"
#include "reexec/sys/replace_file.h"
#include "runtime/container/birth.h"
#include "runtime/container/status.h"
#include "runtime/container/store.h"
#include "runtime/engine/host_files.h"
#include "runtime/oci/json.h"
#include "runtime/state/places.h"

namespace mycontainer::runtime::engine {

namespace {

Result<void> write_host_file(int directory, const char* name, const std::string& text,
                             const InstanceRequest& request) {
  TRY_VOID(sys::write_file_at(directory, name, text, O_WRONLY | O_CREAT | O_TRUNC, 0644));
  const oci::Linux& config = request.spec.linux_config;
  if (request.record.rootless || config.uid_mappings.empty()) return {};
  // Root of the container's own user namespace may edit its files too.
  const uid_t uid = config.uid_mappings.front().host_id;
  const gid_t gid = config.gid_mappings.front().host_id;
  if (::fchownat(directory, name, uid, gid, AT_SYMLINK_NOFOLLOW) < 0) {
    return fail_errno("change the owner of {}", name);
  }
  return {};
}

bool shares_pid_namespace(const oci::Spec& spec) {
  return std::ranges::none_of(spec.linux_config.namespaces, [](const oci::Namespace& entry) {
    return entry.type == "pid" && entry.path.empty();
  });
}

network::Kind kind_of(const state::Record& record) {
  // Records that were written before there were others.
  if (record.networks.empty() && record.network == network::kHostNetwork) {
    return network::Kind::kHost;
  }
  return network::kind_of(record.networks);
}

constexpr std::size_t kShortId = 12;

// Of bridges, macvlans and ipvlans; nothing for all other kinds.
Result<std::optional<network::Membership>> claim_networks(const InstanceRequest& request) {
  const state::Record& record = request.record;
  if (kind_of(record) != network::Kind::kMember) return std::optional<network::Membership>();
  const network::Places places = state::places_of(request.roots);
  network::MembershipRequest wanted{places, record.id, request.live.path()};
  wanted.names = {record.name, record.id.substr(0, kShortId)};
  if (std::ranges::find(wanted.names, record.hostname) == wanted.names.end()) {
    wanted.names.push_back(record.hostname);
  }
  wanted.endpoints = record.networks;
  wanted.ports = record.ports;
  const bool named = std::ranges::any_of(record.networks, [](const auto& endpoint) {
    return endpoint.network != network::kDefaultNetwork;
  });
  if (named) wanted.name_servers = name_servers(record.names, host_texts());
  TRY(auto membership, network::Membership::claim(wanted));
  return std::optional(std::move(membership));
}

// Of pasta and slirp4netns; nothing for all other kinds.
Result<std::optional<network::UserNetwork>> prepare_user_network(const InstanceRequest& request) {
  const state::Record& record = request.record;
  if (kind_of(record) != network::Kind::kUserMode) return std::optional<network::UserNetwork>();
  const network::Places places = state::places_of(request.roots);
  network::UserNetworkRequest wanted{places, record.networks.front().network, request.live.fd()};
  wanted.ports = record.ports;
  wanted.loopback_server = loopback_server(record.names, host_texts());
  TRY(auto prepared, network::UserNetwork::prepare(wanted));
  return std::optional(std::move(prepared));
}

bool asks_for_host(const network::NameSettings& names) {
  return std::ranges::any_of(
      names.hosts, [](const std::string& entry) { return entry.ends_with(":host-gateway"); });
}

}  // namespace

Instance::Instance(const InstanceRequest& request, cgroup::CgroupRequest limits,
                   cgroup::Cgroup cgroup)
    : request_(request),
      limits_(std::move(limits)),
      cgroup_(std::move(cgroup)),
      shares_pid_namespace_(shares_pid_namespace(request.spec)) {}

Result<Instance> Instance::prepare(const InstanceRequest& request) {
  TRY_VOID(request.live.begin_run());
  cgroup::CgroupRequest limits{request.record.id, request.record.cgroup_parent,
                               request.spec.linux_config.resources, request.record.rootless};
  // Who lives on may be given limits later (update), and is asked for statistics.
  limits.every_hierarchy = !request.record.foreground;
  TRY(auto membership, claim_networks(request));
  TRY(auto user_network, prepare_user_network(request));
  TRY(cgroup::Cgroup cgroup, cgroup::Cgroup::create(limits));
  Instance instance(request, std::move(limits), std::move(cgroup));
  instance.membership_ = std::move(membership);
  instance.user_network_ = std::move(user_network);
  return instance;
}

// From outside, in the container's network namespace.
Result<void> Instance::enter_networks(pid_t pid) {
  if (membership_) return membership_->enter(pid);
  if (user_network_) return user_network_->ready();
  return {};
}

void Instance::leave_networks() {
  if (membership_) membership_->leave();
  if (user_network_) user_network_->leave();
  if (membership_ || user_network_) return;
  // Who was started without any may have been connected with one meanwhile.
  const std::string& live = request_.live.path();
  if (::access((live + "/" + network::kAttachmentFile).c_str(), F_OK) != 0) return;
  network::forget_member(state::places_of(request_.roots), request_.record.id, live);
}

const network::Attachment* Instance::attachment() const {
  if (membership_) return &membership_->attachment();
  return user_network_ ? &user_network_->attachment() : nullptr;
}

HostFiles Instance::host_files() const {
  const state::Record& record = request_.record;
  HostFiles files;
  files.hostname = record.hostname;
  files.domainname = request_.spec.domainname;
  files.kind = kind_of(record);
  files.names = record.names;
  const network::Attachment* const attached = attachment();
  if (attached == nullptr) return files;
  for (const network::Endpoint& endpoint : attached->endpoints) {
    if (!endpoint.names.empty()) files.name_service = true;
    for (const network::AssignedAddress& assigned : endpoint.addresses) {
      files.addresses.push_back(assigned.address);
      if (!files.gateway && !endpoint.internal) files.gateway = assigned.gateway;
    }
  }
  if (user_network_) {
    files.forwarder = user_network_->name_server();
    // The gateway leads to the outside, but not to the host.
    if (asks_for_host(files.names)) files.gateway = network::UserNetwork::host_address();
  }
  return files;
}

Result<void> Instance::write_host_files() const {
  const int directory = request_.live.fd();
  const HostFiles files = host_files();
  const HostTexts host = host_texts();
  TRY(const std::string hosts, hosts_text(files, host));
  TRY_VOID(write_host_file(directory, "hosts", hosts, request_));
  TRY_VOID(write_host_file(directory, "hostname", hostname_text(files.hostname), request_));
  return write_host_file(directory, "resolv.conf", resolv_conf_text(files, host), request_);
}

Result<void> Instance::write_files_of_child() const {
  const int directory = request_.live.fd();
  TRY_VOID(write_host_files());
  // Before anybody can find the process; gone in note_started().
  return sys::write_file_at(directory, container::kUnfinishedFifo, {}, O_WRONLY | O_CREAT | O_TRUNC,
                            0600);
}

// What the OCI runtime's commands need to find the container's processes.
Result<void> Instance::write_live_files(pid_t pid) const {
  const int directory = request_.live.fd();
  container::Record live;
  live.oci_version = request_.spec.oci_version;
  live.id = request_.record.id;
  live.bundle = request_.live.path();
  live.rootfs = request_.spec.root.path;
  live.pid = pid;
  TRY(live.start_time, container::start_time_of(pid));
  live.owner = ::geteuid();
  live.rootless = request_.record.rootless;
  live.cgroup = cgroup_.record();
  // Of another run of this container they may be there; a command that reads now must find a whole
  // one.
  TRY_VOID(
      sys::replace_file_at(directory, "config.json", oci::to_compact_json(request_.spec), 0600));
  return sys::replace_file_at(directory, "state.json", container::to_json(live), 0600);
}

Result<launch::Launch> Instance::give_birth(std::array<int, 3> streams, Trace& trace,
                                            const std::function<void()>& after_clone) {
  container::Birth birth{.spec = request_.spec, .cgroup = cgroup_, .cgroup_request = limits_};
  birth.streams = streams;
  birth.seal_directory = request_.roots.state;
  birth.seccomp_cache = request_.roots.data + "/seccomp";
  birth.rootless = request_.record.rootless;
  birth.shift_root = true;  // --rootfs DIR and images hold the ids that the container sees
  birth.follow_parent = true;
  // Our filter keeps a container from all keys; each keyring would count against the user's quota.
  if (!request_.spec.linux_config.seccomp) birth.session_keyring = "_ses." + request_.record.id;
  birth.trace = trace.enabled();
  birth.after_plan = [&](pid_t pid) -> Result<void> {
    trace.mark("plan");
    TRY_VOID(enter_networks(pid));
    trace.mark("networks");
    return {};
  };
  birth.after_clone = [&](pid_t pid) -> Result<void> {
    trace.mark("clone");
    after_clone();
    // It takes longer than all the rest, so that it begins first.
    if (user_network_) TRY_VOID(user_network_->start(pid));
    return write_files_of_child();
  };
  TRY(auto launch, container::give_birth(birth));
  trace.mark("devices and cgroups");
  // The child has all it needs and makes the container meanwhile.
  TRY_VOID(write_live_files(launch.process().pid()));
  trace.mark("records");
  return launch;
}

void Instance::note_started() const {
  ::unlinkat(request_.live.fd(), container::kUnfinishedFifo, 0);
  forget_volatile_marker();
}

// What a volatile overlay leaves in its work directory to refuse a second mount (mount option
// "volatile"): nobody mounts it again unless the container is restarted, which loses nothing.
void Instance::forget_volatile_marker() const {
  if (!request_.record.auto_remove || !request_.record.overlay) return;
  const std::string work =
      state::container_directory(request_.roots.data, request_.record.id) + "/work/work";
  const std::string incompat = work + "/incompat", volatile_marker = incompat + "/volatile";
  // The kernel makes them without any permission, which only root can do without.
  for (const std::string& path : {work, incompat, volatile_marker}) ::chmod(path.c_str(), 0700);
  ::unlink((volatile_marker + "/dirty").c_str());
  ::rmdir(volatile_marker.c_str());
  ::rmdir(incompat.c_str());
}

Result<void> Instance::clean_up(bool failed) {
  Result<void> killed;
  // Without a PID namespace of its own the container's other processes do not end with the first.
  if (failed || shares_pid_namespace_) killed = cgroup_.kill_all();
  leave_networks();
  TRY_VOID(killed);
  return cgroup_.remove();
}

}  // namespace mycontainer::runtime::engine
