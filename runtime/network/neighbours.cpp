#include "runtime/network/neighbours.h"

#include <chrono>
#include <thread>

#include "runtime/network/sysctl.h"

namespace mycontainer::runtime::network {

namespace {

constexpr auto kLongest = std::chrono::milliseconds(50);
constexpr auto kStep = std::chrono::microseconds(200);

// Newer kernels notice it when they are asked.
Result<void> await_port(const std::string& name, Links& here) {
  const auto end = std::chrono::steady_clock::now() + kLongest;
  while (true) {
    TRY(const auto port, here.find(name));
    if (!port || port->running || std::chrono::steady_clock::now() > end) return {};
    std::this_thread::sleep_for(kStep);
  }
}

}  // namespace

void settle_neighbours(const Endpoint& endpoint) {
  for (const AssignedAddress& assigned : endpoint.addresses) {
    const std::string conf = assigned.address.is_v6() ? "ipv6/conf/" : "ipv4/conf/";
    const std::string notify = assigned.address.is_v6() ? "/ndisc_notify" : "/arp_notify";
    (void)set_sysctl_if_there(conf + endpoint.interface + notify, "1");
  }
}

Result<void> tell_neighbours(const Endpoint& endpoint, Links& here, Links& inside) {
  const auto mac = parse_mac(endpoint.mac);
  if (endpoint.host_interface.empty() || !mac) return {};
  TRY_VOID(await_port(endpoint.host_interface, here));
  return inside.set_mac(endpoint.interface, *mac);
}

}  // namespace mycontainer::runtime::network
