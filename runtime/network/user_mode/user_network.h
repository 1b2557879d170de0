// An ordinary user's container and its network, from its addresses to its end: what Membership is for
// root's. Supervisor only.
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <vector>

#include "reexec/sys/error.h"
#include "reexec/sys/unique_fd.h"
#include "runtime/network/address/settings.h"
#include "runtime/network/definition/attachment.h"
#include "runtime/network/definition/places.h"
#include "runtime/network/ports.h"
#include "runtime/network/user_mode/addressing.h"
#include "runtime/network/user_mode/provider.h"

namespace mycontainer::runtime::network {

struct UserNetworkRequest {
  const Places& places;
  std::string provider;     // kPasta or kSlirp
  int live_directory = -1;  // borrowed, for good
  std::vector<PortMapping> ports{};
  // The host's name server when all it has are on its loopback interface; else empty.
  std::string loopback_server{};
};

class UserNetwork {
 public:
  // Before the clone: the program is found, addresses are chosen, ports found free, and network.json
  // is written. Two starts of one user that publish ports take turns from here until ready(), because a
  // port can only be held until the provider binds it: another user's program could take it
  // in between, which the provider then says.
  static Result<UserNetwork> prepare(const UserNetworkRequest& request);

  // After the clone: the provider begins, beside the child's own beginning.
  Result<void> start(pid_t pid);
  // Before the "go": the interface inside is configured, and the ports are bound.
  Result<void> ready();
  // At the end, or after a failed start. Destroying the object does the same.
  void leave();

  [[nodiscard]] const Attachment& attachment() const { return attachment_; }
  // What passes questions for names on to the host's loopback_server: for resolv.conf.
  [[nodiscard]] std::optional<Address> name_server() const;
  // By which the container reaches the host's services, but for those on its loopback interface: the
  // address that the host speaks to the outside with, if there is one.
  [[nodiscard]] static std::optional<Address> host_address();

 private:
  UserNetwork() = default;
  Result<void> choose_ports(const UserNetworkRequest& request);
  Result<void> publish_by_slirp() const;

  std::string program_;
  Addressing addressing_;
  bool forwards_names_ = false;
  int live_directory_ = -1;
  Attachment attachment_;
  UniqueFd turn_;
  std::vector<UniqueFd> held_ports_;
  std::optional<Provider> provider_;
};

}  // namespace mycontainer::runtime::network
