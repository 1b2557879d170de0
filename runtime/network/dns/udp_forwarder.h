// Questions that came over UDP, on their way to the host's name servers and back. Child side;
// private to dns.
#pragma once

#include <netinet/in.h>

#include <list>
#include <string>
#include <vector>

#include "reexec/sys/unique_fd.h"
#include "runtime/network/dns/message.h"
#include "runtime/network/dns/polling.h"
#include "runtime/network/dns/servers.h"

namespace mycontainer::runtime::network {

// Each question has a socket of its own, so a port, and an id of its own, and is passed on as it came
// but for the id; so is the answer that has both and the same question. A server that says nothing
// for kServerPatience, or that it cannot, is followed by the next one; after the last SERVFAIL is
// answered.
class UdpForwarder {
 public:
  // `client_socket` is borrowed.
  UdpForwarder(const std::vector<Server>& servers, int client_socket)
      : servers_(servers), client_socket_(client_socket) {}

  void forward(Packet query, Question question, const sockaddr_in& client);
  void watch(Polling& polling);
  void serve(const Polling& polling);

 private:
  struct Exchange {
    sockaddr_in client{};
    Question question;
    std::string query;  // with `id`
    std::uint16_t id = 0, client_id = 0;
    std::size_t attempts = 0;
    UniqueFd socket{};
    Clock::time_point deadline{};
    std::size_t place = Polling::kNone;
  };

  // False: the exchange is over.
  bool ask_next(Exchange& exchange);
  bool receive(Exchange& exchange);
  void answer(const Exchange& exchange, const std::string& message) const;

  const std::vector<Server>& servers_;
  int client_socket_;
  std::list<Exchange> exchanges_;  // the oldest first
  std::vector<unsigned char> buffer_ = std::vector<unsigned char>(kLongestMessage);
};

}  // namespace mycontainer::runtime::network
