// A container's membership of networks, from the claim of its addresses to its end. Supervisor only
// (runtime/engine/instance.h); root only, ordinary users have user_mode/.
#pragma once

#include <sys/types.h>

#include <memory>
#include <string>
#include <vector>

#include "reexec/sys/error.h"
#include "runtime/network/address/settings.h"
#include "runtime/network/definition/attachment.h"
#include "runtime/network/definition/places.h"

namespace mycontainer::runtime::network {

struct MembershipRequest {
  const Places& places;
  std::string container_id;
  std::string live_directory;           // <state>/containers/<id>
  std::vector<std::string> names = {};  // its name, short id, hostname: in every user network
  std::vector<EndpointSettings> endpoints = {};
  std::vector<PortMapping> ports = {};
  std::vector<std::string> name_servers =
      {};  // where its name service passes other questions on to
};

class Membership {
 public:
  // Before the clone: networks are up, addresses claimed, host ports held (a socket each, bound
  // for the container's life, so that a port in use is refused and nobody takes one later), and
  // network.json written. Undone by the destructor.
  static Result<Membership> claim(const MembershipRequest& request);
  Membership(Membership&&) noexcept;
  Membership& operator=(Membership&&) noexcept;
  ~Membership();

  // After the clone, while the child waits for its "go": its devices, addresses and routes, made from
  // outside; names; published ports, in one transaction; the name service of user networks.
  Result<void> enter(pid_t pid);

  // After the container's end: rules, names, claims. What was connected and disconnected meanwhile
  // is in network.json, which counts. The devices go with the network namespace.
  void leave();

  [[nodiscard]] const Attachment& attachment() const;

 private:
  struct State;
  explicit Membership(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

// Of a killed container, by its live directory: what network.json says is undone. Nothing when
// there is none.
void forget_member(const Places& places, const std::string& container_id,
                   const std::string& live_directory);

// Another container joins this one's network namespace, which may then outlive it: at its end its
// devices have to be taken out of the networks, since somebody else will have its addresses.
Result<void> note_shared(const std::string& live_directory);

// On a running container, whose lock the caller holds. Undone when it fails. Who has no name service
// yet (in the default network alone) gets one with the first other network, which passes questions on
// to `name_servers` and ends with the container's present run.
struct ConnectRequest {
  const Places& places;
  std::string container_id, live_directory;
  pid_t pid = 0;
  std::vector<std::string> names = {};
  EndpointSettings endpoint = {};
  std::vector<std::string> name_servers = {};
  int running = -1;  // what the name service follows (NameServiceRequest::follow)
};
Result<void> connect(const ConnectRequest& request);
Result<void> disconnect(const Places& places, const std::string& container_id,
                        const std::string& live_directory, pid_t pid,
                        const std::string& network_id);  // not in it: an error

}  // namespace mycontainer::runtime::network
