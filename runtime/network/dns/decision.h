// What becomes of a question: an answer of our own, or the question of somebody else. Child side; private
// to dns.
//
//   a name that a member of the container's networks has   its addresses of the type asked for, in an
//                  order that turns; without one of that type, and for all other types, an empty answer
//   the reverse name of a member's address     "web.net"
//   all else       forwarded, but for:
//     - everything, when all networks of the container are internal (CVE-2024-29018: a question is a way
//       out) or there is no server: NXDOMAIN, which says at once what SERVFAIL makes programs
//       try for seconds
//     - addresses of a name with one label: NXDOMAIN. The name of a member that is not there just
//       now must not be somebody else's elsewhere; the resolver's search list still applies.
//     - zone transfers: REFUSED
#pragma once

#include <optional>
#include <string>

#include "runtime/network/dns/members.h"
#include "runtime/network/dns/message.h"

namespace mycontainer::runtime::network {

enum class Transport { kUdp, kTcp };

struct Decision {
  std::string answer;                // empty: forward, or say nothing when there is no question
  std::optional<Question> question;  // to forward
};

class Decider {
 public:
  Decider(const Members& members, bool has_servers)
      : members_(members), has_servers_(has_servers) {}
  Decision decide(Packet packet, Transport transport);

 private:
  std::optional<std::string> own_answer(const Question& question,
                                        const std::vector<Members::Network>& networks,
                                        std::size_t room);
  std::string addresses_answer(const Question& question, std::vector<Address> addresses,
                               std::size_t room);

  const Members& members_;
  bool has_servers_;
  std::size_t turn_ = 0;
};

}  // namespace mycontainer::runtime::network
