#include "runtime/network/definition/attachment.h"

#include <fcntl.h>

#include <algorithm>

#include "reexec/sys/file.h"
#include "reexec/sys/replace_file.h"
#include "runtime/network/definition/json_fields.h"

namespace mycontainer::runtime::network {

namespace {

using nlohmann::json;

json json_of(const Endpoint& endpoint) {
  json addresses = json::array();
  for (const AssignedAddress& assigned : endpoint.addresses) {
    json& one = addresses.emplace_back(
        json{{"address", assigned.address.to_text()}, {"length", assigned.length}});
    if (assigned.gateway) one["gateway"] = assigned.gateway->to_text();
  }
  return {{"networkId", endpoint.network_id},
          {"networkName", endpoint.network_name},
          {"driver", endpoint.driver},
          {"interface", endpoint.interface},
          {"hostInterface", endpoint.host_interface},
          {"mac", endpoint.mac},
          {"addresses", std::move(addresses)},
          {"names", endpoint.names},
          {"aliases", endpoint.aliases},
          {"internal", endpoint.internal},
          {"gatewayPriority", endpoint.gateway_priority}};
}

Endpoint endpoint_of(const json& object) {
  Endpoint endpoint;
  take(object, "networkId", endpoint.network_id);
  take(object, "networkName", endpoint.network_name);
  take(object, "driver", endpoint.driver);
  take(object, "interface", endpoint.interface);
  take(object, "hostInterface", endpoint.host_interface);
  take(object, "mac", endpoint.mac);
  take(object, "names", endpoint.names);
  take(object, "aliases", endpoint.aliases);
  take(object, "internal", endpoint.internal);
  take(object, "gatewayPriority", endpoint.gateway_priority);
  for_each_object(object, "addresses", [&](const json& one) {
    const auto address = address_in(one, "address");
    if (!address) return;
    AssignedAddress& assigned = endpoint.addresses.emplace_back();
    assigned.address = *address;
    take(one, "length", assigned.length);
    assigned.gateway = address_in(one, "gateway");
  });
  return endpoint;
}

json json_of(const PublishedPort& port) {
  return {{"hostAddress", port.host_address.to_text()},
          {"hostPort", port.host_port},
          {"containerPort", port.container_port},
          {"protocol", to_text(port.protocol)},
          {"target", port.target.to_text()}};
}

std::optional<PublishedPort> port_of(const json& object) {
  const auto host = address_in(object, "hostAddress"), target = address_in(object, "target");
  if (!host || !target) return {};
  PublishedPort port{.host_address = *host, .target = *target};
  std::string protocol;
  take(object, "hostPort", port.host_port);
  take(object, "containerPort", port.container_port);
  take(object, "protocol", protocol);
  for (const Protocol known : {Protocol::kTcp, Protocol::kUdp, Protocol::kSctp}) {
    if (protocol == to_text(known)) port.protocol = known;
  }
  return port;
}

}  // namespace

std::string endpoint_id(std::string_view network_id, std::string_view container_id) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string id(container_id);
  for (std::size_t i = 0; i < std::min(id.size(), network_id.size()); ++i) {
    const std::size_t a = kDigits.find(id[i]), b = kDigits.find(network_id[i]);
    if (a != std::string_view::npos && b != std::string_view::npos) id[i] = kDigits[a ^ b];
  }
  return id;
}

std::string to_json(const Attachment& attachment) {
  json endpoints = json::array(), ports = json::array();
  for (const Endpoint& endpoint : attachment.endpoints) endpoints.push_back(json_of(endpoint));
  for (const PublishedPort& port : attachment.ports) ports.push_back(json_of(port));
  const json object = {{"endpoints", std::move(endpoints)},
                       {"ports", std::move(ports)},
                       {"provider", attachment.provider}};
  return object.dump(-1, ' ', false, json::error_handler_t::replace);
}

Result<Attachment> attachment_from_json(std::string_view text) {
  const json object = json::parse(text, nullptr, false);
  if (!object.is_object()) return fail("network.json: not an attachment");
  Attachment attachment;
  take(object, "provider", attachment.provider);
  for_each_object(object, "endpoints",
                  [&](const json& one) { attachment.endpoints.push_back(endpoint_of(one)); });
  for_each_object(object, "ports", [&](const json& one) {
    if (auto port = port_of(one)) attachment.ports.push_back(*std::move(port));
  });
  return attachment;
}

Result<Attachment> read_attachment(const std::string& live_directory) {
  const auto text = sys::read_regular_at(AT_FDCWD, live_directory + "/" + kAttachmentFile);
  if (!text && text.error().code == ENOENT) return Attachment{};
  if (!text) return Failure(text.error());
  return attachment_from_json(*text);
}

Result<void> write_attachment(int live_directory, const Attachment& attachment) {
  return sys::replace_file_at(live_directory, kAttachmentFile, to_json(attachment), 0600);
}

}  // namespace mycontainer::runtime::network
