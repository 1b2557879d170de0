#include "runtime/engine/spec_from_request.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <string>

#include "runtime/engine/spec_parts.h"
#include "runtime/oci/json.h"

namespace mycontainer::runtime::engine {
namespace {

using Strings = std::vector<std::string>;

SpecInputs some_inputs() {
  SpecInputs inputs;
  inputs.id = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";
  inputs.rootfs = "/state/rootfs";
  inputs.host_files = "/state/files";
  inputs.host_hostname = "the-host";
  inputs.cgroups_path = "/mycontainer/x";
  inputs.image.env = {"PATH=/image/bin", "LANG=C"};
  inputs.image.cmd = {"/bin/sh"};
  inputs.user.home = "/root";
  inputs.capabilities = {"CAP_CHOWN", "CAP_KILL"};
  inputs.seccomp.emplace().default_action = "SCMP_ACT_ERRNO";
  inputs.kernel = {6, 1};
  return inputs;
}
SpecInputs in_user_namespace(std::uint32_t size) {
  SpecInputs inputs = some_inputs();
  inputs.uid_mappings = inputs.gid_mappings = {{0, 100000, size}};
  return inputs;
}

oci::Spec make(const RunRequest& request, const SpecInputs& inputs = some_inputs()) {
  const Result<oci::Spec> spec = spec_from_request(request, inputs);
  EXPECT_TRUE(spec) << spec.error().message();
  return spec ? *spec : oci::Spec{};
}

const oci::Mount* find_mount(const oci::Spec& spec, const std::string& destination) {
  const oci::Mount* found = nullptr;
  for (const oci::Mount& mount : spec.mounts) {
    if (mount.destination != destination) continue;
    EXPECT_EQ(found, nullptr) << destination << " is mounted twice";
    found = &mount;
  }
  return found;
}
bool has(const Strings& list, const std::string& word) {
  return std::find(list.begin(), list.end(), word) != list.end();
}
Strings namespaces_of(const oci::Spec& spec) {
  Strings types;
  for (const oci::Namespace& ns : spec.linux_config.namespaces) types.push_back(ns.type);
  return types;
}

MountRequest bind(const std::string& source, const std::string& destination) {
  MountRequest mount;
  mount.source = source;
  mount.destination = destination;
  return mount;
}

TEST(SpecFromRequest, MakesAConfigurationThatSurvivesJson) {
  RunRequest request;
  request.labels = {{"a", "b"}};
  request.mounts = {bind("/src", "/dst")};
  const std::string text = oci::to_json(make(request));
  const Result<oci::Spec> again = oci::from_json(text);
  ASSERT_TRUE(again) << again.error().message();
  EXPECT_EQ(oci::to_json(*again), text);
}

TEST(SpecFromRequest, CombinesEntryPointAndCommandAsDockerDoes) {
  struct Case {
    std::optional<Strings> entrypoint;
    Strings command, image_entrypoint, image_cmd, expected;
  };
  const Case cases[] = {
      {{}, {}, {}, {"sh"}, {"sh"}},
      {{}, {"ls", "-l"}, {}, {"sh"}, {"ls", "-l"}},
      {{}, {}, {"entry"}, {"default"}, {"entry", "default"}},
      {{}, {"mine"}, {"entry"}, {"default"}, {"entry", "mine"}},
      {Strings{"other"}, {}, {"entry"}, {"default"}, {"other"}},
      {Strings{"other"}, {"mine"}, {"entry"}, {"default"}, {"other", "mine"}},
      {Strings{}, {"mine"}, {"entry"}, {"default"}, {"mine"}},
  };
  for (const Case& c : cases) {
    RunRequest request;
    request.entrypoint = c.entrypoint;
    request.command = c.command;
    SpecInputs inputs = some_inputs();
    inputs.image.entrypoint = c.image_entrypoint;
    inputs.image.cmd = c.image_cmd;
    EXPECT_EQ(make(request, inputs).process->args, c.expected);
  }
}

TEST(SpecFromRequest, RefusesToStartNothing) {
  RunRequest request;
  request.entrypoint = Strings{};
  const Result<oci::Spec> spec = spec_from_request(request, some_inputs());
  ASSERT_FALSE(spec);
  EXPECT_EQ(spec.error().message(), "no command specified");
}

TEST(SpecFromRequest, FillsTheEnvironmentInDockersOrder) {
  RunRequest request;
  EXPECT_EQ(make(request).process->env,
            (Strings{"PATH=/image/bin", "HOSTNAME=0123456789ab", "LANG=C", "HOME=/root"}));
  request.terminal = true;
  request.env = {"LANG=de", "EMPTY=", "HOME=/elsewhere", "X=1", "X=2"};
  EXPECT_EQ(make(request).process->env,
            (Strings{"PATH=/image/bin", "HOSTNAME=0123456789ab", "TERM=xterm", "LANG=de",
                     "EMPTY=", "HOME=/elsewhere", "X=2"}));
}

TEST(SpecFromRequest, NeverTakesAnEntryWithoutAValueForOneOfTheHosts) {
  SpecInputs inputs = some_inputs();
  inputs.image.env = {"SECRET", "=x", "OK=1"};
  EXPECT_EQ(make({}, inputs).process->env,
            (Strings{"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
                     "HOSTNAME=0123456789ab", "OK=1", "HOME=/root"}));
}

TEST(SpecFromRequest, TellsApartVariablesThatBeginAlike) {
  Strings env = {"PATHS=1"};
  set_variables(env, {"PATH=2"});
  EXPECT_EQ(env, (Strings{"PATHS=1", "PATH=2"}));
}

TEST(SpecFromRequest, SetsAHundredThousandVariablesInLinearTime) {
  Strings entries;
  for (int round = 0; round < 2; ++round) {
    for (int i = 0; i < 100000; ++i) {
      entries.push_back("V" + std::to_string(i) + "=" + std::to_string(round));
    }
  }
  Strings env = {"V7=old"};
  // Name by name against all others this takes the better part of a minute.
  const auto begin = std::chrono::steady_clock::now();
  set_variables(env, entries);
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(5));
  EXPECT_EQ(env.size(), 100000U);
  EXPECT_EQ(env.front(), "V7=1");
  EXPECT_EQ(env.back(), "V99999=1");
}

TEST(SpecFromRequest, TakesTheHostNameFromTheFirstThatHasOne) {
  RunRequest request;
  EXPECT_EQ(make(request).hostname, "0123456789ab");
  request.networks = {{.network = "host"}};
  EXPECT_EQ(make(request).hostname, "the-host");
  request.hostname = "mine";
  EXPECT_EQ(make(request).hostname, "mine");
  RunRequest shared;
  shared.host_uts = true;
  EXPECT_EQ(make(shared).hostname, "");
  EXPECT_TRUE(has(make(shared).process->env, "HOSTNAME=the-host"));
}

TEST(SpecFromRequest, TakesUserTerminalAndLimitsOver) {
  RunRequest request;
  request.terminal = true;
  request.no_new_privileges = true;
  request.oom_score_adj = -5;
  request.ulimits = {{"RLIMIT_NOFILE", 20, 10}};
  SpecInputs inputs = some_inputs();
  inputs.user = {7, 8, {8, 9}, "/"};
  inputs.console_size = {25, 80};
  const oci::Process process = *make(request, inputs).process;
  EXPECT_EQ(process.user.uid, 7u);
  EXPECT_EQ(process.user.additional_gids, (std::vector<std::uint32_t>{8, 9}));
  EXPECT_EQ(process.console_size->width, 80u);
  EXPECT_TRUE(process.no_new_privileges);
  EXPECT_EQ(process.oom_score_adj, -5);
  EXPECT_EQ(process.rlimits.at(0).soft, 10u);
  EXPECT_EQ(process.capabilities->bounding, inputs.capabilities);
  EXPECT_TRUE(process.capabilities->inheritable.empty());
  EXPECT_TRUE(process.capabilities->ambient.empty());
}

TEST(SpecFromRequest, StartsInTheAskedTheImagesOrTheRootDirectory) {
  SpecInputs inputs = some_inputs();
  RunRequest request;
  EXPECT_EQ(make(request, inputs).process->cwd, "/");
  inputs.image.working_directory = "srv";
  EXPECT_EQ(make(request, inputs).process->cwd, "/srv");
  request.working_directory = "/mine";
  EXPECT_EQ(make(request, inputs).process->cwd, "/mine");
}

TEST(SpecFromRequest, MakesANamespaceOfEveryKindThatIsNotShared) {
  EXPECT_EQ(namespaces_of(make({})), (Strings{"mount", "pid", "network", "ipc", "uts", "cgroup"}));
  RunRequest shared;
  shared.host_pid = shared.host_ipc = shared.host_uts = true;
  shared.networks = {{.network = "host"}};
  EXPECT_EQ(namespaces_of(make(shared)), (Strings{"mount", "cgroup"}));
  EXPECT_EQ(namespaces_of(make({}, in_user_namespace(65536))).front(), "user");
}

TEST(SpecFromRequest, ProtectsTheHostsFilesUnlessPrivileged) {
  const oci::Spec spec = make({});
  EXPECT_TRUE(has(spec.linux_config.masked_paths, "/proc/kcore"));
  EXPECT_TRUE(has(spec.linux_config.readonly_paths, "/proc/sys"));
  EXPECT_TRUE(has(find_mount(spec, "/sys")->options, "ro"));
  EXPECT_TRUE(has(find_mount(spec, "/sys/fs/cgroup")->options, "ro"));
  EXPECT_TRUE(spec.linux_config.seccomp.has_value());
  EXPECT_FALSE(spec.linux_config.resources.devices.at(0).allow);
}

TEST(SpecFromRequest, OpensEverythingWhenPrivileged) {
  RunRequest request;
  request.privileged = true;
  SpecInputs inputs = some_inputs();
  inputs.devices = {{{"b", "/dev/sda", 8, 0, 0660, 0, 6}, "rwm"}};
  const oci::Spec spec = make(request, inputs);
  EXPECT_TRUE(spec.linux_config.masked_paths.empty());
  EXPECT_TRUE(spec.linux_config.readonly_paths.empty());
  EXPECT_FALSE(has(find_mount(spec, "/sys")->options, "ro"));
  EXPECT_FALSE(has(find_mount(spec, "/sys/fs/cgroup")->options, "ro"));
  EXPECT_FALSE(spec.linux_config.seccomp.has_value());
  ASSERT_EQ(spec.linux_config.resources.devices.size(), 1u);
  EXPECT_TRUE(spec.linux_config.resources.devices[0].allow);
  EXPECT_EQ(spec.linux_config.devices.at(0).path, "/dev/sda");
  request.seccomp.kind = SeccompRequest::Kind::kFile;
  EXPECT_TRUE(make(request, inputs).linux_config.seccomp.has_value());
}

TEST(SpecFromRequest, AddsTheMachinesOwnMaskedPaths) {
  SpecInputs inputs = some_inputs();
  inputs.machine_masked_paths = {"/sys/devices/system/cpu/cpu0/thermal_throttle"};
  EXPECT_EQ(make({}, inputs).linux_config.masked_paths.back(), inputs.machine_masked_paths[0]);
}

TEST(SpecFromRequest, GrantsEachDeviceOnceAndNeverADefaultOneAgain) {
  SpecInputs inputs = some_inputs();
  inputs.devices = {{{"c", "/dev/fuse", 10, 229, 0666, 0, 0}, "rw"},
                    {{"c", "/dev/fuse", 10, 229, 0666, 0, 0}, "rwm"},
                    {{"c", "/dev/null", 1, 3, 0666, 0, 0}, "rwm"}};
  const oci::Linux config = make({}, inputs).linux_config;
  ASSERT_EQ(config.devices.size(), 1u);
  const auto is_fuse = [](const oci::DeviceRule& rule) {
    return rule.allow && rule.type == "c" && rule.major == 10 && rule.minor == 229;
  };
  const auto rule =
      std::find_if(config.resources.devices.begin(), config.resources.devices.end(), is_fuse);
  ASSERT_NE(rule, config.resources.devices.end());
  EXPECT_EQ(rule->access, "rw");
}

TEST(SpecFromRequest, BindsTheFilesOfEtcReadOnlyLikeTheRoot) {
  RunRequest request;
  const oci::Spec spec = make(request);
  for (const char* name : {"hosts", "hostname", "resolv.conf"}) {
    const oci::Mount* mount = find_mount(spec, std::string("/etc/") + name);
    ASSERT_NE(mount, nullptr) << name;
    EXPECT_EQ(mount->source, std::string("/state/files/") + name);
    EXPECT_EQ(mount->options, (Strings{"rbind", "rprivate"}));
  }
  request.read_only = true;
  EXPECT_TRUE(make(request).root.readonly);
  EXPECT_TRUE(has(find_mount(make(request), "/etc/hosts")->options, "ro"));
}

TEST(SpecFromRequest, MountsVolumesPrivateRecursiveAndParentsFirst) {
  RunRequest request;
  request.mounts = {bind("/a", "/data/sub"), bind("/b", "/data")};
  const oci::Spec spec = make(request);
  const std::size_t count = spec.mounts.size();
  EXPECT_EQ(spec.mounts[count - 2].destination, "/data");
  EXPECT_EQ(spec.mounts[count - 1].destination, "/data/sub");
  EXPECT_EQ(spec.mounts[count - 1].options, (Strings{"rbind", "rprivate"}));
  EXPECT_EQ(spec.linux_config.rootfs_propagation, "");
}

TEST(SpecFromRequest, MakesAReadOnlyVolumeReadOnlyAllTheWayDownWhereTheKernelCan) {
  RunRequest request;
  request.mounts = {bind("/a", "/data")};
  request.mounts[0].readonly = true;
  SpecInputs inputs = some_inputs();
  EXPECT_TRUE(has(find_mount(make(request, inputs), "/data")->options, "rro"));
  inputs.kernel = {5, 11};
  EXPECT_TRUE(has(find_mount(make(request, inputs), "/data")->options, "ro"));
  inputs.kernel = {5, 12};
  request.mounts[0].recursive = false;
  EXPECT_EQ(find_mount(make(request, inputs), "/data")->options,
            (Strings{"bind", "rprivate", "ro"}));
}

TEST(SpecFromRequest, OpensTheRootsPropagationForASharedVolume) {
  RunRequest request;
  request.mounts = {bind("/a", "/data"), bind("/b", "/more")};
  request.mounts[0].propagation = "rslave";
  EXPECT_EQ(make(request).linux_config.rootfs_propagation, "rslave");
  EXPECT_TRUE(has(find_mount(make(request), "/data")->options, "rslave"));
  request.mounts[1].propagation = "shared";
  EXPECT_EQ(make(request).linux_config.rootfs_propagation, "rshared");
}

TEST(SpecFromRequest, LetsAskedOptionsOfATmpfsWinOverTheDefaults) {
  RunRequest request;
  MountRequest tmpfs;
  tmpfs.kind = MountRequest::Kind::kTmpfs;
  tmpfs.destination = "/cache";
  tmpfs.options = {"exec", "size=64m"};
  request.mounts = {tmpfs};
  const oci::Spec spec = make(request);
  EXPECT_EQ(find_mount(spec, "/cache")->type, "tmpfs");
  EXPECT_EQ(find_mount(spec, "/cache")->options,
            (Strings{"nosuid", "nodev", "noexec", "exec", "size=64m"}));
}

TEST(SpecFromRequest, ReplacesADefaultMountAtTheSamePlaceAndAllOfDev) {
  RunRequest request;
  request.mounts = {bind("/host/hosts", "/etc/hosts"), bind("/dev", "/dev")};
  const oci::Spec spec = make(request);
  EXPECT_EQ(find_mount(spec, "/etc/hosts")->source, "/host/hosts");
  EXPECT_EQ(find_mount(spec, "/dev")->type, "bind");
  EXPECT_EQ(find_mount(spec, "/dev/shm"), nullptr);
  EXPECT_NE(find_mount(spec, "/proc"), nullptr);
}

TEST(SpecFromRequest, SizesSharedMemoryAndSharesTheHosts) {
  RunRequest request;
  EXPECT_TRUE(has(find_mount(make(request), "/dev/shm")->options, "size=64m"));
  request.shm_size = 1048576;
  const Strings options = find_mount(make(request), "/dev/shm")->options;
  EXPECT_TRUE(has(options, "size=1048576"));
  EXPECT_FALSE(has(options, "size=64m"));
  request.host_ipc = true;
  const oci::Spec shared = make(request);
  EXPECT_EQ(find_mount(shared, "/dev/shm")->source, "/dev/shm");
  EXPECT_EQ(find_mount(shared, "/dev/shm")->options,
            (Strings{"rbind", "rprivate", "nosuid", "noexec", "nodev"}));
  EXPECT_EQ(find_mount(shared, "/dev/mqueue")->type, "mqueue");
}

TEST(SpecFromRequest, BindsWhatAUserNamespaceMayNotMount) {
  RunRequest request;
  request.host_pid = request.host_ipc = true;
  request.networks = {{.network = "host"}};
  const oci::Spec spec = make(request, in_user_namespace(65536));
  for (const char* place : {"/proc", "/sys", "/dev/mqueue", "/dev/shm"}) {
    EXPECT_EQ(find_mount(spec, place)->type, "bind") << place;
    EXPECT_EQ(find_mount(spec, place)->source, place);
  }
  EXPECT_TRUE(has(find_mount(spec, "/sys")->options, "ro"));
  EXPECT_TRUE(has(spec.linux_config.masked_paths, "/sys/kernel"));
  const oci::Spec own = make({}, in_user_namespace(65536));
  EXPECT_EQ(find_mount(own, "/proc")->type, "proc");
  EXPECT_EQ(find_mount(own, "/sys")->type, "sysfs");
}

TEST(SpecFromRequest, NamesTheTtyGroupOnlyWhereItIsMapped) {
  EXPECT_TRUE(has(find_mount(make({}), "/dev/pts")->options, "gid=5"));
  EXPECT_TRUE(has(find_mount(make({}, in_user_namespace(65536)), "/dev/pts")->options, "gid=5"));
  EXPECT_FALSE(has(find_mount(make({}, in_user_namespace(1)), "/dev/pts")->options, "gid=5"));
}

TEST(SpecFromRequest, LetsEverybodyPingAndBindLowPortsInTheContainersOwnNetwork) {
  const auto sysctls = [](const RunRequest& request, const SpecInputs& inputs) {
    return make(request, inputs).linux_config.sysctl;
  };
  const auto own = sysctls({}, some_inputs());
  EXPECT_EQ(own.at("net.ipv4.ping_group_range"), "0 2147483647");
  EXPECT_EQ(own.at("net.ipv4.ip_unprivileged_port_start"), "0");
  EXPECT_EQ(sysctls({}, in_user_namespace(65536)).at("net.ipv4.ping_group_range"), "0 65535");
  EXPECT_EQ(sysctls({}, in_user_namespace(1)).at("net.ipv4.ping_group_range"), "0 0");
  RunRequest request;
  request.sysctls = {{"net.ipv4.ping_group_range", "1 0"}};
  EXPECT_EQ(sysctls(request, some_inputs()).at("net.ipv4.ping_group_range"), "1 0");
  RunRequest shared;
  shared.networks = {{.network = "host"}};
  EXPECT_TRUE(sysctls(shared, some_inputs()).empty());
}

TEST(SpecFromRequest, RefusesASysctlOfTheHost) {
  RunRequest request;
  request.sysctls = {{"kernel.panic", "1"}};
  const Result<oci::Spec> spec = spec_from_request(request, some_inputs());
  ASSERT_FALSE(spec);
  EXPECT_EQ(spec.error().message(),
            "linux.sysctl: kernel.panic belongs to the host, not to a namespace");
}

TEST(SpecFromRequest, KeepsLabelsFromPassingForOurOwnAnnotations) {
  RunRequest request;
  SpecInputs inputs = some_inputs();
  inputs.image.labels = {{"mycontainer.init", "true"}, {"a", "image"}, {"b", "image"}};
  request.labels = {{"a", "mine"}};
  const oci::StringMap expected = {{"a", "mine"}, {"b", "image"}};
  EXPECT_EQ(make(request, inputs).annotations, expected);
  request.init = true;
  EXPECT_EQ(make(request, inputs).annotations.at("mycontainer.init"), "true");
}

TEST(SpecFromRequest, NotesAStopSignalThatIsNotTheUsualOne) {
  const char* key = "org.opencontainers.image.stopSignal";
  RunRequest request;
  SpecInputs inputs = some_inputs();
  EXPECT_EQ(make(request, inputs).annotations.count(key), 0u);
  inputs.image.stop_signal = "SIGWINCH";
  EXPECT_EQ(make(request, inputs).annotations.at(key), "SIGWINCH");
  request.stop_signal = 3;
  EXPECT_EQ(make(request, inputs).annotations.at(key), "SIGQUIT");
  request.stop_signal = 37;
  EXPECT_EQ(make(request, inputs).annotations.at(key), "37");
}

}  // namespace
}  // namespace mycontainer::runtime::engine
