#include "runtime/network/user_mode/user_network.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <unistd.h>

#include <span>

#include "reexec/sys/file.h"
#include "runtime/network/netlink/links.h"
#include "runtime/network/user_mode/leftover.h"
#include "runtime/network/user_mode/pasta.h"
#include "runtime/network/user_mode/slirp.h"
#include "runtime/network/user_mode/slirp_socket.h"

namespace mycontainer::runtime::network {

namespace {

Endpoint endpoint_of(const std::string& provider, const Addressing& addressing) {
  Endpoint endpoint;
  endpoint.network_name = provider;
  endpoint.driver = provider;
  endpoint.interface = "eth0";
  endpoint.mac = to_text(mac_of(addressing.address()));
  endpoint.addresses.push_back(
      {addressing.address(), addressing.subnet.length(), addressing.gateway()});
  if (addressing.subnet6) {
    endpoint.addresses.push_back(
        {addressing.address6(), addressing.subnet6->length(), addressing.gateway6()});
  }
  return endpoint;
}

Result<UniqueFd> take_turn(const Places& places) {
  TRY_VOID(sys::make_directories(places.live(), 0700));
  TRY(UniqueFd lock, sys::open_at(AT_FDCWD, places.live() + "/ports.lock", O_RDWR | O_CREAT, 0600));
  while (::flock(lock.get(), LOCK_EX) != 0) {
    if (errno != EINTR) return fail_errno("lock {}/ports.lock", places.live());
  }
  return lock;
}

// It would lead from the container to all that listens there, not to names alone.
bool is_first_loopback(const std::string& server) { return server == "127.0.0.1"; }

}  // namespace

Result<UserNetwork> UserNetwork::prepare(const UserNetworkRequest& request) {
  UserNetwork network;
  TRY(network.program_, find_provider(request.provider));
  TRY(Links links, Links::open());
  TRY(const auto routes, links.routes());
  network.addressing_ = choose_addressing(routes);
  network.live_directory_ = request.live_directory;
  const bool is_slirp = request.provider == kSlirp;
  // Its IPv6 is marked as an experiment, and announces itself only after the program runs.
  if (is_slirp) network.addressing_.subnet6.reset();
  network.forwards_names_ =
      !request.loopback_server.empty() && !(is_slirp && is_first_loopback(request.loopback_server));
  network.attachment_.provider = request.provider;
  network.attachment_.endpoints.push_back(endpoint_of(request.provider, network.addressing_));
  TRY_VOID(network.choose_ports(request));
  TRY_VOID(write_attachment(network.live_directory_, network.attachment_));
  return network;
}

Result<void> UserNetwork::choose_ports(const UserNetworkRequest& request) {
  if (request.ports.empty()) return {};
  TRY(turn_, take_turn(request.places));
  std::vector<Address> targets{addressing_.address()};
  if (addressing_.subnet6) targets.push_back(addressing_.address6());
  TRY(HeldPorts held, hold_ports(request.ports, targets, Hold::kForOther));
  attachment_.ports = std::move(held.ports);
  held_ports_ = std::move(held.sockets);
  return {};
}

Result<void> UserNetwork::start(pid_t pid) {
  const bool is_slirp = attachment_.provider == kSlirp;
  std::vector<std::string> arguments;
  if (is_slirp) {
    arguments = slirp_arguments(addressing_, forwards_names_, !attachment_.ports.empty(), pid);
  } else {
    TRY(arguments, pasta_arguments(addressing_, attachment_.ports));
  }
  held_ports_.clear();
  auto provider = is_slirp ? Provider::start_slirp(program_, std::move(arguments), live_directory_)
                           : Provider::start_pasta(program_, std::move(arguments), pid);
  if (!provider) return Failure(std::move(provider).error());
  provider_.emplace(std::move(*provider));
  return record_provider(live_directory_, provider_->process().pid());
}

Result<void> UserNetwork::ready() {
  TRY_VOID(provider_->await());
  if (attachment_.provider == kSlirp) TRY_VOID(publish_by_slirp());
  turn_.reset();
  return {};
}

Result<void> UserNetwork::publish_by_slirp() const {
  if (attachment_.ports.empty()) return {};
  Result<void> published;
  for (const PublishedPort& port : attachment_.ports) {
    published = publish_with_slirp(live_directory_, port);
    if (!published) break;
  }
  // Nobody else has anything to ask for there.
  ::unlinkat(live_directory_, kSlirpSocket, 0);
  return published;
}

void UserNetwork::leave() {
  if (!provider_) return;
  provider_->kill();
  // Who gets the command prompt back may publish the same ports at once.
  if (attachment_.ports.empty()) provider_->abandon();
  provider_.reset();
}

std::optional<Address> UserNetwork::name_server() const {
  if (!forwards_names_) return {};
  return addressing_.name_server();
}

std::optional<Address> UserNetwork::host_address() {
  const UniqueFd socket(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  sockaddr_in peer{};
  peer.sin_family = AF_INET;
  peer.sin_port = htons(9);
  peer.sin_addr.s_addr = htonl(0xc0000201);  // of RFC 5737: nothing is sent, only a route chosen
  auto* const address = reinterpret_cast<sockaddr*>(&peer);
  socklen_t size = sizeof peer;
  if (::connect(socket.get(), address, size) != 0) return {};
  if (::getsockname(socket.get(), address, &size) != 0) return {};
  return Address::from_bytes(std::as_bytes(std::span(&peer.sin_addr, 1)));
}

}  // namespace mycontainer::runtime::network
