// A RunRequest that is still being filled, option by option. Pure data.
#pragma once

#include <string>
#include <vector>

#include "runtime/engine/run_request.h"

namespace mycontainer::cmd::options {

struct RunDraft {
  runtime::engine::RunRequest request;
  // What the files of --env-file say: it comes before every -e, wherever it was typed.
  std::vector<std::string> env_from_files;
  bool builtin_root = true;  // no --rootfs yet
  bool no_healthcheck = false;
  std::string volume_driver;   // of the volumes that name none themselves
  bool content_trust = false;  // accepted for Docker's sake: nobody here signs
  runtime::images::RegistryOptions registry;
  // --ip, --ip6, --mac-address, --network-alias: of the network that comes first.
  runtime::network::EndpointSettings first_network;
  bool help = false;
};

}  // namespace mycontainer::cmd::options
