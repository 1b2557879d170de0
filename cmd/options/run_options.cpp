#include "cmd/options/run_options.h"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <utility>
#include <vector>

#include "cmd/options/container_options.h"
#include "cmd/options/health_options.h"
#include "cmd/options/lifecycle_options.h"
#include "cmd/options/limit_options.h"
#include "cmd/options/members.h"
#include "cmd/options/mount_options.h"
#include "cmd/options/name_options.h"
#include "cmd/options/namespace_options.h"
#include "cmd/options/network_options.h"
#include "cmd/options/parse.h"
#include "cmd/options/publish_options.h"
#include "cmd/options/registry_options.h"
#include "cmd/options/run_draft.h"
#include "cmd/options/security_options.h"
#include "cmd/options/values.h"

namespace mycontainer::cmd::options {

using runtime::engine::RootSource;
using runtime::engine::RunRequest;

namespace {

constexpr std::string_view kBuiltinImage = "busybox";

template <bool RunRequest::*Member>
Result<void> set_request_flag(RunDraft& draft, std::string_view value) {
  TRY(draft.request.*Member, parse_bool(value));
  return {};
}

Result<void> set_help(RunDraft& draft, std::string_view value) {
  TRY(draft.help, parse_bool(value));
  return {};
}

template <Result<void> (*Function)(RunDraft&, std::string_view)>
constexpr Apply on = &apply_to<RunDraft, Function>;

template <bool RunRequest::*Member>
constexpr Apply request_flag = &apply_to<RunDraft, &set_request_flag<Member>>;

Result<void> set_pull(RunDraft& draft, std::string_view value) {
  using runtime::engine::PullPolicy;
  auto& pull = draft.request.image.pull;
  if (value == "always") {
    pull = PullPolicy::kAlways;
  } else if (value == "missing") {
    pull = PullPolicy::kMissing;
  } else if (value == "never") {
    pull = PullPolicy::kNever;
  } else {
    return fail("not one of \"always\", \"missing\", \"never\"");
  }
  return {};
}

Result<void> set_platform(RunDraft& draft, std::string_view value) {
  TRY(draft.request.image.platform, rootfs::image::parse_platform(value));
  return {};
}

Result<void> set_quiet(RunDraft& draft, std::string_view value) {
  TRY(draft.request.image.quiet, parse_bool(value));
  return {};
}

constexpr std::array kOptions = {
    Option{"add-host", 0, "list", "Add a custom host-to-IP mapping (host:ip)", on<add_host>},
    Option{"annotation", 0, "map",
           "Add an annotation to the container (passed through to the OCI runtime)",
           on<add_annotation>},
    Option{"attach", 'a', "list", "Attach to STDIN, STDOUT or STDERR", on<add_attached_stream>},
    kAuthfile<&RunDraft::registry>,
    Option{"blkio-weight", 0, "uint16",
           "Block IO (relative weight), between 10 and 1000, or 0 to disable (default 0)",
           on<set_blkio_weight>},
    Option{"cap-add", 0, "list", "Add Linux capabilities", on<add_capability>},
    Option{"cap-drop", 0, "list", "Drop Linux capabilities", on<drop_capability>},
    kCertDir<&RunDraft::registry>,
    Option{"cgroup-parent", 0, "string", "Optional parent cgroup for the container",
           on<set_cgroup_parent>},
    Option{"cidfile", 0, "string", "Write the container ID to the file", on<set_cid_file>},
    Option{"cpu-period", 0, "int", "Limit CPU CFS (Completely Fair Scheduler) period",
           on<set_cpu_period>},
    Option{"cpu-quota", 0, "int", "Limit CPU CFS (Completely Fair Scheduler) quota",
           on<set_cpu_quota>},
    Option{"cpu-shares", 'c', "int", "CPU shares (relative weight)", on<set_cpu_shares>},
    Option{"cpus", 0, "decimal", "Number of CPUs", on<set_cpus>},
    Option{"cpuset-cpus", 0, "string", "CPUs in which to allow execution (0-3, 0,1)",
           on<set_cpuset_cpus>},
    Option{"cpuset-mems", 0, "string", "MEMs in which to allow execution (0-3, 0,1)",
           on<set_cpuset_mems>},
    Option{"detach", 'd', "", "Run container in background and print container ID",
           request_flag<&RunRequest::detach>},
    Option{"detach-keys", 0, "string", "Key sequence for detaching a container (none by default)",
           on<set_detach_keys>},
    Option{"device", 0, "list", "Add a host device to the container", on<add_device>},
    Option{"disable-content-trust", 0, "", "Skip image verification (default true)",
           flag<&RunDraft::content_trust>},
    Option{"dns", 0, "list", "Set custom DNS servers", on<add_dns_server>},
    Option{"dns-opt", 0, "list", "", on<add_dns_option>},
    Option{"dns-option", 0, "list", "Set DNS options", on<add_dns_option>},
    Option{"dns-search", 0, "list", "Set custom DNS search domains", on<add_dns_search>},
    Option{"domainname", 0, "string", "Container NIS domain name", on<set_domainname>},
    Option{"dry-run", 0, "", "Print the OCI configuration instead of running it",
           request_flag<&RunRequest::dry_run>},
    Option{"entrypoint", 0, "string", "Overwrite the default ENTRYPOINT of the image",
           on<set_entrypoint>},
    Option{"env", 'e', "list", "Set environment variables", on<add_env>},
    Option{"env-file", 0, "list", "Read in a file of environment variables", on<add_env_file>},
    Option{"expose", 0, "list", "Expose a port or a range of ports", on<add_exposed>},
    Option{"group-add", 0, "list", "Add additional groups to join", on<add_group>},
    Option{"health-cmd", 0, "string", "Command to run to check health", on<set_health_command>},
    Option{"health-interval", 0, "duration",
           "Time between running the check (ms|s|m|h) (default 30s)", on<set_health_interval>},
    Option{"health-retries", 0, "int", "Consecutive failures needed to report unhealthy",
           on<set_health_retries>},
    Option{"health-start-interval", 0, "duration",
           "Time between running the check during the start period (ms|s|m|h) (default 5s)",
           on<set_health_start_interval>},
    Option{"health-start-period", 0, "duration",
           "Start period for the container to initialize before starting health-retries countdown "
           "(ms|s|m|h) (default 0s)",
           on<set_health_start_period>},
    Option{"health-timeout", 0, "duration",
           "Maximum time to allow one check to run (ms|s|m|h) (default 30s)",
           on<set_health_timeout>},
    Option{"help", 0, "", "Print usage", on<set_help>},
    Option{"hostname", 'h', "string", "Container host name", on<set_hostname>},
    Option{"init", 0, "",
           "Run an init inside the container that forwards signals and reaps processes",
           request_flag<&RunRequest::init>},
    Option{"interactive", 'i', "", "Keep STDIN open even if not attached",
           request_flag<&RunRequest::interactive>},
    Option{"ip", 0, "string", "IPv4 address (e.g., 172.30.100.104)", on<set_ip>},
    Option{"ip6", 0, "string", "IPv6 address (e.g., 2001:db8::33)", on<set_ip6>},
    Option{"ipc", 0, "string", "IPC mode to use (host|private)", on<set_ipc>},
    Option{"label", 'l', "list", "Set meta data on a container", on<add_label>},
    Option{"label-file", 0, "list", "Read in a line delimited file of labels", on<add_label_file>},
    Option{"link", 0, "list", "", on<refuse_link>},
    Option{"link-local-ip", 0, "list", "", on<refuse_link_local>},
    Option{"log-driver", 0, "string", "Logging driver for the container (json-file|none)",
           on<set_log_driver>},
    Option{"log-opt", 0, "list", "Log driver options", on<add_log_option>},
    Option{"mac-address", 0, "string", "Container MAC address (e.g., 92:d0:c6:0a:29:33)",
           on<set_mac_address>},
    Option{"memory", 'm', "bytes", "Memory limit", on<set_memory>},
    Option{"memory-reservation", 0, "bytes", "Memory soft limit", on<set_memory_reservation>},
    Option{"memory-swap", 0, "bytes",
           "Swap limit equal to memory plus swap: '-1' to enable unlimited swap",
           on<set_memory_swap>},
    Option{"memory-swappiness", 0, "int",
           "Tune container memory swappiness (0 to 100) (default -1)", on<set_memory_swappiness>},
    Option{"mount", 0, "mount", "Attach a filesystem mount to the container", on<add_mount>},
    Option{"name", 0, "string", "Assign a name to the container", on<set_name>},
    Option{"net", 0, "network", "", on<add_network>},
    Option{"net-alias", 0, "list", "", on<add_network_alias>},
    Option{"network", 0, "network",
           "Connect a container to a network: NAME, none, host, container:NAME, ns:PATH, pasta, "
           "slirp4netns (default $MYCONTAINER_NETWORK, or else bridge, of an ordinary user pasta, "
           "slirp4netns or none, whichever there is)",
           on<add_network>},
    Option{"network-alias", 0, "list", "Add network-scoped alias for the container",
           on<add_network_alias>},
    Option{"no-healthcheck", 0, "", "Disable any container-specified HEALTHCHECK",
           on<set_no_healthcheck>},
    Option{"oom-kill-disable", 0, "", "Disable OOM Killer", on<set_oom_kill_disable>},
    Option{"oom-score-adj", 0, "int", "Tune host's OOM preferences (-1000 to 1000)",
           on<set_oom_score_adj>},
    Option{"pid", 0, "string", "PID namespace to use (host)", on<set_pid>},
    Option{"pids-limit", 0, "int", "Tune container pids limit (set -1 for unlimited)",
           on<set_pids_limit>},
    Option{"platform", 0, "string", "Set platform if server is multi-platform capable",
           on<set_platform>},
    Option{"privileged", 0, "", "Give extended privileges to this container",
           request_flag<&RunRequest::privileged>},
    Option{"publish", 'p', "list", "Publish a container's port(s) to the host", on<add_published>},
    Option{"publish-all", 'P', "", "Publish all exposed ports to random ports",
           request_flag<&RunRequest::publish_all>},
    Option{"pull", 0, "string",
           "Pull image before running (\"always\", \"missing\", \"never\") (default \"missing\")",
           on<set_pull>},
    Option{"quiet", 'q', "", "Suppress the pull output", on<set_quiet>},
    Option{"read-only", 0, "", "Mount the container's root filesystem as read only",
           request_flag<&RunRequest::read_only>},
    Option{"restart", 0, "string",
           "Restart policy to apply when a container exits (default \"no\")", on<set_restart>},
    Option{"rm", 0, "", "Automatically remove the container when it exits",
           request_flag<&RunRequest::remove>},
    Option{"rootfs", 0, "dir[:O]",
           "Use a directory as the root filesystem, with :O below a throw-away overlay",
           on<set_rootfs>},
    Option{"security-opt", 0, "list", "Security Options", on<add_security_option>},
    Option{"shm-size", 0, "bytes", "Size of /dev/shm", on<set_shm_size>},
    Option{"sig-proxy", 0, "", "Proxy received signals to the process (default true)",
           request_flag<&RunRequest::sig_proxy>},
    Option{"stop-signal", 0, "string", "Signal to stop the container", on<set_stop_signal>},
    Option{"stop-timeout", 0, "int", "Timeout (in seconds) to stop a container",
           on<set_stop_timeout>},
    Option{"sysctl", 0, "map", "Sysctl options", on<add_sysctl>},
    kTlsVerify<&RunDraft::registry>,
    Option{"tmpfs", 0, "list", "Mount a tmpfs directory", on<add_tmpfs>},
    Option{"trace", 0, "[=file]",
           "Show every step with its microseconds on standard error, or write them to a file for "
           "Perfetto",
           on<set_trace>},
    Option{"tty", 't', "", "Allocate a pseudo-TTY", request_flag<&RunRequest::terminal>},
    Option{"ulimit", 0, "ulimit", "Ulimit options", on<add_ulimit>},
    Option{"user", 'u', "string", "Username or UID (format: <name|uid>[:<group|gid>])",
           on<set_user>},
    Option{"userns", 0, "string", "User namespace to use (host|auto)", on<set_userns>},
    Option{"uts", 0, "string", "UTS namespace to use (host)", on<set_uts>},
    Option{"volume", 'v', "list", "Bind mount a volume", on<add_volume>},
    Option{"volume-driver", 0, "string", "Optional volume driver for the container",
           on<set_volume_driver>},
    Option{"volumes-from", 0, "list", "Mount volumes from the specified container(s)",
           on<add_volumes_from>},
    Option{"workdir", 'w', "string", "Working directory inside the container", on<set_workdir>},
};

// What is about the running alone.
constexpr std::array<std::string_view, 5> kOnlyRun = {"detach", "detach-keys", "dry-run",
                                                      "sig-proxy", "trace"};

// Takes IMAGE from the front of `words`, where there is one.
Result<void> take_image(RunDraft& draft, Arguments& words) {
  if (!draft.builtin_root) {
    if (words.empty() && !draft.request.entrypoint) return fail("no command specified");
    return {};
  }
  if (words.empty()) {
    return Failure(Error{"an image or a command is needed", 0,
                         "for a shell in the built-in root filesystem: mycontainer run -it /bin/sh",
                         0});
  }
  const std::string_view word = words.front();
  if (word.starts_with('/') || word.starts_with('.')) return {};
  if (word.empty()) return fail("invalid reference format");
  words = words.subspan(1);
  if (word == kBuiltinImage) return {};
  draft.request.root = {RootSource::Kind::kImage, std::string(word), true};
  return {};
}

Result<void> check_hostname(const RunDraft& draft) {
  if (draft.request.host_uts && !draft.request.domainname.empty()) {
    return fail("conflicting options: domain name and the UTS mode");
  }
  if (draft.request.host_uts && !draft.request.hostname.empty()) {
    return fail("conflicting options: hostname and the UTS mode");
  }
  return {};
}

// What --network says when it is not typed (README, "Environment").
std::string_view default_network() {
  const char* value = std::getenv("MYCONTAINER_NETWORK");
  return value == nullptr ? std::string_view() : value;
}

Result<void> finish(RunDraft& draft, Arguments words, std::vector<std::string>& warnings) {
  TRY_VOID(take_image(draft, words));
  draft.request.image.registry = draft.registry;
  draft.request.command.assign(words.begin(), words.end());
  auto& env = draft.request.env;
  env.insert(env.begin(), draft.env_from_files.begin(), draft.env_from_files.end());
  TRY_VOID(check_limits(draft));
  TRY_VOID(finish_mounts(draft));
  TRY_VOID(check_published(draft));
  TRY_VOID(finish_networks(draft, default_network(), warnings));
  TRY_VOID(check_sysctls(draft));
  TRY_VOID(finish_health(draft));
  TRY_VOID(check_lifecycle(draft));
  return check_hostname(draft);
}

}  // namespace

OptionTable run_options() { return kOptions; }

OptionTable create_options() {
  static const auto kCreate = [] {
    std::vector<Option> kept;
    for (const Option& option : kOptions) {
      const bool only_run = std::ranges::find(kOnlyRun, option.name) != kOnlyRun.end();
      if (!only_run) kept.push_back(option);
    }
    return kept;
  }();
  return kCreate;
}

Result<ParsedRun> parse_run(OptionTable table, Arguments arguments) {
  RunDraft draft;
  TRY(const Arguments words, parse(table, &draft, arguments));
  ParsedRun parsed;
  if (!draft.help) TRY_VOID(finish(draft, words, parsed.warnings));
  parsed.request = std::move(draft.request);
  parsed.help = draft.help;
  return parsed;
}

}  // namespace mycontainer::cmd::options
