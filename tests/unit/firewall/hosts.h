// Hosts joined by virtual wires, each a network namespace that dies with the test's process: an
// outside host, the machine itself with bridges of its own, and containers on them.
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>

#include "reexec/sys/unique_fd.h"
#include "runtime/network/address/settings.h"

namespace mycontainer::runtime::network {

// The shell, in the namespace of the calling thread.
bool shell(const std::string& command);
std::string output_of(const std::string& command);

class Host {
 public:
  static Host here();
  static Host make();  // loopback is up

  // The command line of ip(8) names a namespace so.
  [[nodiscard]] std::string path() const;
  template <class Body>
  auto inside(Body&& body) const {
    const Visit visit(*this);
    return body();
  }
  [[nodiscard]] bool run(const std::string& command) const {
    return inside([&] { return shell(command); });
  }

 private:
  struct Visit {
    explicit Visit(const Host& host);
    ~Visit();
    UniqueFd back;
  };
  explicit Host(UniqueFd netns) : netns_(std::move(netns)) {}
  UniqueFd netns_;
};

// Who waits for one connection or datagram on a port of its host, of all addresses or one, and answers it.
class Server {
 public:
  Server(const Host& host, std::uint16_t port, Protocol protocol, const std::string& own = "::");
  // Whom it hears from: "192.0.2.2"; nothing when nobody is heard or the answer does not come
  // back from where the client asked.
  std::optional<std::string> reached_from(const Host& client, const std::string& address,
                                          std::uint16_t port, const std::string& source = {});

 private:
  Protocol protocol_;
  UniqueFd socket_;
};

// The host ("here") is 192.0.2.1 and 2001:db8::1 for `outside` (.2), 10.66.0.1 and fd66::1 on
// bridge "mca" with the containers a and a2 (.2, .3), 10.67.0.1 and fd67::1 on "mcb" with b, 10.68.0.1
// and fd68::1 on "mci" with i. Everybody has default routes; the host forwards.
struct Hosts {
  Hosts();
  Host host, outside, a, a2, b, i;
};

}  // namespace mycontainer::runtime::network
