#include "rootfs/layer/node.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <array>
#include <memory>
#include <string_view>

#include "reexec/sys/file.h"

namespace mycontainer::rootfs::layer {

namespace {

struct CloseDirectory {
  void operator()(DIR* directory) const { ::closedir(directory); }
};

}  // namespace

Result<Node> open_node(int directory, const std::string& name) {
  Node node;
  if (directory < 0) return node;
  node.fd.reset(::openat(directory, name.c_str(), O_PATH | O_NOFOLLOW | O_CLOEXEC));
  if (!node.exists() && errno == ENOENT) return node;
  if (!node.exists() || ::fstat(node.fd.get(), &node.status) < 0) {
    return fail_errno("look at {} in a layer", name);
  }
  return node;
}

Result<std::set<std::string>> names_in(int fd) {
  std::set<std::string> names;
  if (fd < 0) return names;
  UniqueFd readable(::openat(fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!readable) return fail_errno("open a directory of a layer");
  const std::unique_ptr<DIR, CloseDirectory> directory(::fdopendir(readable.get()));
  if (!directory) return fail_errno("read a directory of a layer");
  (void)readable.release();
  while (const dirent* found = ::readdir(directory.get())) {
    const std::string_view name = static_cast<const char*>(found->d_name);
    if (name != "." && name != "..") names.emplace(name);
  }
  return names;
}

std::string attribute(const Node& node, const std::string& name) {
  std::array<char, 64> value{};
  const ssize_t size =
      ::getxattr(sys::fd_path(node.fd.get()).c_str(), name.c_str(), value.data(), value.size());
  return size > 0 ? std::string(value.data(), static_cast<std::size_t>(size)) : std::string();
}

std::uint32_t seen_inside(std::uint32_t id, const std::vector<IdShift>& shifts) {
  for (const IdShift& shift : shifts) {
    if (id >= shift.outside && id - shift.outside < shift.count) {
      return shift.inside + (id - shift.outside);
    }
  }
  return id;
}

}  // namespace mycontainer::rootfs::layer
