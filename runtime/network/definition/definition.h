// What a network is: network.json. Plain data.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "reexec/sys/error.h"
#include "runtime/network/address/address.h"

namespace mycontainer::runtime::network {

struct Pool {
  Subnet subnet;
  std::optional<Address> gateway = {};  // absent: none (ipvlan and macvlan may do without)
  std::optional<Subnet> range = {};     // --ip-range: addresses are given out of this part only
  std::map<std::string, Address> reserved = {};  // --aux-address: never given out
};

struct Definition {
  std::string id = {};            // 64 hexadecimal digits
  std::string name = {};          // unique
  std::string driver = "bridge";  // "bridge", "macvlan", "ipvlan"
  std::int64_t created = 0;       // nanoseconds since 1970
  std::vector<Pool> pools = {};   // the first of a family is the one that addresses come from,
                                  // the others when it is full
  bool internal = false;          // no way out, none in
  bool ipv4 = true, ipv6 = false;
  bool attachable = false;                                       // shown, no more
  std::map<std::string, std::string> labels = {}, options = {};  // as typed
  // The bridge; of macvlan and ipvlan the parent. Ours all begin with kDevicePrefix.
  std::string device = {};

  // From `options`, which were checked when the network was made (check_options).
  [[nodiscard]] std::optional<unsigned> mtu() const;  // absent: the uplink's
  [[nodiscard]] bool isolated()
      const;  // "isolate", true unless said otherwise: other networks that
              // are not isolated either cannot reach this one
  [[nodiscard]] std::string mode() const;  // macvlan: "bridge" ..., ipvlan: "l2" ...
  // The device that was asked for: "com.docker.network.bridge.name", or "parent". Empty: none was;
  // of macvlan and ipvlan `device` is then a dummy one of our own.
  [[nodiscard]] std::string wanted_device() const;
};

inline constexpr std::string_view kDevicePrefix = "mc";
inline constexpr std::string_view kVethPrefix = "mcv";  // the host's ends of pairs, no bridges

// "mc" and 12 digits of the id: what the device is called when nobody named it.
std::string own_device_name(const Definition& definition);

// Docker's default network: its members have no names for each other.
inline bool is_default(const Definition& definition) { return definition.name == "bridge"; }

std::string to_json(const Definition& definition);
Result<Definition> from_json(std::string_view text);

// [a-zA-Z0-9][a-zA-Z0-9_.-]*, at most 255 bytes.
bool is_network_name(std::string_view name);
// The same, and none of the words of settings.h, with Docker's words for what is wrong.
Result<void> check_network_name(std::string_view name);
// Of the driver: "mtu" (also "com.docker.network.driver.mtu"), "isolate", "parent", "mode"
// ("macvlan_mode", "ipvlan_mode"), "com.docker.network.bridge.name"; an unknown one is an error that
// names those there are.
Result<void> check_options(const Definition& definition);

}  // namespace mycontainer::runtime::network
