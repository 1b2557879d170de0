// Making the tree of a layer from its blob, by a re-executed copy of this program. Parent side.
//
// A layer is hostile (DESIGN.md): the copy is born in mount, PID, network and IPC namespaces of its
// own, in the user namespace of its images' ids, pivots into the tree's directory before it reads a
// byte, gives up the system calls that could undo that (unpack_filter.h), and has no descriptor but
// the blob, the tree and the channel; of the layers below it later gets ones that lead nowhere else.
// It decompresses, digests and unpacks in one pass.
//
//   parent                                  mycontainer-unpack-layer
//     blob, tree, UnpackOrder          ->     decompresses, makes the tree
//                                      <-     progress, now and then
//                                      <-     Unpacked | Error
//     the trees below, when they are here ->  gives implied directories what they are below
//                                      <-     done | Error
#pragma once

#include <csignal>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "reexec/attributes.h"
#include "reexec/channel.h"
#include "reexec/process.h"
#include "reexec/registry.h"
#include "reexec/sys/error.h"
#include "reexec/sys/unique_fd.h"
#include "rootfs/content/digest.h"

namespace mycontainer::rootfs::layer {

// The user namespace that the layer's ids are numbers of. Empty maps: the caller's own (root).
struct LayerIds {
  std::vector<reexec::IdMap> uids, gids;
  std::string limitation;  // why there is only one id, as a sentence for a hint
};

struct UnpackRequest {
  int blob = -1;  // from its beginning; its digest was verified
  std::uint64_t blob_size = 0;
  std::string tree;         // an empty directory (Unfinished::tree)
  content::Digest diff_id;  // what the uncompressed bytes must have; empty: not known
  bool user_xattr = false;  // whiteouts for an overlay inside a user namespace
  LayerIds ids;
  std::function<void(std::uint64_t)> progress;  // how much of the blob was read; may be empty
};

struct Unpacked {
  content::Digest diff_id;
  std::uint64_t size = 0;            // of the files, as Docker counts
  std::uint64_t uncompressed = 0;    // of the tar stream
  std::uint64_t squashed = 0;        // nodes of ids that the namespace lacks: root's now
  std::uint64_t left_out = 0;        // devices that an ordinary user cannot make
  std::vector<std::string> implied;  // directories that the layer does not have but needs
};

class LayerUnpacker {
 public:
  static Result<LayerUnpacker> start(const UnpackRequest& request);
  LayerUnpacker(LayerUnpacker&&) noexcept = default;

  // Until the tree is made. Errors: not a tar stream, a wrong diff ID, a member outside the layer, more bytes
  // than the blob's size allows (a bomb: 1,100 times the blob's size and 16 MiB), a full disk. The tree
  // is then to be thrown away.
  Result<Unpacked> wait();
  // From any thread: wait() returns an error soon.
  void stop() const { (void)process_.signal(SIGKILL); }
  // `below`: the trees under this one, the topmost first; the implied directories get the owner, mode
  // and attributes they have there.
  Result<void> adopt_directories(const std::vector<std::string>& below);

 private:
  LayerUnpacker(reexec::Process process, reexec::Channel channel)
      : process_(std::move(process)), channel_(std::move(channel)) {}
  reexec::Process process_;
  reexec::Channel channel_;
  std::function<void(std::uint64_t)> progress_;
  std::vector<std::string> implied_;
};

inline constexpr std::string_view kUnpackLayerEntry = "mycontainer-unpack-layer";
int unpack_layer_main(reexec::Invocation& invocation);

}  // namespace mycontainer::rootfs::layer
