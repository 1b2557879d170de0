// The unpacked layers of all images, each once: overlay's lower directories. Any process; several at
// once.
//
//   <data>/layers/<hex of the chain ID>/diff         the tree, whiteouts in overlay's form
//   <data>/layers/<hex of the chain ID>/layer.json   LayerInfo
//   <data>/layers/.unfinished-<random>/              being unpacked (locked), or left by SIGKILL
//   <data>/layers/unsynced                           what a crash may spoil (durability.h)
//   <data>/layers/.removed-<random>/                 moved aside by a sweep, being removed
//
// A layer appears by one rename(2): whole or not at all. The directory is 0700, so that no other
// user gets at the setuid programs in it (CVE-2021-41091).
#pragma once

#include <cstdint>
#include <functional>
#include <set>
#include <string>
#include <vector>

#include "reexec/sys/error.h"
#include "reexec/sys/unique_fd.h"
#include "rootfs/content/digest.h"

namespace mycontainer::rootfs::layer {

using content::Digest;

struct LayerInfo {
  Digest diff_id;
  std::uint64_t size = 0;  // of its files, as Docker counts
  // How many of its nodes belong to an id that its user had no number for: they are root's.
  std::uint64_t squashed = 0;
  Digest blob = {};  // that it was made of; empty: nobody knows
};

// A layer on its way in. Destroyed without being published: removed (by `remove_foreign` when other
// ids own parts of it, see LayerStore::begin).
class Unfinished {
 public:
  Unfinished(Unfinished&&) noexcept;
  Unfinished& operator=(Unfinished&&) = delete;
  ~Unfinished();
  [[nodiscard]] std::string tree() const { return path_ + "/diff"; }  // exists, empty, 0755
  [[nodiscard]] const std::string& path() const { return path_; }

 private:
  friend class LayerStore;
  Unfinished() = default;
  std::string path_;  // empty: published
  UniqueFd lock_;
  std::function<Result<void>(const std::string&)> remove_;
};

using RemoveTree = std::function<Result<void>(const std::string& path)>;

class LayerStore {
 public:
  // `remove` removes a tree that other ids own parts of (an ordinary user's); by default
  // sys::remove_tree_at.
  static Result<LayerStore> open(const std::string& data_root, RemoveTree remove = {});

  [[nodiscard]] std::string tree(
      const Digest& chain_id) const;  // its path, whether it exists or not
  [[nodiscard]] bool has(const Digest& chain_id) const;
  [[nodiscard]] Result<LayerInfo> info(const Digest& chain_id) const;

  // Removes what SIGKILL left of earlier ones.
  [[nodiscard]] Result<Unfinished> begin() const;
  // Somebody else may have been faster: then this one is removed, and that is success.
  Result<void> publish(Unfinished layer, const Digest& chain_id, const LayerInfo& info) const;

  // After something was published (durability.h); nobody waits for it.
  void sync_in_background() const;

  // For the sweep: moves aside all but `needed`, and what nobody is unpacking any more; returns the
  // paths, to be removed.
  [[nodiscard]] Result<std::vector<std::string>> move_aside_all_but(
      const std::set<Digest>& needed) const;

 private:
  LayerStore(std::string directory, RemoveTree remove)
      : directory_(std::move(directory)), remove_(std::move(remove)) {}
  Result<void> remove_left() const;  // by SIGKILL
  std::string directory_;
  RemoveTree remove_;
};

}  // namespace mycontainer::rootfs::layer
