// What the supervisor and the name service say to each other (service.h). Both sides; private to dns.
#pragma once

#include <cstdint>
#include <string>
#include <tuple>
#include <vector>

namespace mycontainer::runtime::network {

enum class NameServiceMessage : std::uint32_t {
  kOrder = 1,  // NameServiceOrder and descriptors, in the order of Given
  kReady,
  kError,  // Error
};

enum Given : std::size_t {
  kUdpSocket,
  kTcpSocket,
  kLiveDirectory,
  kLock,
  kGivenCount,
  kFollowed = kGivenCount
};

struct NameServiceOrder {
  std::string container_id;
  std::vector<std::string> servers;
  int supervisor = 0;  // its pid: whose death is the service's; 0: kFollowed is given instead

  template <class Self>
  static auto fields(Self& self) {
    return std::tie(self.container_id, self.servers, self.supervisor);
  }
};

}  // namespace mycontainer::runtime::network
