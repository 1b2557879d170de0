// Questions that come over TCP: those whose answer was too long for UDP. Child side; private to dns.
#pragma once

#include <list>
#include <optional>
#include <string>
#include <vector>

#include "reexec/sys/unique_fd.h"
#include "runtime/network/dns/decision.h"
#include "runtime/network/dns/polling.h"
#include "runtime/network/dns/servers.h"

namespace mycontainer::runtime::network {

// A message over TCP has its length before it, in two bytes. A connection's questions are answered one
// after the other; one that is forwarded gets a connection of its own to a server.
class TcpSessions {
 public:
  // `listener` is borrowed, and does not block.
  TcpSessions(const std::vector<Server>& servers, Decider& decider, int listener)
      : servers_(servers), decider_(decider), listener_(listener) {}

  void watch(Polling& polling);
  void serve(const Polling& polling);

 private:
  struct Session {
    UniqueFd client;
    std::string input{}, output{};    // from and to the client
    std::optional<Question> asked{};  // what the server is being asked
    std::string query{};
    std::size_t attempts = 0;
    UniqueFd server{};
    std::string to_server{}, from_server{};
    Clock::time_point deadline{};
    std::size_t client_place = Polling::kNone, server_place = Polling::kNone;
  };

  void accept_all();
  // False: the session is over.
  bool go_on(Session& session, const Polling& polling);
  bool talk_to_client(Session& session, short events);
  bool talk_to_server(Session& session, short events);
  bool take_question(Session& session);
  void ask_next(Session& session);
  void reply(Session& session, const std::string& message);

  const std::vector<Server>& servers_;
  Decider& decider_;
  int listener_;
  std::size_t listener_place_ = Polling::kNone;
  std::list<Session> sessions_;  // the oldest first
};

}  // namespace mycontainer::runtime::network
