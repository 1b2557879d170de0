#include "runtime/engine/shared_network.h"

#include <fcntl.h>
#include <linux/nsfs.h>
#include <poll.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/stat.h>

#include <algorithm>

#include "reexec/sys/file.h"
#include "runtime/container/control.h"
#include "runtime/container/status.h"
#include "runtime/network/membership.h"
#include "runtime/state/live.h"
#include "runtime/state/store.h"

namespace mycontainer::runtime::engine {

namespace {

using network::Kind;

// A network namespace, and what names it to others.
struct Found {
  UniqueFd file;
  std::string path;
};

std::string word_after(std::string_view prefix, const state::Record& record) {
  return record.networks.front().network.substr(prefix.size());
}

Failure not_running(const state::Roots& roots, const std::string& id) {
  const auto other = state::Container::open(roots, id);
  const auto record = other ? other->read() : Result<state::Record>(Failure(Error{}));
  return fail("cannot join network of a non running container: {}", record ? record->name : id);
}

// The number may be another process's as soon as this one has ended: that it had not when its
// namespace was open is what the pidfd tells.
Result<Found> of_container(const state::Roots& roots, const std::string& id) {
  const auto running = container::inspect(id, {.root = state::containers_in(roots.state)});
  const bool runs = running && (running->status == container::Status::kRunning ||
                                running->status == container::Status::kPaused);
  if (!runs || !state::is_supervised(roots, id)) return not_running(roots, id);
  const auto process = container::open_init(running->record);
  if (!process) return not_running(roots, id);
  std::string path = fmt::format("/proc/{}/ns/net", running->record.pid);
  auto file = sys::open_at(AT_FDCWD, path, O_RDONLY);
  pollfd ended{process->get(), POLLIN, 0};
  if (!file && file.error().code == EACCES) return Failure(std::move(file).error());
  if (!file || ::poll(&ended, 1, 0) != 0) return not_running(roots, id);
  return Found{*std::move(file), std::move(path)};
}

// A fifo must not make us wait.
Result<Found> of_path(const std::string& path) {
  TRY(UniqueFd file, sys::open_at(AT_FDCWD, path, O_RDONLY | O_NONBLOCK));
  if (::ioctl(file.get(), NS_GET_NSTYPE) == CLONE_NEWNET) return Found{std::move(file), path};
  return fail("{} is not a network namespace", path);
}

Result<Found> find(const state::Record& record, const state::Roots& roots) {
  if (network::kind_of(record.networks) == Kind::kContainer) {
    return of_container(roots, word_after(network::kContainerPrefix, record));
  }
  return of_path(word_after(network::kNamespacePrefix, record));
}

bool joins(const state::Record& record) {
  const Kind kind = network::kind_of(record.networks);
  return kind == Kind::kContainer || kind == Kind::kNamespace;
}

bool is_same(int namespace_fd, const char* ours) {
  struct stat theirs {};
  struct stat own {};
  return ::fstat(namespace_fd, &theirs) == 0 && ::stat(ours, &own) == 0 &&
         theirs.st_dev == own.st_dev && theirs.st_ino == own.st_ino;
}

// Ours already owns the host's network, which nobody but root enters.
Result<UniqueFd> owner_of(const Found& found) {
  UniqueFd owner(::ioctl(found.file.get(), NS_GET_USERNS));  // close-on-exec (ioctl_ns(2))
  if (!owner || is_same(owner.get(), "/proc/self/ns/user")) {
    Error error{fmt::format("the network namespace {} takes root to join", found.path)};
    if (is_same(found.file.get(), "/proc/self/ns/net")) error.hint = "it is that of --network host";
    return Failure(std::move(error));
  }
  return owner;
}

void set_path(oci::Spec& spec, std::string_view type, std::string path) {
  auto& namespaces = spec.linux_config.namespaces;
  const auto entry = std::ranges::find(namespaces, type, &oci::Namespace::type);
  if (entry != namespaces.end()) entry->path = std::move(path);
}

std::string path_of(const UniqueFd& file) { return fmt::format("/proc/self/fd/{}", file.get()); }

}  // namespace

Result<SharedNetwork> join_network(const state::Record& record, const state::Roots& roots,
                                   oci::Spec& spec) {
  SharedNetwork shared;
  if (!joins(record)) return shared;
  TRY(Found found, find(record, roots));
  if (network::kind_of(record.networks) == Kind::kContainer) {
    const std::string other = word_after(network::kContainerPrefix, record);
    TRY_VOID(network::note_shared(state::container_directory(roots.state, other)));
  }
  set_path(spec, "network", path_of(found.file));
  if (record.rootless) {
    TRY(UniqueFd owner, owner_of(found));
    set_path(spec, "user", path_of(owner));
    shared.namespaces.push_back(std::move(owner));
  }
  shared.namespaces.push_back(std::move(found.file));
  return shared;
}

Result<void> name_network(const state::Record& record, const state::Roots& roots, oci::Spec& spec) {
  if (!joins(record)) return {};
  TRY(const Found found, find(record, roots));
  set_path(spec, "network", found.path);
  if (!record.rootless) return {};
  TRY_VOID(owner_of(found));
  // A namespace with a path of its own has no such path for its owner.
  if (network::kind_of(record.networks) != Kind::kContainer) return {};
  constexpr std::string_view kEnd = "net";
  set_path(spec, "user", found.path.substr(0, found.path.size() - kEnd.size()) + "user");
  // It has its mappings.
  spec.linux_config.uid_mappings.clear();
  spec.linux_config.gid_mappings.clear();
  return {};
}

Result<void> check_namespace(const std::string& path) {
  TRY_VOID(of_path(path));
  return {};
}

}  // namespace mycontainer::runtime::engine
