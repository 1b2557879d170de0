#include "runtime/network/leaving.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>

#include "reexec/sys/file.h"
#include "reexec/sys/log.h"
#include "runtime/network/addresses.h"
#include "runtime/network/endpoint.h"
#include "runtime/network/members.h"
#include "runtime/network/membership.h"

namespace mycontainer::runtime::network {

namespace {

constexpr const char* kShared = "network-shared";

// Those of a namespace that nobody shares go with it, and nobody waits for that.
void remove_devices(const Attachment& attachment, Host& host) {
  for (const Endpoint& endpoint : attachment.endpoints) {
    if (endpoint.host_interface.empty()) continue;
    const auto removed = host.links().remove(endpoint.host_interface);
    if (!removed) log_warn("{}", removed.error().message());
  }
}

bool is_same(const PublishedPort& one, const PublishedPort& other) {
  return one.host_address == other.host_address && one.host_port == other.host_port &&
         one.protocol == other.protocol && one.target == other.target &&
         one.container_port == other.container_port;
}

// Somebody may have the dead one's address by now, and publish the same port to it.
void leave_to_heirs(const Places& places, const std::string& dead, Attachment& attachment) {
  if (attachment.ports.empty()) return;
  for (const Member& member : living_members(places)) {
    if (member.container_id == dead) continue;
    std::erase_if(attachment.ports, [&](const PublishedPort& port) {
      return std::ranges::any_of(member.attachment.ports,
                                 [&](const PublishedPort& its) { return is_same(port, its); });
    });
  }
}

}  // namespace

Result<void> note_shared(const std::string& live_directory) {
  return sys::write_file_at(AT_FDCWD, live_directory + "/" + kShared, {}, O_WRONLY | O_CREAT, 0600);
}

void undo(const Places& places, const std::string& container_id, const std::string& live_directory,
          const Attachment& attachment, Host& host) {
  const auto withdrawn = host.withdraw(attachment.ports);
  if (!withdrawn) log_warn("withdraw published ports: {}", withdrawn.error().message());
  if (::unlink((live_directory + "/" + kShared).c_str()) == 0) remove_devices(attachment, host);
  for (const Endpoint& endpoint : attachment.endpoints) {
    release_endpoint(places, container_id, endpoint);
  }
  ::unlink((live_directory + "/" + kAttachmentFile).c_str());
}

namespace {

void forget(const Places& places, const std::string& container_id,
            const std::string& live_directory, Attachment attachment, Host& host) {
  leave_to_heirs(places, container_id, attachment);
  undo(places, container_id, live_directory, attachment, host);
}

}  // namespace

void forget_member(const Places& places, const std::string& container_id,
                   const std::string& live_directory) {
  auto attachment = read_attachment(live_directory);
  if (attachment && !attachment->provider.empty()) return;  // what that had is gone with it
  // It may have been killed before it could write down what it claimed.
  if (!attachment || attachment->endpoints.empty()) {
    return release_all_addresses(places, container_id);
  }
  auto host = Host::open(places);
  if (host) return forget(places, container_id, live_directory, std::move(*attachment), *host);
  log_warn("forget the networks of {}: {}", container_id, host.error().message());
}

void forget_dead_members(const Places& places, Host& host) {
  for (Member& member : dead_members(places)) {
    forget(places, member.container_id, member.live_directory, std::move(member.attachment), host);
  }
}

}  // namespace mycontainer::runtime::network
