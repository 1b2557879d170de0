// Who is called what, read by the name service from the files of names.h. Child side; private to dns.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "reexec/sys/unique_fd.h"
#include "runtime/network/address/address.h"

namespace mycontainer::runtime::network {

// Nothing is kept: each question reads what is there now. Entries of containers whose name service is
// dead, because they were killed, count as not there. What cannot be read neither: names must not lead
// to a wrong answer, and there is nobody to tell.
class Members {
 public:
  // `live`: <state>/networks.
  Members(UniqueFd live, std::string container_id)
      : live_(std::move(live)), container_id_(std::move(container_id)) {}

  struct Network {
    std::string id, name;
    bool internal = false;
  };
  // Those the container is in.
  [[nodiscard]] std::vector<Network> networks() const;

  // `name`: as dns_name() gives it. The addresses of whoever is called so in these networks, or, in the
  // network NET, is called what stands before ".NET"; nothing when nobody is.
  [[nodiscard]] std::optional<std::vector<Address>> find(const std::vector<Network>& networks,
                                                         const std::string& name) const;
  // "web.net"
  [[nodiscard]] std::optional<std::string> name_of(const std::vector<Network>& networks,
                                                   const Address& address) const;

 private:
  [[nodiscard]] bool is_alive(const std::string& container_id) const;
  bool add_all(const Network& network, const std::string& name,
               std::vector<Address>& addresses) const;

  UniqueFd live_;
  std::string container_id_;
};

}  // namespace mycontainer::runtime::network
