// Which proxy a request goes through: HTTP_PROXY, HTTPS_PROXY and NO_PROXY, read as Docker reads them
// (golang.org/x/net/http/httpproxy). Any process; pure but for reading the environment.
#pragma once

#include <optional>
#include <string>

#include "reexec/sys/error.h"
#include "rootfs/registry/url.h"

namespace mycontainer::rootfs::registry {

struct ProxySettings {
  std::string http, https;  // "http://user:password@proxy:3128"; without a scheme: http
  std::string none;  // hosts, domains, addresses, networks, each perhaps with a port; "*" all
};

// Upper case goes before lower case, as in Go.
ProxySettings proxies_of_environment();

// Nothing: directly. localhost and loopback addresses never go through a proxy.
Result<std::optional<Url>> proxy_for(const Url& url, const ProxySettings& settings);

}  // namespace mycontainer::rootfs::registry
