// Where networks are kept. Any process that manages them; several at once.
//
//   <data>/networks/<name>/network.json   Definition; the directory appears by rename(2), whole
//   <state>/networks/<network id>/        while the machine runs (tmpfs): what is in use of it
//       lock                  flock(2): who brings the network up or down, or removes it
//       up                    the interface index of the bridge: written last when it is brought up
//       addresses/<address>/<container id>.<random>   a claim (addresses.h)
//       next4, next6          where the search for a free address goes on; a hint
//       names/, reverse/      who is called what (dns/names.h)
//   <state>/networks/members/<container id>/<network id>   where its name service looks
//   <state>/networks/alive/<container id>   locked by it (dns/names.h)
//   <state>/networks/ports.lock           flock(2): whose turn it is to publish ports (user_mode/)
//   <state>/networks/firewall.lock        flock(2): shared by who adds or removes rules of one
//                                         container, alone for who writes the table anew
//   <state>/networks/forwarding-was-off-ipv4, -ipv6   the host was no router of that family before us:
//                                         written before that changes
//   <state>/containers/<id>/network.json  Attachment, of the container's present run
#pragma once

#include <functional>
#include <string>

#include "runtime/network/address/address.h"

namespace mycontainer::runtime::network {

struct Places {
  std::string data;   // --root
  std::string state;  // --state-root
  // Whether the container with this id has a supervisor that lives (state::is_supervised).
  std::function<bool(const std::string& container_id)> is_alive;

  [[nodiscard]] std::string networks() const { return data + "/networks"; }
  [[nodiscard]] std::string live() const { return state + "/networks"; }
  [[nodiscard]] std::string live_of(const std::string& network_id) const {
    return live() + "/" + network_id;
  }
  [[nodiscard]] std::string forwarding_was_off(Family family) const {
    return live() + "/forwarding-was-off-" + (family == Family::kIpv6 ? "ipv6" : "ipv4");
  }
};

}  // namespace mycontainer::runtime::network
