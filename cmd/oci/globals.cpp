#include "cmd/oci/globals.h"

#include <array>

#include "cmd/oci/words.h"
#include "cmd/options/parse.h"
#include "cmd/options/values.h"

namespace mycontainer::cmd::oci {
namespace {

using options::Option;

Result<void> set_root(Globals& globals, std::string_view value) {
  if (value.empty()) return fail("the name of a directory is missing");
  globals.settings.root = value;
  return {};
}

Result<void> set_log_format(Globals& globals, std::string_view value) {
  if (value != "text" && value != "json") return fail("unknown format: text or json");
  globals.log_format = value == "json" ? LogFormat::kJson : LogFormat::kText;
  return {};
}

Result<void> set_systemd_cgroup(Globals& globals, std::string_view value) {
  TRY(globals.settings.systemd_cgroup, options::parse_bool(value));
  return {};
}

Result<void> set_cgroup_manager(Globals& globals, std::string_view value) {
  if (value != "cgroupfs" && value != "systemd" && value != "disabled") {
    return fail("unknown manager: cgroupfs, systemd or disabled");
  }
  globals.settings.systemd_cgroup = value == "systemd";
  globals.settings.no_cgroup = value == "disabled";
  return {};
}

Result<void> set_rootless(Globals& globals, std::string_view value) {
  globals.settings.rootless.reset();
  if (value == "auto") return {};
  auto truth = options::parse_bool(value);
  if (!truth) return fail("neither true, false nor auto");
  globals.settings.rootless = *truth;
  return {};
}

// runc's, which had checkpoints in mind.
Result<void> ignore(Globals& /*globals*/, std::string_view /*value*/) { return {}; }

template <Result<void> (*Function)(Globals&, std::string_view)>
constexpr options::Apply on = &options::apply_to<Globals, Function>;

constexpr std::array kOptions = {
    Option{"cgroup-manager", 0, "string",
           R"(Who makes the cgroups: "cgroupfs", "systemd", or "disabled" for none)",
           on<set_cgroup_manager>},
    Option{"criu", 0, "string", "Has no effect: there are no checkpoints", on<ignore>},
    Option{"debug", 0, "", "Write diagnostics to the log", on<set_flag<&Globals::debug>>},
    Option{"help", 'h', "", "Print usage", on<set_flag<&Globals::help>>},
    Option{"log", 0, "file", "Append errors and diagnostics to this file, too",
           on<set_text<&Globals::log>>},
    Option{"log-format", 0, "string", R"(Format of the log: "text" or "json" (default "text"))",
           on<set_log_format>},
    Option{"root", 0, "directory",
           "Where the state of containers lives (default /run/mycontainer-oci, or below "
           "$XDG_RUNTIME_DIR for an ordinary user)",
           on<set_root>},
    Option{"rootless", 0, "string",
           R"(Go without what only root may do: "true", "false" or "auto" (default "auto"))",
           on<set_rootless>},
    Option{"systemd-cgroup", 0, "",
           "Let systemd make the cgroups; cgroupsPath is then slice:prefix:name",
           on<set_systemd_cgroup>},
    Option{"version", 'v', "", "Print version information and quit",
           on<set_flag<&Globals::version>>},
};

}  // namespace

options::OptionTable global_options() { return kOptions; }

Result<options::Arguments> parse_globals(Globals& globals, options::Arguments arguments) {
  return options::parse(kOptions, &globals, arguments);
}

}  // namespace mycontainer::cmd::oci
