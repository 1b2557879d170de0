// The network of an ordinary user's container: pasta(1), or slirp4netns(1), beside it. Parent side.
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

#include "reexec/process.h"
#include "reexec/sys/error.h"
#include "runtime/network/address/settings.h"
#include "runtime/network/definition/attachment.h"

namespace mycontainer::runtime::network {

// Which is installed: "pasta", else "slirp4netns", else "".
std::string installed_provider();

struct ProviderRequest {
  std::string provider;  // kPasta or kSlirp
  pid_t pid = 0;         // whose user and network namespaces
  std::vector<PublishedPort> ports;
  std::string live_directory;
};

struct Provider {
  reexec::Process process;
  Attachment attachment;  // what the container has now: addresses, gateway, ports
};

// Ready when it returns; dies with the calling process, and is to be killed with the container.
Result<Provider> start_provider(const ProviderRequest& request);

}  // namespace mycontainer::runtime::network
