#include "runtime/lifecycle/inspect.h"

#include "runtime/lifecycle/inspect_parts.h"
#include "runtime/lifecycle/mount_points.h"
#include "runtime/lifecycle/utc_time.h"

namespace mycontainer::runtime::lifecycle {
namespace {

Json health_of(const state::Health& health) {
  Json log = Json::array();
  for (const state::HealthProbe& probe : health.log) {
    log.push_back({{"Start", utc_time(probe.start)},
                   {"End", utc_time(probe.end)},
                   {"ExitCode", probe.exit_code},
                   {"Output", probe.output}});
  }
  return {{"Status", health.status}, {"FailingStreak", health.failing_streak}, {"Log", log}};
}

Json state_of(const InspectInput& input) {
  const state::State& state = input.state;
  const bool paused = input.status == "paused", restarting = input.status == "restarting";
  Json object = {{"Status", input.status},
                 {"Running", input.status == "running" || paused || restarting},
                 {"Paused", paused},
                 {"Restarting", restarting},
                 {"OOMKilled", state.oom_killed},
                 {"Dead", false},
                 {"Pid", input.status == "running" || paused ? state.pid : 0},
                 {"ExitCode", state.exit_code},
                 {"Error", state.error},
                 {"StartedAt", utc_time(state.started)},
                 {"FinishedAt", utc_time(state.finished)}};
  if (!state.health.status.empty()) object["Health"] = health_of(state.health);
  return object;
}

// The layers, the topmost first, as the overlay on "/" has them.
std::string lower_directories(const oci::Spec& spec) {
  constexpr std::string_view kOption = "lowerdir+=";
  std::string joined;
  if (spec.mounts.empty() || spec.mounts.front().destination != "/") return joined;
  for (const std::string& option : spec.mounts.front().options) {
    if (!option.starts_with(kOption)) continue;
    joined += (joined.empty() ? "" : ":") + option.substr(kOption.size());
  }
  return joined;
}

Json graph_driver(const InspectInput& input) {
  if (!input.record.overlay) return {{"Name", "directory"}, {"Data", nullptr}};
  const std::string directory = state::container_directory(input.roots.data, input.record.id);
  return {{"Name", "overlay"},
          {"Data",
           {{"LowerDir", lower_directories(input.spec)},
            {"UpperDir", directory + "/upper"},
            {"WorkDir", directory + "/work"}}}};
}

// Docker's words: "z" for a volume with a name.
std::string mode_of(const MountPoint& mount) {
  if (!mount.writable) return "ro";
  return mount.type == "volume" && !mount.anonymous ? "z" : "";
}

Json mounts_of(const InspectInput& input) {
  Json mounts = Json::array();
  for (const MountPoint& mount : mount_points(input.spec, input.record, input.roots)) {
    Json& one = mounts.emplace_back(Json{{"Type", mount.type}});
    if (mount.type == "volume") one["Name"] = mount.name;
    one["Source"] = mount.source;
    one["Destination"] = mount.destination;
    if (mount.type == "volume") one["Driver"] = "local";
    one["Mode"] = mode_of(mount);
    one["RW"] = mount.writable;
    one["Propagation"] = mount.propagation;
  }
  return mounts;
}

// Where a file lies that is mounted over /etc/NAME; empty when the user has put something there.
std::string host_file(const InspectInput& input, const std::string& name) {
  for (const oci::Mount& mount : input.spec.mounts) {
    if (mount.destination == "/etc/" + name) return mount.source;
  }
  return {};
}

}  // namespace

Json inspect_document(const InspectInput& input) {
  const state::Record& record = input.record;
  const bool has_args = !record.args.empty();
  const bool logs = !record.foreground && record.log.driver == "json-file";
  const std::string directory = state::container_directory(input.roots.data, record.id);
  const std::vector<std::string> rest(record.args.begin() + (has_args ? 1 : 0), record.args.end());
  Json document = {
      {"Id", record.id},
      {"Created", utc_time(record.created)},
      {"Path", has_args ? record.args.front() : ""},
      {"Args", rest},
      {"State", state_of(input)},
      {"Image", record.image_id.empty() ? record.image : record.image_id},
      {"ResolvConfPath", host_file(input, "resolv.conf")},
      {"HostnamePath", host_file(input, "hostname")},
      {"HostsPath", host_file(input, "hosts")},
      {"LogPath", logs ? directory + "/log.json" : ""},
      {"Name", "/" + record.name},
      {"RestartCount", input.state.restart_count},
      {"Driver", record.overlay ? "overlay" : "directory"},
      {"Platform", "linux"},
      {"MountLabel", input.spec.linux_config.mount_label},
      {"ProcessLabel", input.spec.process ? input.spec.process->selinux_label : ""},
      {"AppArmorProfile", input.spec.process ? input.spec.process->apparmor_profile : ""},
      {"ExecIDs", nullptr},
      {"HostConfig", host_config(input)},
      {"GraphDriver", graph_driver(input)}};
  if (input.size) {
    document["SizeRw"] = *input.size;
    document["SizeRootFs"] = *input.size;
  }
  document["Mounts"] = mounts_of(input);
  document["Config"] = container_config(input);
  document["NetworkSettings"] = network_settings(input);
  return document;
}

}  // namespace mycontainer::runtime::lifecycle
