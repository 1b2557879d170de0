#include "runtime/lifecycle/connect.h"

#include <algorithm>

#include "reexec/sys/file.h"
#include "runtime/engine/host_files.h"
#include "runtime/lifecycle/existing.h"
#include "runtime/lifecycle/networks.h"
#include "runtime/lifecycle/running.h"
#include "runtime/network/definition/store.h"
#include "runtime/network/membership.h"
#include "runtime/state/event_log.h"
#include "runtime/state/live.h"
#include "runtime/state/places.h"

namespace mycontainer::runtime::lifecycle {

namespace {

using network::Definition;
using network::EndpointSettings;
using network::Kind;

// What a container's networks come to: of one that has been disconnected from all of them, what they
// were when it was made.
Kind kind_of(const state::Record& record) {
  if (!record.networks.empty()) return network::kind_of(record.networks);
  return network::kind_of({{.network = record.network}});
}

Result<void> check_container(const state::Record& record) {
  switch (kind_of(record)) {
    case Kind::kMember:
      return {};
    case Kind::kNone:
      return fail(
          "container cannot be connected to multiple networks with one of the networks in private "
          "(none) mode");
    case Kind::kHost:
    case Kind::kContainer:
    case Kind::kNamespace:
      return fail(
          "container sharing network namespace with another container or host cannot be connected "
          "to any other network");
    case Kind::kUserMode:
      return fail("container {} has its network from {}, and cannot be connected to any other one",
                  record.name, record.networks.front().network);
  }
  return {};
}

// By Docker's rules.
Result<void> check_endpoint(const EndpointSettings& endpoint, const Definition& network) {
  if (!network::is_default(network)) return {};
  if (!endpoint.ipv4.empty() || !endpoint.ipv6.empty()) {
    return fail("user specified IP address is supported on user defined networks only");
  }
  if (!endpoint.aliases.empty()) {
    return fail("network-scoped alias is supported only for containers in user defined networks");
  }
  return {};
}

Result<Definition> network_to_join(const state::Roots& roots, const std::string& word) {
  TRY(Definition network, find_network(roots, word));
  if (network.driver == "host") {
    return fail("container cannot be disconnected from host network or connected to host network");
  }
  if (network.driver == "null") {
    return fail(
        "container cannot be connected to multiple networks with one of the networks in private "
        "(none) mode");
  }
  return network;
}

auto endpoint_in(state::Record& record, const std::string& network) {
  return std::ranges::find(record.networks, network, &EndpointSettings::network);
}

bool runs(const state::Roots& roots, const state::Record& record) {
  return state::is_supervised(roots, record.id) &&
         state::effective_state(roots, record).status == state::Status::kRunning;
}

std::vector<std::string> names_of(const state::Record& record) {
  constexpr std::size_t kShort = 12;
  std::vector<std::string> names = {record.name, record.id.substr(0, kShort)};
  if (!record.hostname.empty() && std::ranges::find(names, record.hostname) == names.end()) {
    names.push_back(record.hostname);
  }
  return names;
}

void tell_event(const state::Roots& roots, const Definition& network, const std::string& id,
                const char* action) {
  state::append_event(roots,
                      {state::now(),
                       "network",
                       action,
                       network.id,
                       {{"container", id}, {"name", network.name}, {"type", network.driver}}});
}

// As long as nobody has changed the container's file, it is what a start in the new network would have
// made it.
Result<void> lead_to_name_service(const std::string& live, const state::Record& record,
                                  const engine::HostTexts& host) {
  engine::HostFiles files;
  files.kind = Kind::kMember;
  files.names = record.names;
  const std::string path = live + "/resolv.conf", before = engine::resolv_conf_text(files, host);
  const auto now = sys::read_regular_at(AT_FDCWD, path);
  if (!now || *now != before) return {};
  files.name_service = true;
  return sys::write_file_at(AT_FDCWD, path, engine::resolv_conf_text(files, host),
                            O_WRONLY | O_TRUNC | O_NOFOLLOW);
}

// Records of foreground runs do not tell the number of their process.
Result<void> join_now(const state::Roots& roots, const state::Record& record,
                      const EndpointSettings& endpoint) {
  TRY(const auto running, inspect_running(roots, record.id));
  const network::Places places = state::places_of(roots);
  const std::string live = state::container_directory(roots.state, record.id);
  TRY(const auto run, state::ExitWaiter::open(roots, record.id));
  if (!run) return fail("container {} has ended", record.name);
  const engine::HostTexts host = engine::host_texts();
  network::ConnectRequest request{places, record.id, live, running.record.pid};
  request.names = names_of(record);
  request.endpoint = endpoint;
  request.name_servers = engine::name_servers(record.names, host);
  request.running = run->fd();
  TRY_VOID(network::connect(request));
  if (endpoint.network == network::kDefaultNetwork) return {};
  return lead_to_name_service(live, record, host);
}

Result<void> leave_now(const state::Roots& roots, const state::Record& record,
                       const std::string& network_id) {
  TRY(const auto running, inspect_running(roots, record.id));
  return network::disconnect(state::places_of(roots), record.id,
                             state::container_directory(roots.state, record.id), running.record.pid,
                             network_id);
}

// By the name, when the network itself is gone.
Result<Definition> network_to_leave(const state::Roots& roots, const state::Record& record,
                                    const std::string& word) {
  auto found = find_network(roots, word);
  if (found || found.error().code != ENOENT) return found;
  for (const EndpointSettings& endpoint : record.networks) {
    if (endpoint.network != word) continue;
    Definition gone;
    gone.name = word;
    return gone;
  }
  return found;
}

}  // namespace

Result<void> connect(const state::Roots& roots, const std::string& container_id,
                     EndpointSettings endpoint) {
  TRY(const Definition network, network_to_join(roots, endpoint.network));
  endpoint.network = network.name;
  TRY(auto container, state::Container::open(roots, container_id));
  TRY_VOID(lock_within(container, kEndPatience));
  TRY(state::Record record, record_of(container));
  TRY_VOID(check_container(record));
  TRY_VOID(check_endpoint(endpoint, network));
  if (endpoint_in(record, network.name) != record.networks.end()) {
    return fail("endpoint with name {} already exists in network {}", record.name, network.name);
  }
  const bool now = runs(roots, record);
  if (now) TRY_VOID(join_now(roots, record, endpoint));
  record.networks.push_back(std::move(endpoint));
  if (auto written = container.write(record); !written) {
    if (now) (void)leave_now(roots, record, network.id);
    return written;
  }
  tell_event(roots, network, record.id, "connect");
  return {};
}

Result<void> disconnect(const state::Roots& roots, const std::string& container_id,
                        const std::string& word, bool force) {
  TRY(auto container, state::Container::open(roots, container_id));
  TRY_VOID(lock_within(container, kEndPatience));
  TRY(state::Record record, record_of(container));
  TRY(const Definition network, network_to_leave(roots, record, word));
  if (network.driver == "host") {
    return fail("container cannot be disconnected from host network or connected to host network");
  }
  const auto endpoint = endpoint_in(record, network.name);
  if (endpoint == record.networks.end()) {
    if (force) return {};
    return fail("container {} is not connected to network {}", record.id, network.name);
  }
  if (runs(roots, record) && !network.id.empty()) {
    TRY_VOID(leave_now(roots, record, network.id));
  }
  record.networks.erase(endpoint);
  TRY_VOID(container.write(record));
  tell_event(roots, network, record.id, "disconnect");
  return {};
}

}  // namespace mycontainer::runtime::lifecycle
