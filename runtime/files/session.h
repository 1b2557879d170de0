// Work on the files of a container, running or not, by a re-executed copy of this program that goes
// where they are (entry.h). Parent side; the container is hostile, the copy is not.
#pragma once

#include <string>
#include <vector>

#include "reexec/channel.h"
#include "reexec/process.h"
#include "reexec/sys/error.h"
#include "reexec/sys/unique_fd.h"
#include "runtime/files/protocol.h"
#include "runtime/oci/spec.h"

namespace mycontainer::runtime::files {

class Session {
 public:
  // The namespaces of a running container: its tree with all that is mounted in it. `init` is the
  // pidfd of its first process, whose program runs already. ESRCH: it has ended meanwhile.
  static Result<Session> join(const oci::Spec& spec, int init);
  // The tree of a container that does not run: the overlay or directory of its configuration and the
  // binds, in a mount namespace of the session's own. Binds from below `transient` (what only a
  // running container has) are left out. Nobody may start the container meanwhile.
  static Result<Session> mount(const oci::Spec& spec, const std::string& transient);

  // Only for layers: it stays where the layers of the configuration can be read.
  static Result<Session> beside(const oci::Spec& spec);

  // What the container's "/" is made from, without what it has written, and with nothing mounted in
  // it: whether it runs does not matter. To be read only. As root of the host, its ids are those on
  // disk.
  static Result<Session> mount_image(const oci::Spec& spec);

  // Of a path from the container's "/"; ENOTDIR and the like are errors.
  Result<Node> stat(const std::string& path, bool follow);

  // Begin to write an archive of `path` to `out`, and to make files from the archive that `in` is
  // read from. Both are given away. The one begun is ended by the matching finish; then the next may
  // begin.
  Result<void> start_pack(const PackRequest& request, UniqueFd out);
  Result<std::uint64_t> finish_pack();  // the size that Docker tells
  Result<void> start_unpack(const UnpackRequest& request, UniqueFd in);
  Result<std::vector<std::string>> finish_unpack();  // the device nodes that were left out

  // Begins to write a layer (rootfs/layer/diff.h) to `out`, which is given away. The finish returns
  // how many members it has.
  Result<void> start_layer(const LayerRequest& request, UniqueFd out);
  Result<std::uint64_t> finish_layer();

 private:
  friend Result<std::vector<rootfs::layer::Change>> changes(const oci::Spec& spec);
  Session(reexec::Process process, reexec::Channel channel)
      : process_(std::move(process)), channel_(std::move(channel)) {}
  static Result<Session> start(const oci::Spec* new_namespaces);
  template <class Request>
  Result<void> send(MessageType type, const Request& request, int fd = -1);
  Result<std::string> receive();

  reexec::Process process_;
  reexec::Channel channel_;
};

// What a container's layer is made of: for an overlay its upper directory and those below; else
// its root as the only lower one. The mount points are those of the configuration that are not the
// user's own. An error when what it writes lives in memory.
Result<LayerRequest> plan_layer(const oci::Spec& spec);

// What a container with an overlay has changed, running or not (rootfs/layer/changes.h).
Result<std::vector<rootfs::layer::Change>> changes(const oci::Spec& spec);

}  // namespace mycontainer::runtime::files
