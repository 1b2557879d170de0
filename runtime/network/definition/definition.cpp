#include "runtime/network/definition/definition.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <span>

#include "runtime/network/address/settings.h"

namespace mycontainer::runtime::network {

namespace {

constexpr std::size_t kLongestName = 255;   // NAME_MAX
constexpr std::size_t kLongestDevice = 15;  // IFNAMSIZ - 1
constexpr unsigned kLeastMtu = 68;          // RFC 791
constexpr unsigned kLeastMtuOfIpv6 = 1280;  // RFC 8200
constexpr unsigned kMostMtu = 65535;

// What one option is called, Docker's longer name first.
using Names = std::array<std::string_view, 2>;
constexpr Names kMtu = {"com.docker.network.driver.mtu", "mtu"};
constexpr Names kIsolate = {"isolate", "isolate"};
constexpr Names kBridgeName = {"com.docker.network.bridge.name", "com.docker.network.bridge.name"};
constexpr Names kParent = {"parent", "parent"};
constexpr Names kMacvlanMode = {"macvlan_mode", "mode"};
constexpr Names kIpvlanMode = {"ipvlan_mode", "mode"};

constexpr std::array kOfBridge = {kMtu, kIsolate, kBridgeName};
constexpr std::array kOfMacvlan = {kMtu, kParent, kMacvlanMode};
constexpr std::array kOfIpvlan = {kMtu, kParent, kIpvlanMode};

std::span<const Names> known_to(std::string_view driver) {
  if (driver == "macvlan") return kOfMacvlan;
  if (driver == "ipvlan") return kOfIpvlan;
  return kOfBridge;
}

std::span<const std::string_view> modes_of(std::string_view driver) {
  static constexpr std::array<std::string_view, 4> kMacvlan = {"bridge", "private", "vepa",
                                                               "passthru"};
  static constexpr std::array<std::string_view, 3> kIpvlan = {"l2", "l3", "l3s"};
  if (driver == "ipvlan") return kIpvlan;
  return kMacvlan;
}

// Empty when it was not given.
std::string_view value_of(const Definition& definition, const Names& names) {
  for (const std::string_view name : names) {
    const auto found = definition.options.find(std::string(name));
    if (found != definition.options.end()) return found->second;
  }
  return {};
}

std::optional<unsigned> number_in(std::string_view text) {
  unsigned number = 0;
  const auto [end, status] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (status != std::errc{} || end != text.data() + text.size()) return {};
  return number;
}

std::optional<bool> bool_in(std::string_view text) {
  if (text == "true" || text == "1") return true;
  if (text == "false" || text == "0") return false;
  return {};
}

template <class Words>
std::string joined(const Words& words) {
  std::string text;
  for (const std::string_view word : words) {
    if (!text.empty()) text += ", ";
    text += word;
  }
  return text;
}

Result<void> check_names(const Definition& definition) {
  std::vector<std::string_view> known;
  for (const Names& names : known_to(definition.driver)) {
    known.insert(known.end(), names.begin(), names.end());
  }
  std::ranges::sort(known);
  const auto twice = std::ranges::unique(known);
  known.erase(twice.begin(), twice.end());
  for (const auto& [name, value] : definition.options) {
    if (std::ranges::find(known, name) == known.end()) {
      return fail("unknown option \"{}\" of driver {}: there are {}", name, definition.driver,
                  joined(known));
    }
  }
  return {};
}

Result<void> check_mtu(const Definition& definition) {
  const std::string_view text = value_of(definition, kMtu);
  if (text.empty()) return {};
  const auto mtu = number_in(text);
  const unsigned least = definition.ipv6 ? kLeastMtuOfIpv6 : kLeastMtu;
  if (mtu && (*mtu == 0 || (*mtu >= least && *mtu <= kMostMtu))) return {};
  return fail("invalid value \"{}\" of the option mtu: a number from {} to {} is needed", text,
              least, kMostMtu);
}

Result<void> check_mode(const Definition& definition) {
  if (definition.driver == "bridge") return {};
  const std::string mode = definition.mode();
  const auto modes = modes_of(definition.driver);
  if (std::ranges::find(modes, mode) != modes.end()) return {};
  return fail("unknown mode \"{}\" of driver {}: there are {}", mode, definition.driver,
              joined(modes));
}

Result<void> check_device(std::string_view device) {
  const auto is_bad = [](char c) { return c <= ' ' || c == '/' || c == ':' || c == 127; };
  if (device.size() <= kLongestDevice && device != "." && device != ".." &&
      std::ranges::none_of(device, is_bad)) {
    return {};
  }
  return fail("\"{}\" cannot be the name of a network device", device);
}

// The firewall and whoever looks for what is left of us know our devices by how their names begin.
Result<void> check_bridge_name(const Definition& definition) {
  const std::string_view device = value_of(definition, kBridgeName);
  if (device.empty()) return {};
  TRY_VOID(check_device(device));
  if (device.starts_with(kDevicePrefix) && !device.starts_with(kVethPrefix) &&
      device.size() > kDevicePrefix.size()) {
    return {};
  }
  return fail(
      "the name of a bridge must begin with \"{}\" and not with \"{}\": \"{}\" does not fit",
      kDevicePrefix, kVethPrefix, device);
}

}  // namespace

std::optional<unsigned> Definition::mtu() const {
  const auto number = number_in(value_of(*this, kMtu));
  if (!number || *number == 0) return {};
  return number;
}

bool Definition::isolated() const { return bool_in(value_of(*this, kIsolate)).value_or(true); }

std::string Definition::mode() const {
  const bool ipvlan = driver == "ipvlan";
  const std::string_view mode = value_of(*this, ipvlan ? kIpvlanMode : kMacvlanMode);
  if (!mode.empty()) return std::string(mode);
  return ipvlan ? "l2" : "bridge";
}

std::string Definition::wanted_device() const {
  return std::string(value_of(*this, driver == "bridge" ? kBridgeName : kParent));
}

std::string own_device_name(const Definition& definition) {
  constexpr std::size_t kDigits = 12;
  return std::string(kDevicePrefix) + definition.id.substr(0, kDigits);
}

bool is_network_name(std::string_view name) {
  const auto is_alphanumeric = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
  };
  const auto may_follow = [&](char c) {
    return is_alphanumeric(c) || c == '_' || c == '.' || c == '-';
  };
  return !name.empty() && name.size() <= kLongestName && is_alphanumeric(name.front()) &&
         std::ranges::all_of(name, may_follow);
}

Result<void> check_network_name(std::string_view name) {
  for (const std::string_view word :
       {kNoneNetwork, kHostNetwork, kDefaultNetwork, kPasta, kSlirp, std::string_view("default")}) {
    if (name == word) return fail("operation is not permitted on predefined {} network", name);
  }
  if (is_network_name(name)) return {};
  return fail("invalid network name \"{}\": only [a-zA-Z0-9][a-zA-Z0-9_.-]* is allowed", name);
}

Result<void> check_options(const Definition& definition) {
  TRY_VOID(check_names(definition));
  TRY_VOID(check_mtu(definition));
  TRY_VOID(check_mode(definition));
  if (definition.driver == "bridge") {
    const std::string_view isolate = value_of(definition, kIsolate);
    if (!isolate.empty() && !bool_in(isolate)) {
      return fail("invalid value \"{}\" of the option isolate: true or false is needed", isolate);
    }
    return check_bridge_name(definition);
  }
  return check_device(definition.wanted_device());
}

}  // namespace mycontainer::runtime::network
