#include <fcntl.h>

#include <algorithm>

#include "reexec/sys/file.h"
#include "runtime/network/dns/names.h"
#include "runtime/network/dns/service.h"
#include "runtime/network/endpoint.h"
#include "runtime/network/members.h"
#include "runtime/network/membership.h"
#include "runtime/network/neighbours.h"

namespace mycontainer::runtime::network {

namespace {

// A container that runs, as a command that changes it sees it.
struct Running {
  const Places& places;
  const std::string& container_id;
  const std::string& live_directory;
  pid_t pid;
};

Result<void> write(const Running& container, const Attachment& attachment) {
  TRY(const UniqueFd directory,
      sys::open_at(AT_FDCWD, container.live_directory, O_PATH | O_DIRECTORY));
  return write_attachment(directory.get(), attachment);
}

int free_number(const Attachment& attachment) {
  for (int number = 0;; ++number) {
    const std::string name = fmt::format("eth{}", number);
    const auto taken = [&name](const Endpoint& endpoint) { return endpoint.interface == name; };
    if (std::ranges::none_of(attachment.endpoints, taken)) return number;
  }
}

// The default routes as the present endpoints have them.
Result<void> route(const std::vector<Endpoint>& endpoints, Links& inside) {
  for (const Family family : {Family::kIpv4, Family::kIpv6}) {
    bool led = false;
    for (std::size_t at = 0; at < endpoints.size(); ++at) {
      for (const Address& gateway : gateways_through(endpoints, at)) {
        if (gateway.family() != family) continue;
        TRY_VOID(inside.set_default_routes(endpoints[at].interface, {gateway}));
        led = true;
      }
    }
    if (!led) TRY_VOID(inside.remove_default_routes(family));
  }
  return {};
}

Result<void> wire(const Running& container, Joining& joining, Attachment& attachment, Host& host) {
  const auto renamed = [&]() -> Result<void> {
    attachment.endpoints.back() = joining.endpoint;
    return write(container, attachment);
  };
  TRY_VOID(renamed());
  // Names first: who has ended meanwhile is found out by what comes after them, and his are withdrawn. All
  // of them, because the default network is announced only beside another one.
  for (const Endpoint& each : attachment.endpoints) {
    TRY_VOID(announce(container.places, container.container_id, each));
  }
  TRY_VOID(add_device(joining, container.container_id, container.pid, host, renamed));
  const Endpoint& endpoint = attachment.endpoints.back();
  TRY(Links inside, Links::open_in(container.pid, [&endpoint] { return settle_inside(endpoint); }));
  TRY_VOID(inside.set_up_inside(inside_request(endpoint, {})));
  return tell_neighbours(endpoint, host.links(), inside);
}

Result<void> lead_out(const Running& container, const std::vector<Endpoint>& endpoints) {
  TRY(Links inside, Links::open_in(container.pid));
  return route(endpoints, inside);
}

// Published ports follow the way out, to `targets`. Those of a family that these have not stay as they are.
Result<void> lead_in(const Running& container, Attachment& attachment,
                     const std::vector<Address>& targets, Host& host) {
  std::vector<PublishedPort> before, after;
  for (PublishedPort& port : attachment.ports) {
    const auto target = std::ranges::find(targets, port.target.family(), &Address::family);
    if (target == targets.end() || *target == port.target) continue;
    before.push_back(port);
    port.target = *target;
    after.push_back(port);
  }
  if (after.empty()) return {};
  TRY_VOID(host.withdraw(before));
  TRY_VOID(write(container, attachment));
  TRY_VOID(let_turn_round(attachment, host.links()));
  return host.publish(after);
}

Result<void> serve_names(const ConnectRequest& request) {
  if (is_served(request.places, request.container_id)) return {};
  TRY(auto service, start_name_service({request.places, request.container_id, request.pid,
                                        request.name_servers, request.running}));
  (void)service.release();  // it ends with the container
  return {};
}

// The container runs on: its devices do not go by themselves.
Result<void> remove_device(const Running& container, const Endpoint& endpoint, Host& host) {
  if (!endpoint.host_interface.empty()) return host.links().remove(endpoint.host_interface);
  TRY(Links inside, Links::open_in(container.pid));
  return inside.remove(endpoint.interface);
}

bool leads_to(const PublishedPort& port, const Endpoint& endpoint) {
  return std::ranges::find(endpoint.addresses, port.target, &AssignedAddress::address) !=
         endpoint.addresses.end();
}

}  // namespace

Result<void> connect(const ConnectRequest& request) {
  const auto& [places, container_id, live_directory, pid, names, endpoint, servers, _] = request;
  const Running container{places, container_id, live_directory, pid};
  TRY(Attachment attachment, read_attachment(live_directory));
  for (const Endpoint& present : attachment.endpoints) {
    if (present.network_name != endpoint.network) continue;
    return fail("container {} is in network {} already", container_id.substr(0, 12),
                endpoint.network);
  }
  TRY(Host host, Host::open(places));
  TRY(Joining joining,
      claim_endpoint({places, container_id, names, endpoint, free_number(attachment)}, host));
  const Attachment before = attachment;
  attachment.endpoints.push_back(joining.endpoint);
  auto wired = wire(container, joining, attachment, host);
  if (wired && !is_default(joining.network)) wired = serve_names(request);
  const bool led = wired.has_value();
  if (led) wired = lead_out(container, attachment.endpoints);
  if (wired) wired = lead_in(container, attachment, ways_in(attachment.endpoints), host);
  if (wired) return wired;
  if (led) (void)host.withdraw(attachment.ports);
  (void)remove_device(container, attachment.endpoints.back(), host);
  release_endpoint(places, container_id, attachment.endpoints.back());
  (void)write(container, before);
  if (led) (void)lead_out(container, before.endpoints);
  if (led) (void)host.publish(before.ports);
  return wired;
}

Result<void> disconnect(const Places& places, const std::string& container_id,
                        const std::string& live_directory, pid_t pid,
                        const std::string& network_id) {
  const Running container{places, container_id, live_directory, pid};
  TRY(Attachment attachment, read_attachment(live_directory));
  const auto found = std::ranges::find(attachment.endpoints, network_id, &Endpoint::network_id);
  if (found == attachment.endpoints.end()) {
    return fail("container {} is not in the network", container_id.substr(0, 12));
  }
  const Endpoint endpoint = *found;
  std::vector<Endpoint> others = attachment.endpoints;
  std::erase_if(others, [&](const Endpoint& one) { return one.network_id == network_id; });
  TRY(Host host, Host::open(places));
  TRY_VOID(lead_in(container, attachment, ways_in(others), host));
  const auto first_lost = std::ranges::stable_partition(
      attachment.ports, [&](const PublishedPort& port) { return !leads_to(port, endpoint); });
  TRY_VOID(host.withdraw({first_lost.begin(), first_lost.end()}));
  TRY_VOID(remove_device(container, endpoint, host));
  release_endpoint(places, container_id, endpoint);
  attachment.endpoints = std::move(others);
  attachment.ports.erase(first_lost.begin(), first_lost.end());
  TRY_VOID(write(container, attachment));
  return lead_out(container, attachment.endpoints);
}

}  // namespace mycontainer::runtime::network
