#include "cmd/list/container_filter.h"

#include <algorithm>
#include <array>

#include "cmd/options/values.h"
#include "runtime/network/address/port_range.h"
#include "runtime/network/definition/store.h"
#include "runtime/state/places.h"
#include "runtime/state/store.h"

namespace mycontainer::cmd::list {
namespace {

using runtime::state::Nanoseconds;

constexpr std::string_view kKnown[] = {"ancestor", "before", "exited", "expose", "health",
                                       "id",       "label",  "label!", "name",   "network",
                                       "publish",  "since",  "status", "volume"};
constexpr std::string_view kStates[] = {"broken", "created",    "dead",     "exited",
                                        "paused", "restarting", "removing", "running"};
constexpr std::string_view kHealths[] = {"healthy", "none", "starting", "unhealthy"};

Result<void> check_values(const Filters& filters, const std::string& name,
                          std::span<const std::string_view> known) {
  for (const std::string& value : values_of(filters, name)) {
    if (std::ranges::find(known, value) == known.end()) {
      return fail("invalid filter '{}={}'", name, value);
    }
  }
  return {};
}

Result<std::optional<Nanoseconds>> created_of(const runtime::state::Roots& roots,
                                              const Filters& filters, const std::string& name) {
  const auto values = values_of(filters, name);
  if (values.empty()) return std::optional<Nanoseconds>();
  TRY(const std::string id, runtime::state::find(roots, values.back()));
  TRY(const auto container, runtime::state::Container::open(roots, id));
  TRY(const auto record, container.read());
  return std::optional(record.created);
}

// "80", "80/tcp", "8000-8080/udp" hold ports; what cannot be read holds none.
bool holds_port(std::string_view range, std::uint16_t port, runtime::network::Protocol protocol) {
  const auto held = runtime::network::parse_exposed(range);
  return held && held->protocol == protocol && held->ports.first <= port &&
         port <= held->ports.last;
}

bool holds_any_port(std::string_view range, std::string_view ports) {
  const auto asked = runtime::network::parse_exposed(ports);
  const auto held = runtime::network::parse_exposed(range);
  return held && asked && held->protocol == asked->protocol &&
         held->ports.first <= asked->ports.last && asked->ports.first <= held->ports.last;
}

// As typed or in another spelling of the same: with the tag "latest", by the id.
bool is_of_image(const runtime::state::Record& record, std::string_view wanted) {
  constexpr std::string_view kAlgorithm = "sha256:";
  if (record.image == wanted || record.image == std::string(wanted) + ":latest" ||
      record.image + ":latest" == wanted) {
    return true;
  }
  if (record.image_id.empty() || wanted.empty()) return false;
  const std::string_view id = record.image_id;
  return id.starts_with(wanted) ||
         (id.starts_with(kAlgorithm) && id.substr(kAlgorithm.size()).starts_with(wanted));
}

template <class Judge>
bool any_value(const Filters& filters, const std::string& name, const Judge& judge) {
  const auto values = values_of(filters, name);
  return values.empty() || std::ranges::any_of(values, judge);
}

// A record has the names of networks, whatever the user calls them by.
Filters with_network_names(const runtime::state::Roots& roots, Filters filters) {
  const auto places = runtime::state::places_of(roots);
  for (auto& [name, values] : filters) {
    if (name != "network") continue;
    const auto typed = values;
    for (const std::string& word : typed) {
      if (const auto found = runtime::network::find(places, word)) values.push_back(found->name);
    }
  }
  return filters;
}

}  // namespace

Result<ContainerFilter> ContainerFilter::compile(const runtime::state::Roots& roots,
                                                 Filters filters) {
  TRY_VOID(check_filters(filters, kKnown));
  TRY_VOID(check_values(filters, "status", kStates));
  TRY_VOID(check_values(filters, "health", kHealths));
  ContainerFilter filter;
  for (const std::string& value : values_of(filters, "exited")) {
    const auto code = options::parse_integer<int>(value);
    if (!code) return fail("invalid filter 'exited={}'", value);
    filter.exit_codes_.push_back(*code);
  }
  TRY(filter.before_, created_of(roots, filters, "before"));
  TRY(filter.since_, created_of(roots, filters, "since"));
  filter.filters_ = with_network_names(roots, std::move(filters));
  return filter;
}

bool ContainerFilter::takes_time(const Entry& entry) const {
  const Nanoseconds created = entry.record.created;
  return (!before_ || created < *before_) && (!since_ || created > *since_);
}

bool ContainerFilter::takes_exposed(const Entry& entry) const {
  return any_value(filters_, "expose", [&](const std::string& range) {
    return std::ranges::any_of(entry.record.exposed_ports, [&](const std::string& port) {
      return holds_any_port(range, port);
    });
  });
}

// By the host's port, as Docker has it.
bool ContainerFilter::takes_published(const Entry& entry) const {
  return any_value(filters_, "publish", [&](const std::string& range) {
    return std::ranges::any_of(entry.ports, [&](const auto& port) {
      return std::ranges::any_of(port.published, [&](const auto& host) {
        return holds_port(range, host.port, port.protocol);
      });
    });
  });
}

bool ContainerFilter::takes_network(const Entry& entry) const {
  if (!filters_.contains("network")) return true;
  const auto names = runtime::lifecycle::network_names(entry.record);
  return any_value(filters_, "network", [&](const std::string& name) {
    return std::ranges::find(names, name) != names.end();
  });
}

bool ContainerFilter::takes_record(const Entry& entry) const {
  if (filters_.empty()) return true;
  const auto& record = entry.record;
  const auto unwanted = values_of(filters_, "label!");
  return matches_pattern(filters_, "id", record.id) &&
         (matches_pattern(filters_, "name", record.name) ||
          matches_pattern(filters_, "name", "/" + record.name)) &&
         matches_labels(values_of(filters_, "label"), record.labels) &&
         (unwanted.empty() || !matches_labels(unwanted, record.labels)) && takes_network(entry) &&
         takes_time(entry) &&
         any_value(filters_, "ancestor",
                   [&](const auto& image) { return is_of_image(record, image); }) &&
         any_value(filters_, "volume",
                   [&](const auto& mount) {
                     const auto is_in = [&](const auto& list) {
                       return std::ranges::find(list, mount) != list.end();
                     };
                     return is_in(entry.mounts) || is_in(entry.mount_places);
                   }) &&
         takes_exposed(entry);
}

bool ContainerFilter::takes_state(const Entry& entry) const {
  if (filters_.empty()) return true;
  const auto& state = entry.state;
  const std::string_view health =
      state.health.status.empty() ? std::string_view("none") : state.health.status;
  const bool ended = entry.status == "exited" && state.started != 0;
  const bool code_fits =
      exit_codes_.empty() ||
      (ended && std::ranges::find(exit_codes_, state.exit_code) != exit_codes_.end());
  return code_fits && takes_published(entry) && matches_exactly(filters_, "status", entry.status) &&
         matches_exactly(filters_, "health", health);
}

}  // namespace mycontainer::cmd::list
