// Addresses of a host, by c-ares: /etc/hosts, then the name servers of /etc/resolv.conf. The C
// library's own resolver is not for a static program: it loads shared objects. Any process.
#pragma once

#include <netinet/in.h>
#include <sys/socket.h>

#include <cstdint>
#include <string>
#include <vector>

#include "reexec/sys/error.h"
#include "rootfs/registry/stream.h"

namespace mycontainer::rootfs::registry {

struct Address {
  sockaddr_storage storage{};
  socklen_t size = 0;

  [[nodiscard]] int family() const { return storage.ss_family; }
  [[nodiscard]] const sockaddr* get() const {
    return reinterpret_cast<const sockaddr*>(&storage);  // NOLINT: what the type is for
  }
};

// Never empty; IPv6 and IPv4 in turns, in the resolver's order. A host that does not exist is an
// error with ENOENT, a name server that does not answer one with ETIMEDOUT.
Result<std::vector<Address>> resolve(const std::string& host, std::uint16_t port,
                                     Clock::time_point deadline);

}  // namespace mycontainer::rootfs::registry
