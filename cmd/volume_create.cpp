#include <array>

#include "cmd/options/members.h"
#include "cmd/verbs.h"
#include "runtime/lifecycle/volumes.h"

namespace mycontainer::cmd {
namespace {

using options::Option;
using rootfs::volume::Volume;

struct Typed {
  std::string name;  // --name
  Volume volume;
};

Result<void> set_driver(Typed& typed, std::string_view value) {
  typed.volume.driver = value.empty() ? "local" : value;
  return {};
}

Result<void> add_label(Typed& typed, std::string_view value) {
  const std::size_t equals = value.find('=');
  const std::string key(value.substr(0, equals));
  if (key.empty()) return fail("invalid label '{}': empty name", value);
  typed.volume.labels[key] = equals == value.npos ? "" : std::string(value.substr(equals + 1));
  return {};
}

Result<void> add_opt(Typed& typed, std::string_view value) {
  const std::size_t equals = value.find('=');
  if (equals == value.npos || equals == 0) return fail("{} must be formatted as key=value", value);
  typed.volume.options[std::string(value.substr(0, equals))] = value.substr(equals + 1);
  return {};
}

constexpr std::array kOptions = {
    Option{"driver", 'd', "string", "Specify volume driver name (default \"local\")",
           options::apply<Typed, set_driver>},
    Option{"label", 0, "list", "Set metadata for a volume", options::apply<Typed, add_label>},
    Option{"name", 0, "string", "", options::text<&Typed::name>},
    Option{"opt", 'o', "map", "Set driver specific options (default map[])",
           options::apply<Typed, add_opt>},
};

}  // namespace

Result<int> volume_create_verb(const VerbCall& call) {
  Typed typed;
  TRY(const auto words, parse_verb(call, kOptions, &typed, {.most = 1}));
  if (!words) return 0;
  if (!words->empty() && !typed.name.empty()) {
    return fail(
        "conflicting options: cannot specify a volume-name through both --name and as a "
        "positional arg");
  }
  typed.volume.name = words->empty() ? typed.name : words->front();
  if (!words->empty() && words->front().empty()) return fail("the name of a volume is empty");
  const std::string& driver = typed.volume.driver;
  if (driver != "local") {
    return fail("error looking up volume plugin {}: plugin \"{}\" not found", driver, driver);
  }
  TRY(const auto roots, roots_of(call));
  auto volume = runtime::lifecycle::create_volume(roots, std::move(typed.volume));
  if (!volume) return within("create volume", std::move(volume).error());
  TRY_VOID(say(volume->name + "\n"));
  return 0;
}

}  // namespace mycontainer::cmd
