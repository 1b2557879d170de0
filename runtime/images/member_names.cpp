#include "runtime/images/member_names.h"

#include "rootfs/archive/unpack.h"

namespace mycontainer::runtime::images {

using rootfs::archive::Entry;
using rootfs::archive::Kind;

std::string target_of(const std::string& name, const Entry& entry) {
  std::string directory;
  std::string_view rest = entry.target;
  if (entry.kind == Kind::kSymlink && !rest.starts_with('/')) {
    const std::size_t slash = name.rfind('/');
    if (slash != std::string::npos) directory = name.substr(0, slash);
    while (rest.starts_with("../")) {
      if (directory.empty()) return {};
      const std::size_t above = directory.rfind('/');
      directory.resize(above == std::string::npos ? 0 : above);
      rest.remove_prefix(3);
    }
  }
  const auto target = rootfs::archive::clean_member_path(directory + "/" + std::string(rest));
  return target ? *target : std::string();
}

}  // namespace mycontainer::runtime::images
