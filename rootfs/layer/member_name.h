// What the name of a layer's member says (OCI image-spec layer.md, "Representing Changes"). Pure.
#pragma once

#include <cstdint>
#include <string>

#include "reexec/sys/error.h"

namespace mycontainer::rootfs::layer {

enum class Meaning : std::uint8_t {
  kNode,      // a file, directory ... of this layer
  kWhiteout,  // `path` of the layers below is gone
  kOpaque,    // all that the layers below have in the directory `path` is gone
  kIgnored,   // aufs's own ".wh..wh.plnk" and the like
};

struct MemberName {
  Meaning meaning = Meaning::kNode;
  std::string path;  // relative, without "." and empty components; empty: the layer's root
};

// More components than this no name may have: each is a descriptor while it is worked in.
inline constexpr std::size_t kMaxDepth = 512;

// Errors: "..", a name longer than the kernel takes, something below a whiteout, and a whiteout of
// nothing, "." or "..".
Result<MemberName> read_member_name(const std::string& raw);

// The name's last component, and what stands before it ("" for the root).
struct SplitName {
  std::string parent, name;
};
SplitName split_name(const std::string& path);

}  // namespace mycontainer::rootfs::layer
