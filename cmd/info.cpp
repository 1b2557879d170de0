#include <fcntl.h>
#include <sys/sysinfo.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <algorithm>
#include <array>

#include "cmd/build_info.h"
#include "cmd/list/gather.h"
#include "cmd/options/members.h"
#include "cmd/print/template.h"
#include "cmd/print/text.h"
#include "cmd/print/units.h"
#include "cmd/verbs.h"
#include "reexec/sys/file.h"
#include "rootfs/image/store.h"
#include "runtime/cgroup/hierarchies.h"

namespace mycontainer::cmd {
namespace {

using options::Option;
using print::Json;

struct Typed {
  std::string format;
};

constexpr std::array kOptions = {
    Option{"format", 'f', "string", "Format output: 'json' or a Go template 'TEMPLATE'",
           options::text<&Typed::format>},
};

// PRETTY_NAME of os-release(5).
std::string operating_system() {
  const auto text = sys::read_file_at(AT_FDCWD, "/etc/os-release", 1u << 16);
  if (!text) return "Linux";
  constexpr std::string_view kKey = "PRETTY_NAME=";
  std::string_view rest = *text;
  while (!rest.empty()) {
    std::string_view line = rest.substr(0, rest.find('\n'));
    rest.remove_prefix(std::min(line.size() + 1, rest.size()));
    if (!line.starts_with(kKey)) continue;
    line.remove_prefix(kKey.size());
    if (line.size() >= 2 && line.front() == '"') line = line.substr(1, line.size() - 2);
    return std::string(line);
  }
  return "Linux";
}

// Those of a store that cannot be read are not counted.
std::size_t count_images(const runtime::state::Roots& roots) {
  const auto store = rootfs::image::ImageStore::open(roots.data);
  if (!store) return 0;
  const auto images = store->images();
  return images ? images->size() : 0;
}

Json counts_of(const std::vector<list::Entry>& entries) {
  const auto count = [&](std::string_view status) {
    return std::ranges::count(entries, status, &list::Entry::status);
  };
  const auto running = count("running") + count("restarting"), paused = count("paused");
  const auto all = static_cast<std::ptrdiff_t>(entries.size());
  return {{"Containers", all},
          {"ContainersRunning", running},
          {"ContainersPaused", paused},
          {"ContainersStopped", all - running - paused},
          {"Images", 0}};
}

// Bridges take root.
Json network_drivers() {
  if (::geteuid() == 0) return Json::array({"bridge", "host", "ipvlan", "macvlan", "null"});
  return Json::array({"host", "null"});
}

Result<Json> info_document(const runtime::state::Roots& roots) {
  TRY(const auto filter, list::ContainerFilter::compile(roots, {}));
  TRY(const auto entries, list::gather(roots, filter, {.all = true}));
  Json document = counts_of(entries);
  document["Images"] = count_images(roots);
  struct utsname host {};
  (void)::uname(&host);
  struct sysinfo memory {};
  (void)::sysinfo(&memory);
  const auto hierarchies = runtime::cgroup::find_hierarchies();
  document["Driver"] = "overlay";
  document["Plugins"] = {{"Volume", Json::array({"local"})},
                         {"Network", network_drivers()},
                         {"Log", Json::array({"json-file", "none"})}};
  document["LoggingDriver"] = "json-file";
  document["CgroupDriver"] = hierarchies ? "cgroupfs" : "none";
  document["CgroupVersion"] = hierarchies && hierarchies->pure_v2 ? "2" : "1";
  document["KernelVersion"] = static_cast<const char*>(host.release);
  document["OperatingSystem"] = operating_system();
  document["OSType"] = "linux";
  document["Architecture"] = static_cast<const char*>(host.machine);
  document["NCPU"] = ::sysconf(_SC_NPROCESSORS_ONLN);
  document["MemTotal"] = std::uint64_t{memory.totalram} * memory.mem_unit;
  document["DockerRootDir"] = roots.data;
  document["StateDir"] = roots.state;
  document["Name"] = static_cast<const char*>(host.nodename);
  document["ServerVersion"] = kVersion;
  document["DefaultRuntime"] = "mycontainer";
  document["Rootless"] = ::geteuid() != 0;
  return document;
}

std::string joined(const Json& words) {
  std::string text;
  for (const Json& word : words) text += (text.empty() ? "" : " ") + word.get<std::string>();
  return text;
}

std::string info_text(const Json& document) {
  struct Line {
    const char *words, *field;
  };
  constexpr Line kLines[] = {{"Containers", "Containers"},
                             {" Running", "ContainersRunning"},
                             {" Paused", "ContainersPaused"},
                             {" Stopped", "ContainersStopped"},
                             {"Images", "Images"},
                             {"Server Version", "ServerVersion"},
                             {"Storage Driver", "Driver"},
                             {"Logging Driver", "LoggingDriver"},
                             {"Network Drivers", "Plugins"},
                             {"Cgroup Driver", "CgroupDriver"},
                             {"Cgroup Version", "CgroupVersion"},
                             {"Kernel Version", "KernelVersion"},
                             {"Operating System", "OperatingSystem"},
                             {"OSType", "OSType"},
                             {"Architecture", "Architecture"},
                             {"CPUs", "NCPU"},
                             {"Total Memory", "MemTotal"},
                             {"Name", "Name"},
                             {"Root Dir", "DockerRootDir"},
                             {"State Dir", "StateDir"},
                             {"Rootless", "Rootless"}};
  std::string text;
  for (const Line& line : kLines) {
    const Json& value = document[line.field];
    const bool bytes = std::string_view(line.field) == "MemTotal";
    const std::string shown = value.is_object()   ? joined(value["Network"])
                              : value.is_string() ? print::visible(value.get<std::string>())
                              : bytes             ? print::binary_size(value.get<std::uint64_t>())
                                                  : value.dump();
    text += fmt::format("{}: {}\n", line.words, shown);
  }
  return text;
}

}  // namespace

Result<int> info_verb(const VerbCall& call) {
  Typed typed;
  TRY(const auto words, parse_verb(call, kOptions, &typed, {0, 0}));
  if (!words) return 0;
  TRY(const auto format, print::Template::parse(print::unescape_format(typed.format)));
  TRY(const auto roots, roots_of(call));
  TRY(const Json document, info_document(roots));
  std::string text;
  if (typed.format.empty()) {
    text = info_text(document);
  } else if (typed.format == "json") {
    text = print::json_line(document) + "\n";
  } else {
    TRY(text, format.execute(document));
    text += '\n';
  }
  TRY_VOID(say(text));
  return 0;
}

}  // namespace mycontainer::cmd
