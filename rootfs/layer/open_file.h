// A file of an image before anything is mounted: what overlayfs would show at a path of a stack of
// layers. Parent side.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "reexec/sys/error.h"
#include "reexec/sys/unique_fd.h"

namespace mycontainer::rootfs::layer {

// The layers are hostile. Nothing outside them is ever opened: each step opens one name without
// following it, links are expanded below the merged root (at most 40), whiteouts and opaque
// directories hide what lies below them.
class LayerStack {
 public:
  // `trees`: the topmost first (LayerStore::tree).
  explicit LayerStack(std::vector<std::string> trees)
      : trees_(std::move(trees)), roots_(trees_.size()) {}

  // O_PATH, never of a link. ENOENT, ENOTDIR and ELOOP as open(2) has them.
  Result<UniqueFd> open(std::string_view path);

 private:
  using Names = std::vector<std::string>;
  Result<int> root(std::size_t layer);
  Result<UniqueFd> find(const Names& names);

  std::vector<std::string> trees_;
  std::vector<UniqueFd> roots_;  // opened when they are needed
  // Of the first names of paths that were looked for: the layers that have none such. Of a hundred
  // layers few have an "etc".
  std::map<std::string, std::vector<bool>> lacking_;
};

}  // namespace mycontainer::rootfs::layer
