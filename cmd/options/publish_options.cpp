#include "cmd/options/publish_options.h"

#include <algorithm>
#include <map>
#include <optional>
#include <tuple>
#include <utility>
#include <vector>

#include "runtime/network/address/address.h"
#include "runtime/network/address/port_range.h"

namespace mycontainer::cmd::options {
namespace {

using runtime::network::Address;
using runtime::network::PortMapping;
using runtime::network::PortRange;
using runtime::network::Protocol;

// What was typed, in parts; absent ones are empty.
struct Parts {
  std::string_view address, host, container, protocol;
};

// The last two words by colons are ports; what is before them is an address, which may have colons.
Parts split(std::string_view text) {
  Parts parts;
  const std::size_t slash = text.find('/');
  if (slash != std::string_view::npos) parts.protocol = text.substr(slash + 1);
  text = text.substr(0, slash);
  const std::size_t last = text.rfind(':');
  parts.container = last == std::string_view::npos ? text : text.substr(last + 1);
  if (last == std::string_view::npos) return parts;
  text = text.substr(0, last);
  const std::size_t before = text.rfind(':');
  parts.host = before == std::string_view::npos ? text : text.substr(before + 1);
  if (before != std::string_view::npos) parts.address = text.substr(0, before);
  return parts;
}

// "" for all of the host's.
Result<std::string> host_address(std::string_view text) {
  if (text.empty()) return std::string();
  const bool brackets = text.size() > 2 && text.front() == '[' && text.back() == ']';
  const auto address = Address::parse(brackets ? text.substr(1, text.size() - 2) : text);
  if (!address) return fail("invalid IP address: {}", text);
  return address->to_text();
}

Result<Protocol> protocol_of(std::string_view text, bool typed) {
  if (!typed) return Protocol::kTcp;
  const auto protocol = runtime::network::parse_protocol(text);
  if (!protocol) return fail("invalid proto: {}", text);
  return *protocol;
}

// Of each port of the container: a range of the host's as long as the container's is taken in order,
// one for a single port is a choice.
Result<std::vector<PortMapping>> mappings(const PortMapping& common, PortRange container,
                                          PortRange host, const Parts& parts) {
  const bool choice = container.more() == 0;
  const bool any = host.first == 0 && host.last == 0;
  if (!any && !choice && container.more() != host.more()) {
    return fail("invalid ranges specified for container and host Ports: {} and {}", parts.container,
                parts.host);
  }
  std::vector<PortMapping> all;
  for (int i = 0; i <= container.more(); ++i) {
    PortMapping one = common;
    one.container_port = static_cast<std::uint16_t>(container.first + i);
    if (!any) one.host_port = static_cast<std::uint16_t>(host.first + i);
    if (!any && choice && host.more() > 0) one.host_port_last = host.last;
    all.push_back(std::move(one));
  }
  return all;
}

// The long form, as Docker's client reads it.
Result<std::string> short_form(std::string_view text) {
  std::map<std::string_view, std::string_view> fields = {{"protocol", "tcp"}};
  while (!text.empty()) {
    const std::string_view field = text.substr(0, text.find(','));
    text.remove_prefix(std::min(field.size() + 1, text.size()));
    const std::size_t equals = field.find('=');
    const std::string_view key = field.substr(0, equals);
    const bool known = key == "published" || key == "target" || key == "protocol" || key == "mode";
    if (equals == std::string_view::npos || !known) {
      return fail("invalid publish opts format (should be name=value but got '{}')", field);
    }
    fields[key] = field.substr(equals + 1);
  }
  return fmt::format("{}:{}/{}", fields["published"], fields["target"], fields["protocol"]);
}

Result<void> add_short(RunDraft& draft, std::string_view value) {
  const Parts parts = split(value);
  PortMapping common;
  TRY(common.protocol, protocol_of(parts.protocol, value.find('/') != std::string_view::npos));
  TRY(common.host_address, host_address(parts.address));
  if (parts.container.empty()) return fail("no port specified: {}<empty>", value);
  const auto container = runtime::network::parse_port_range(parts.container);
  if (!container || container->first == 0) {
    return fail("invalid containerPort: {}", parts.container);
  }
  const auto host = parts.host.empty() ? std::optional(PortRange())
                                       : runtime::network::parse_port_range(parts.host);
  if (!host || (host->first == 0 && host->last != 0)) {
    return fail("invalid hostPort: {}", parts.host);
  }
  TRY(auto all, mappings(common, *container, *host, parts));
  auto& ports = draft.request.ports;
  ports.insert(ports.end(), std::make_move_iterator(all.begin()),
               std::make_move_iterator(all.end()));
  return {};
}

// Whether one socket bound to `a` keeps another from being bound to `b`.
bool overlap(const std::string& a, const std::string& b) {
  if (a.empty() || b.empty() || a == b) return true;
  const auto one = Address::parse(a);
  const auto other = Address::parse(b);
  return one && other && one->family() == other->family() &&
         (one->is_unspecified() || other->is_unspecified());
}

bool same(const PortMapping& a, const PortMapping& b) {
  return a.container_port == b.container_port && a.host_port_last == b.host_port_last &&
         a.host_address == b.host_address;
}

// Of two that name the same port of the host (0: any) and protocol.
bool collide(const PortMapping& a, const PortMapping& b) {
  if (same(a, b)) return true;
  const bool both_exact = a.host_port != 0 && a.host_port_last == 0 && b.host_port_last == 0;
  return both_exact && overlap(a.host_address, b.host_address);
}

}  // namespace

Result<void> add_published(RunDraft& draft, std::string_view value) {
  if (value.find('=') == std::string_view::npos) return add_short(draft, value);
  TRY(const std::string text, short_form(value));
  return add_short(draft, text);
}

Result<void> add_exposed(RunDraft& draft, std::string_view value) {
  if (value.find(':') != std::string_view::npos) {
    return fail("invalid port format for --expose: {}", value);
  }
  const auto exposed = runtime::network::parse_exposed(value);
  if (!exposed) return fail("invalid range format for --expose: {}", value);
  auto& all = draft.request.expose;
  for (int port = exposed->ports.first; port <= exposed->ports.last; ++port) {
    std::string text =
        runtime::network::port_text(static_cast<std::uint16_t>(port), exposed->protocol);
    all.push_back(std::move(text));
  }
  return {};
}

Result<void> check_published(const RunDraft& draft) {
  std::multimap<std::tuple<Protocol, std::uint16_t, std::uint16_t>, const PortMapping*> seen;
  for (const PortMapping& mapping : draft.request.ports) {
    // Those on any port of the host can be but the same.
    const std::uint16_t distinct = mapping.host_port == 0 ? mapping.container_port : 0;
    const std::tuple key(mapping.protocol, mapping.host_port, distinct);
    const auto [begin, end] = seen.equal_range(key);
    const bool twice =
        std::any_of(begin, end, [&](const auto& entry) { return collide(*entry.second, mapping); });
    if (twice && mapping.host_port == 0) {
      return fail("conflicting options: container port {} is published twice",
                  runtime::network::port_text(mapping.container_port, mapping.protocol));
    }
    if (twice) {
      return fail("conflicting options: host port {} is published twice",
                  runtime::network::port_text(mapping.host_port, mapping.protocol));
    }
    seen.emplace(key, &mapping);
  }
  return {};
}

}  // namespace mycontainer::cmd::options
