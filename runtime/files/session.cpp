#include "runtime/files/session.h"

#include <sched.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <csignal>
#include <span>

#include "reexec/command.h"
#include "reexec/wire.h"
#include "runtime/files/entry.h"
#include "runtime/launch/id_maps.h"
#include "runtime/launch/mapped_namespace.h"

namespace mycontainer::runtime::files {

namespace {

bool has_user_namespace(const oci::Spec& spec) {
  return std::ranges::any_of(spec.linux_config.namespaces,
                             [](const oci::Namespace& one) { return one.type == "user"; });
}

bool is_rootless() { return ::geteuid() != 0; }

// The overlay on "/" is the first mount, if there is one (runtime/launch/plan.h).
const oci::Mount* overlay_of(const oci::Spec& spec) {
  if (spec.mounts.empty()) return nullptr;
  const oci::Mount& first = spec.mounts.front();
  return first.destination == "/" && first.type == "overlay" ? &first : nullptr;
}

Result<std::vector<rootfs::mount::MountPlan>> plan_binds(const oci::Spec& spec,
                                                         const std::string& transient) {
  std::vector<rootfs::mount::MountPlan> binds;
  for (const oci::Mount& mount : spec.mounts) {
    // Device nodes and the host's own kernel filesystems hold nobody's files.
    const bool is_volume =
        mount.type == "bind" && !mount.source.starts_with(transient + "/") &&
        std::ranges::none_of(std::array{"/dev", "/proc", "/sys"}, [&mount](const char* place) {
          return (mount.destination + "/").starts_with(std::string(place) + "/");
        });
    if (!is_volume) continue;
    TRY(auto plan,
        rootfs::mount::plan_mount(mount.destination, mount.type, mount.source, mount.options));
    if (plan.idmap && !mount.uid_mappings.empty()) {
      return fail("the mapped mount {} needs the container to run", mount.destination);
    }
    binds.push_back(std::move(plan));
  }
  return binds;
}

Result<EnterRequest> plan_mounts(const oci::Spec& spec, const std::string& transient) {
  EnterRequest request;
  request.way = EnterRequest::Way::kMount;
  request.user_namespace = has_user_namespace(spec);
  request.readonly = spec.root.readonly;
  if (const oci::Mount* overlay = overlay_of(spec)) {
    TRY(request.overlay, rootfs::layer::parse_overlay_options(overlay->options));
    request.overlay->volatile_writes = false;
  } else {
    request.directory = spec.root.path;
  }
  TRY(request.binds, plan_binds(spec, transient));
  return request;
}

Result<EnterRequest> plan_image(const oci::Spec& spec) {
  EnterRequest request;
  request.way = EnterRequest::Way::kMount;
  request.directory = spec.root.path;
  const oci::Mount* overlay = overlay_of(spec);
  if (overlay == nullptr) return request;
  TRY(auto layers, rootfs::layer::parse_overlay_options(overlay->options));
  request.directory = layers.lower.front();
  if (layers.lower.size() == 1) return request;
  layers.upper.clear();
  layers.work.clear();
  layers.memory = layers.volatile_writes = false;
  request.overlay = std::move(layers);
  return request;
}

void add_user_namespace(const oci::Spec& spec, reexec::Attributes& attributes) {
  attributes.new_namespaces |= CLONE_NEWUSER;
  attributes.uid_map = launch::id_maps(spec.linux_config.uid_mappings);
  attributes.gid_map = launch::id_maps(spec.linux_config.gid_mappings);
  attributes.deny_setgroups = attributes.gid_map.size() == 1;
}

std::vector<rootfs::layer::IdShift> shifts(const std::vector<oci::IdMapping>& mappings) {
  std::vector<rootfs::layer::IdShift> result;
  result.reserve(mappings.size());
  for (const oci::IdMapping& map : mappings) {
    result.push_back({map.container_id, map.host_id, map.size});
  }
  return result;
}

// Where the engine itself mounts something; Docker has these places in a layer of their own, below
// the container's.
bool is_engines(const oci::Mount& mount) {
  if (mount.destination == "/etc/resolv.conf" || mount.destination == "/etc/hostname" ||
      mount.destination == "/etc/hosts") {
    return true;
  }
  return std::ranges::any_of(std::array{"/dev", "/proc", "/sys"}, [&mount](const char* place) {
    return (mount.destination + "/").starts_with(std::string(place) + "/");
  });
}

Result<ChangesRequest> plan_changes(const oci::Spec& spec) {
  const oci::Mount* overlay = overlay_of(spec);
  if (overlay == nullptr) {
    return fail("the container has no layer of its own: it writes to {}", spec.root.path);
  }
  TRY(auto layers, rootfs::layer::parse_overlay_options(overlay->options));
  if (layers.memory) return fail("what the container writes lives in its memory");
  ChangesRequest request{layers.upper, std::move(layers.lower), layers.user_xattr, {}, {}};
  // An ordinary user's helper sees both layers from inside.
  if (has_user_namespace(spec) && !is_rootless()) {
    request.uids = shifts(spec.linux_config.uid_mappings);
    request.gids = shifts(spec.linux_config.gid_mappings);
  }
  return request;
}

}  // namespace

Result<LayerRequest> plan_layer(const oci::Spec& spec) {
  LayerRequest request;
  if (overlay_of(spec) == nullptr) {
    request.trees.lower = {spec.root.path};
    return request;
  }
  TRY(request.trees, plan_changes(spec));
  for (const oci::Mount& mount : spec.mounts) {
    if (is_engines(mount)) request.mount_points.push_back(mount.destination);
  }
  return request;
}

// In a mount namespace of its own, and an ordinary user's in the container's user namespace, when a
// configuration is given.
Result<Session> Session::start(const oci::Spec* new_namespaces) {
  auto command = reexec::Command::entry(std::string(kFilesEntry));
  command.clear_env().in(reexec::Stdio::null()).out(reexec::Stdio::null());
  command.attributes().parent_death_signal = SIGKILL;
  if (new_namespaces != nullptr) {
    command.attributes().new_namespaces = CLONE_NEWNS;
    if (is_rootless()) add_user_namespace(*new_namespaces, command.attributes());
  }
  TRY(reexec::Process process, command.start());
  return Session(std::move(process), command.take_channel());
}

template <class Request>
Result<void> Session::send(MessageType type, const Request& request, int fd) {
  return channel_.send(static_cast<std::uint32_t>(type), reexec::encode(request),
                       std::span(&fd, fd < 0 ? 0 : 1));
}

Result<std::string> Session::receive() {
  TRY(auto message, channel_.receive());
  if (!message) {
    TRY(const reexec::Status status, process_.wait());
    return fail("the process that works on the container's files {}", status.describe());
  }
  if (static_cast<MessageType>(message->type) == MessageType::kDone) {
    return std::move(message->bytes);
  }
  TRY(Error error, reexec::decode<Error>(message->bytes));
  return Failure(std::move(error));
}

Result<Session> Session::join(const oci::Spec& spec, int init) {
  TRY(Session session, start(nullptr));
  EnterRequest request;
  request.way = EnterRequest::Way::kJoin;
  request.user_namespace = has_user_namespace(spec);
  TRY_VOID(session.send(MessageType::kEnter, request, init));
  TRY_VOID(session.receive());
  return session;
}

Result<Session> Session::mount(const oci::Spec& spec, const std::string& transient) {
  TRY(const EnterRequest request, plan_mounts(spec, transient));
  UniqueFd user_namespace;
  if (request.user_namespace && !is_rootless()) {
    TRY(user_namespace, launch::mapped_namespace(launch::id_maps(spec.linux_config.uid_mappings),
                                                 launch::id_maps(spec.linux_config.gid_mappings)));
  }
  TRY(Session session, start(&spec));
  TRY_VOID(session.send(MessageType::kEnter, request, user_namespace.get()));
  TRY_VOID(session.receive());
  return session;
}

Result<Session> Session::beside(const oci::Spec& spec) { return start(&spec); }

Result<Session> Session::mount_image(const oci::Spec& spec) {
  TRY(const EnterRequest request, plan_image(spec));
  TRY(Session session, start(&spec));
  TRY_VOID(session.send(MessageType::kEnter, request));
  TRY_VOID(session.receive());
  return session;
}

Result<Node> Session::stat(const std::string& path, bool follow) {
  TRY_VOID(send(MessageType::kStat, StatRequest{path, follow}));
  TRY(const std::string bytes, receive());
  return reexec::decode<Node>(bytes);
}

Result<void> Session::start_pack(const PackRequest& request, UniqueFd out) {
  return send(MessageType::kPack, request, out.get());
}

Result<std::uint64_t> Session::finish_pack() {
  TRY(const std::string bytes, receive());
  return reexec::decode<std::uint64_t>(bytes);
}

Result<void> Session::start_unpack(const UnpackRequest& request, UniqueFd in) {
  return send(MessageType::kUnpack, request, in.get());
}

Result<std::vector<std::string>> Session::finish_unpack() {
  TRY(const std::string bytes, receive());
  return reexec::decode<std::vector<std::string>>(bytes);
}

Result<void> Session::start_layer(const LayerRequest& request, UniqueFd out) {
  return send(MessageType::kLayer, request, out.get());
}

Result<std::uint64_t> Session::finish_layer() {
  TRY(const std::string bytes, receive());
  return reexec::decode<std::uint64_t>(bytes);
}

Result<std::vector<rootfs::layer::Change>> changes(const oci::Spec& spec) {
  TRY(const ChangesRequest request, plan_changes(spec));
  TRY(Session session, Session::start(&spec));
  TRY_VOID(session.send(MessageType::kChanges, request));
  TRY(const std::string bytes, session.receive());
  return reexec::decode<std::vector<rootfs::layer::Change>>(bytes);
}

}  // namespace mycontainer::runtime::files
