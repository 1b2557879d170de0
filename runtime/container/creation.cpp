#include "runtime/container/creation.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <ctime>
#include <iterator>

#include "reexec/sys/file.h"
#include "runtime/container/console_socket.h"
#include "runtime/container/descriptors.h"
#include "runtime/container/status.h"
#include "runtime/hooks/hooks.h"
#include "runtime/network/netlink/devices.h"
#include "runtime/oci/defaults.h"
#include "runtime/oci/state.h"
#include "runtime/rdt/group.h"
#include "runtime/security/seccomp_listener.h"

namespace mycontainer::runtime::container {

namespace {

std::string now_text() {
  timespec now{};
  ::clock_gettime(CLOCK_REALTIME, &now);
  tm parts{};
  ::gmtime_r(&now.tv_sec, &parts);
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:09}Z", parts.tm_year + 1900,
                     parts.tm_mon + 1, parts.tm_mday, parts.tm_hour, parts.tm_min, parts.tm_sec,
                     now.tv_nsec);
}

// The configuration's rules, then what every container may use: its /dev has these devices
// (config-linux.md, "Default Devices"), and it may make others. Without rules everything else is
// denied, as runc does it.
std::vector<oci::DeviceRule> device_rules(std::vector<oci::DeviceRule> rules) {
  const auto defaults = oci::default_device_rules();
  const auto first = rules.empty() ? defaults.begin() : std::next(defaults.begin());  // deny all
  rules.insert(rules.end(), first, defaults.end());
  return rules;
}

bool has_hooks(const oci::Hooks& hooks) {
  return !(hooks.prestart.empty() && hooks.create_runtime.empty() &&
           hooks.create_container.empty() && hooks.start_container.empty());
}

}  // namespace

Creation::Creation(const CreateRequest& request, const Settings& settings, Bundle bundle,
                   StateDirectory directory)
    : request_(request),
      settings_(settings),
      bundle_(std::move(bundle)),
      directory_(std::move(directory)) {
  record_.oci_version = bundle_.spec.oci_version;
  record_.id = request.id;
  record_.bundle = bundle_.path;
  record_.rootfs = bundle_.spec.root.path;
  record_.created = now_text();
  record_.owner = ::geteuid();
  record_.rootless = settings.is_rootless;
  record_.annotations = bundle_.spec.annotations;
}

Result<Creation> Creation::prepare(const CreateRequest& request, const Settings& settings) {
  TRY_VOID(check_id(request.id));
  TRY(auto preserved, preserved_descriptors(request.preserved_fds));
  TRY(Bundle bundle, load_bundle(request.bundle));
  if (!bundle.spec.process) return fail("process: missing");
  auto& env = bundle.spec.process->env;
  env.insert(env.end(), request.env.begin(), request.env.end());
  TRY(StateDirectory directory, StateDirectory::create(settings.root, request.id));
  Creation creation(request, settings, std::move(bundle), std::move(directory));
  creation.preserved_ = std::move(preserved);
  TRY_VOID(creation.make_files());
  TRY_VOID(creation.write_record());
  TRY_VOID(creation.make_cgroup());
  return creation;
}

Creation::~Creation() {
  if (finished_ || directory_.fd() < 0) return;
  const bool had_process = launch_.has_value();
  launch_.reset();
  (void)cgroup_.kill_all();
  (void)cgroup_.remove();
  const auto& intel_rdt = bundle_.spec.linux_config.intel_rdt;
  if (intel_rdt && had_process) (void)rdt::remove_group(*intel_rdt, request_.id);
  if (had_process) {
    hooks::run_all_hooks("poststop", bundle_.spec.hooks.poststop, state_json("stopped"));
  }
}

Result<void> Creation::make_files() {
  TRY_VOID(directory_.write("config.json", bundle_.config_text));
  if (::mkfifoat(directory_.fd(), kUnfinishedFifo, 0600) < 0) {
    return fail_errno("mkfifo {}/{}", directory_.path(), kUnfinishedFifo);
  }
  TRY(fifo_, sys::open_at(directory_.fd(), kUnfinishedFifo, O_RDWR | O_NOFOLLOW));
  TRY(failure_, sys::open_at(directory_.fd(), kFailureFile, O_WRONLY | O_CREAT | O_EXCL, 0600));
  return {};
}

Result<void> Creation::make_cgroup() {
  if (settings_.no_cgroup) return {};
  cgroup_request_.id = request_.id;
  cgroup_request_.path = bundle_.spec.linux_config.cgroups_path;
  cgroup_request_.resources = bundle_.spec.linux_config.resources;
  auto& devices = cgroup_request_.resources.devices;
  devices = device_rules(std::move(devices));
  cgroup_request_.rootless = settings_.is_rootless;
  cgroup_request_.every_hierarchy = true;
  cgroup_request_.naming = cgroup::Naming::kProperties;
  if (settings_.systemd_cgroup) {
    cgroup_request_.driver = cgroup::Driver::kSystemd;
    return {};  // made for a process that exists
  }
  TRY(cgroup_, cgroup::Cgroup::create(cgroup_request_));
  return {};
}

