// The texts of the three files in /etc that the engine gives a container: hosts, hostname,
// resolv.conf. Parent side; pure, but for host_texts().
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "reexec/sys/error.h"
#include "runtime/network/address/address.h"
#include "runtime/network/address/settings.h"

namespace mycontainer::runtime::engine {

// What they say. A container that shares another's network has the other's files instead.
struct HostFiles {
  std::string hostname = {}, domainname = {};
  network::Kind kind = network::Kind::kNone;
  std::vector<network::Address> addresses = {};    // its own, in all its networks
  std::optional<network::Address> gateway = {};    // what "host-gateway" stands for
  bool name_service = false;                       // it is in a network whose members have names
  std::optional<network::Address> forwarder = {};  // passes questions on to the host's own servers
  network::NameSettings names = {};
};

// The host's own files. What is missing, or no file, reads as empty.
struct HostTexts {
  std::string hosts, resolv_conf;
  std::string resolved;  // /run/systemd/resolve/resolv.conf: the servers behind 127.0.0.53
};
HostTexts host_texts();

// localhost and the IPv6 names; each address with "HOSTNAME.DOMAINNAME HOSTNAME" as far as they are
// said; --add-host. On the host's network the host's file with --add-host. Without an address (--network
// none) the host name means 127.0.1.1, so that it resolves at all. Error: "host-gateway" where there
// is no gateway.
Result<std::string> hosts_text(const HostFiles& files, const HostTexts& host);

std::string hostname_text(std::string_view hostname);

// --dns, --dns-search ("." for none) and --dns-option in the place of the host's, each by itself. With
// the name service it is the only server, and every name is tried as it is first (ndots:0). On the
// host's network the host's servers are reachable whatever they are; elsewhere those on the
// loopback interface are not the container's: the ones behind systemd-resolved are taken instead,
// or else the forwarder, or none. Servers of strangers are never made up.
std::string resolv_conf_text(const HostFiles& files, const HostTexts& host);

// The first of the host's servers when a forwarder is needed: all are on its loopback interface, and none
// is known behind them. Else empty.
std::string loopback_server(const network::NameSettings& names, const HostTexts& host);

// Whom the name service asks: --dns, or the host's servers, also those on its loopback interface, for
// the service is the host's process.
std::vector<std::string> name_servers(const network::NameSettings& names, const HostTexts& host);

}  // namespace mycontainer::runtime::engine
