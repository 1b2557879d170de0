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
  TRY_VOID(add_device(joining, container.container_id, container.pid, host, renamed));
  const Endpoint& endpoint = attachment.endpoints.back();
  TRY(Links inside, Links::open_in(container.pid, [&endpoint] { return settle_inside(endpoint); }));
  TRY_VOID(inside.set_up_inside(inside_request(endpoint, {})));
  TRY_VOID(tell_neighbours(endpoint, host.links(), inside));
  TRY_VOID(route(attachment.endpoints, inside));
  // All of them: the default network is announced only beside another one.
  for (const Endpoint& each : attachment.endpoints) {
    TRY_VOID(announce(container.places, container.container_id, each));
  }
  return {};
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

std::vector<PublishedPort> take_ports_to(const Endpoint& endpoint, Attachment& attachment) {
  std::vector<PublishedPort> taken;
  std::erase_if(attachment.ports, [&](const PublishedPort& port) {
    const bool to_it = std::ranges::any_of(endpoint.addresses, [&port](const auto& assigned) {
      return assigned.address == port.target;
    });
    if (to_it) taken.push_back(port);
    return to_it;
  });
  return taken;
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
  if (wired) return wired;
  (void)remove_device(container, attachment.endpoints.back(), host);
  release_endpoint(places, container_id, attachment.endpoints.back());
  (void)write(container, before);
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
  attachment.endpoints.erase(found);
  const auto ports = take_ports_to(endpoint, attachment);
  TRY(Host host, Host::open(places));
  TRY_VOID(host.withdraw(ports));
  TRY_VOID(remove_device(container, endpoint, host));
  release_endpoint(places, container_id, endpoint);
  TRY_VOID(write(container, attachment));
  TRY(Links inside, Links::open_in(pid));
  return route(attachment.endpoints, inside);
}

}  // namespace mycontainer::runtime::network