Result<void> Creation::write_record() {
  record_.cgroup = cgroup_.record();
  return directory_.write("state.json", to_json(record_));
}

oci::State Creation::state(std::string_view status) const {
  oci::State state;
  state.oci_version = record_.oci_version;
  state.id = record_.id;
  state.status = status;
  state.pid = status == "stopped" ? 0 : record_.pid;
  state.bundle = record_.bundle;
  state.annotations = record_.annotations;
  return state;
}

std::string Creation::state_json(std::string_view status) const {
  return oci::to_json(state(status));
}

Result<void> Creation::send_seccomp_listener(UniqueFd listener) const {
  const oci::Seccomp& seccomp = *bundle_.spec.linux_config.seccomp;
  oci::ContainerProcessState process;
  process.oci_version = record_.oci_version;
  process.pid = record_.pid;
  process.metadata = seccomp.listener_metadata;
  process.state = state("creating");
  return security::send_seccomp_listener(seccomp.listener_path, std::move(listener), process);
}

Result<void> Creation::record_process(pid_t pid) {
  record_.pid = pid;
  TRY(record_.start_time, start_time_of(pid));
  if (has_hooks(bundle_.spec.hooks)) {
    states_ = {state_json("creating"), state_json("created")};
  }
  return write_record();
}

// What the host has and the container gets, once its first process is in its namespaces.
Result<void> Creation::give_host_resources(pid_t pid) {
  const oci::Linux& config = bundle_.spec.linux_config;
  if (config.intel_rdt) TRY_VOID(rdt::enter_group(*config.intel_rdt, request_.id, pid));
  if (config.net_devices.empty()) return {};
  TRY(const UniqueFd network,
      sys::open_at(AT_FDCWD, fmt::format("/proc/{}/ns/net", pid), O_RDONLY));
  return network::move_net_devices(config.net_devices, network.get());
}

Result<void> Creation::give_birth(const std::array<int, 3>& streams, bool held) {
  held_ = held;
  Birth birth{.spec = bundle_.spec, .cgroup = cgroup_, .cgroup_request = cgroup_request_};
  birth.streams = streams;
  birth.seal_directory = directory_.path();
  birth.seccomp_cache = settings_.root + "/.seccomp";
  birth.rootless = settings_.is_rootless;
  birth.no_pivot = request_.no_pivot;
  if (!request_.no_new_keyring) birth.session_keyring = session_keyring_of(request_.id);
  if (held) birth.gifts = {fifo_.get(), failure_.get(), {}};
  birth.gifts.preserved = preserved_;
  birth.after_clone = [this](pid_t pid) -> Result<void> {
    TRY_VOID(record_process(pid));
    return give_host_resources(pid);
  };
  birth.states = &states_;
  TRY(auto launch, container::give_birth(birth));
  launch_.emplace(std::move(launch));
  // Only now does anybody know what systemd has made.
  return settings_.systemd_cgroup ? write_record() : Result<void>();
}

Result<void> Creation::react(launch::Started& started) {
  if (started.wants_hooks) {
    started.wants_hooks = false;
    const oci::Hooks& hooks = bundle_.spec.hooks;
    TRY_VOID(hooks::run_hooks("prestart", hooks.prestart, states_.creating));
    TRY_VOID(hooks::run_hooks("createRuntime", hooks.create_runtime, states_.creating));
    TRY_VOID(launch_->go());
  }
  if (started.seccomp_listener) {
    TRY_VOID(send_seccomp_listener(std::move(started.seccomp_listener)));
  }
  if (!started.console) return {};
  if (request_.console_socket.empty()) {
    console_ = std::move(started.console);
    return {};
  }
  const UniqueFd master = std::move(started.console);
  return send_console(request_.console_socket, master.get());
}

Result<void> Creation::complete() {
  launch::Started started;
  while (true) {
    TRY(const bool more, launch_->take_message(started));
    TRY_VOID(react(started));
    if (!more) break;
  }
  if (!held_ || started.held) return {};
  Error error{"the container's first process was killed before it was ready", 0, {}, 0};
  error.hint = "a memory limit that is too low does that";
  return Failure(std::move(error));
}

Result<void> Creation::finish() {
  TRY_VOID(write_pid_file(request_.pid_file, record_.pid));
  const int directory = directory_.fd();
  const int done = held_ ? ::renameat(directory, kUnfinishedFifo, directory, kStartFifo)
                         : ::unlinkat(directory, kUnfinishedFifo, 0);
  if (done < 0) return fail_errno("publish the container {}", request_.id);
  if (held_) TRY_VOID(launch_->go());
  finished_ = true;
  directory_.keep();
  cgroup_.release();
  return {};
}

}  // namespace mycontainer::runtime::container
