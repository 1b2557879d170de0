// The name service of one container (hidden entry mycontainer-dns): it answers on 127.0.0.11 inside the
// container's network namespace for the names of the networks the container is in, and passes other
// questions on to the host's name servers. A process of its own, because what asks it is hostile:
// without privileges, and gone with its supervisor.
//
//   parent (supervisor)                          mycontainer-dns
//     visits the container's network namespace: UDP and TCP sockets on 127.0.0.11, any port, to which
//     the namespace's nftables redirect port 53
//     NameServiceOrder, sockets, <state>/networks, lock  ->  gives everything up (confine.h)
//                                                <-  ready, or its error; the channel is closed
//
// It stays in the host's network namespace, where the host's name servers are.
#pragma once

#include <sys/types.h>

#include <string>
#include <string_view>
#include <vector>

#include "reexec/process.h"
#include "reexec/registry.h"
#include "reexec/sys/error.h"
#include "runtime/network/definition/places.h"

namespace mycontainer::runtime::network {

inline constexpr std::string_view kNameServiceEntry = "mycontainer-dns";
int run_name_service(reexec::Invocation& invocation);

struct NameServiceRequest {
  const Places& places;
  std::string container_id;
  pid_t pid = 0;  // whose network namespace
  // Addresses where other questions go, as resolv.conf(5) has them (engine: name_servers); empty:
  // nowhere.
  std::vector<std::string> servers;
  // The reading end of a fifo that somebody holds open for writing as long as the container runs
  // (state/live.h: running). With it the service ends when the container does, whoever started it.
  int follow = -1;
};

// Ready when it returns: sockets bound inside, the redirection in place, instead of that to another one.
// Without `follow` it dies with the calling thread, and is to be killed with the container (so does
// Process). Which networks the container is in is
// looked up with each question, so that connect and disconnect need not tell it.
Result<reexec::Process> start_name_service(const NameServiceRequest& request);

}  // namespace mycontainer::runtime::network
