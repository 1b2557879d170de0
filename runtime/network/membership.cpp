#include "runtime/network/membership.h"

#include <fcntl.h>

#include <algorithm>
#include <chrono>
#include <optional>
#include <thread>

#include "reexec/process.h"
#include "reexec/sys/file.h"
#include "reexec/sys/unique_fd.h"
#include "runtime/network/definition/store.h"
#include "runtime/network/dns/names.h"
#include "runtime/network/dns/service.h"
#include "runtime/network/endpoint.h"
#include "runtime/network/leaving.h"
#include "runtime/network/neighbours.h"
#include "runtime/network/network_device.h"
#include "runtime/network/ports.h"
#include "runtime/network/rules.h"

namespace mycontainer::runtime::network {

struct Membership::State {
  Places places;
  std::string container_id, live_directory;
  std::vector<std::string> name_servers;
  Host host;
  std::vector<Joining> joining = {};
  Attachment attachment = {};
  std::vector<UniqueFd> held_ports = {};
  std::optional<reexec::Process> name_service = {};
  bool left = false;

  Result<void> claim(const MembershipRequest& request);
  Result<void> hold(const std::vector<PortMapping>& mappings);
  Result<void> write();
  Result<void> add_devices(pid_t pid);
  Result<void> set_up_inside(pid_t pid);
  Result<void> announce_names();
  Result<void> publish_ports();
  Result<void> serve_names(pid_t pid);
};

Result<void> Membership::State::claim(const MembershipRequest& request) {
  for (const EndpointSettings& settings : request.endpoints) {
    const int number = static_cast<int>(joining.size());
    TRY(Joining one, claim_endpoint({places, container_id, request.names, settings, number}, host));
    attachment.endpoints.push_back(one.endpoint);
    joining.push_back(std::move(one));
  }
  TRY_VOID(hold(request.ports));
  return write();
}

Result<void> Membership::State::hold(const std::vector<PortMapping>& mappings) {
  if (mappings.empty()) return {};
  const auto addresses = ways_in(attachment.endpoints);
  if (addresses.empty()) {
    return fail("no port can be published: none of the container's networks has a way in");
  }
  TRY(HeldPorts held, hold_ports(mappings, addresses));
  attachment.ports = std::move(held.ports);
  held_ports = std::move(held.sockets);
  return {};
}

Result<void> Membership::State::write() {
  TRY(const UniqueFd directory, sys::open_at(AT_FDCWD, live_directory, O_PATH | O_DIRECTORY));
  return write_attachment(directory.get(), attachment);
}

Result<void> Membership::State::add_devices(pid_t pid) {
  for (std::size_t at = 0; at < joining.size(); ++at) {
    const auto renamed = [&]() -> Result<void> {
      attachment.endpoints[at] = joining[at].endpoint;
      return write();
    };
    TRY_VOID(add_device(joining[at], container_id, pid, host, renamed));
  }
  return {};
}

Result<void> Membership::State::set_up_inside(pid_t pid) {
  const auto settle = [this]() -> Result<void> {
    for (const Endpoint& endpoint : attachment.endpoints) TRY_VOID(settle_inside(endpoint));
    return {};
  };
  TRY(Links inside, Links::open_in(pid, settle));
  for (std::size_t at = 0; at < joining.size(); ++at) {
    const Endpoint& endpoint = attachment.endpoints[at];
    TRY_VOID(
        inside.set_up_inside(inside_request(endpoint, gateways_through(attachment.endpoints, at))));
  }
  for (const Endpoint& endpoint : attachment.endpoints) {
    TRY_VOID(tell_neighbours(endpoint, host.links(), inside));
  }
  return {};
}

Result<void> Membership::State::announce_names() {
  const auto named = [](const Endpoint& endpoint) { return !endpoint.names.empty(); };
  if (std::ranges::none_of(attachment.endpoints, named)) return {};
  // The default network too, beside another one: it is a way out for questions.
  for (const Endpoint& endpoint : attachment.endpoints) {
    TRY_VOID(announce(places, container_id, endpoint));
  }
  return {};
}

// The host's port was free: who else has the rule is dead, or somebody is collecting him just now. Last
// of all it is a rule that nobody knows of: who wrote the table anew was killed before he looked again.
Result<void> Membership::State::publish_ports() {
  constexpr int kAttempts = 20;
  constexpr std::chrono::milliseconds kBetween{10};
  auto published = host.publish(attachment.ports);
  const auto is_taken = [&] { return !published && published.error().code == EEXIST; };
  for (int attempt = 0; attempt < kAttempts && is_taken(); ++attempt) {
    if (attempt > 0) std::this_thread::sleep_for(kBetween);
    forget_dead_members(places, host);
    published = host.publish(attachment.ports);
  }
  if (!is_taken()) return published;
  TRY(Firewall* const rules, host.firewall());
  TRY(const auto networks, list(places));
  TRY_VOID(restore_rules(places, *rules, networks));
  return host.publish(attachment.ports);
}

Result<void> Membership::State::serve_names(pid_t pid) {
  const bool named =
      std::ranges::any_of(joining, [](const Joining& one) { return !is_default(one.network); });
  if (!named) return {};
  TRY(auto service, start_name_service({places, container_id, pid, name_servers}));
  name_service.emplace(std::move(service));
  return {};
}

Membership::Membership(std::unique_ptr<State> state) : state_(std::move(state)) {}
Membership::Membership(Membership&&) noexcept = default;
Membership& Membership::operator=(Membership&& other) noexcept {
  leave();
  state_ = std::move(other.state_);
  return *this;
}
Membership::~Membership() { leave(); }

const Attachment& Membership::attachment() const { return state_->attachment; }

Result<Membership> Membership::claim(const MembershipRequest& request) {
  TRY(Host host, Host::open(request.places));
  auto state =
      std::make_unique<State>(State{request.places, request.container_id, request.live_directory,
                                    request.name_servers, std::move(host)});
  Membership membership(std::move(state));
  TRY_VOID(membership.state_->claim(request));
  return membership;
}

Result<void> Membership::enter(pid_t pid) {
  TRY_VOID(state_->add_devices(pid));
  TRY_VOID(state_->set_up_inside(pid));
  TRY_VOID(state_->announce_names());
  TRY_VOID(let_turn_round(state_->attachment, state_->host.links()));
  TRY_VOID(state_->publish_ports());
  return state_->serve_names(pid);
}

void Membership::leave() {
  if (!state_ || state_->left) return;
  state_->left = true;
  state_->name_service.reset();
  auto now = read_attachment(state_->live_directory);
  const bool written = now && !now->endpoints.empty();
  undo(state_->places, state_->container_id, state_->live_directory,
       written ? *now : state_->attachment, state_->host);
  state_->held_ports.clear();
}

}  // namespace mycontainer::runtime::network
