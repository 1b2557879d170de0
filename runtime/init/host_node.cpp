#include "runtime/init/host_node.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "reexec/sys/file.h"

namespace mycontainer::runtime::init {

namespace {

bool is_node_of(const PlannedDevice& device, const std::string& path) {
  struct stat found {};
  return ::stat(path.c_str(), &found) == 0 && (found.st_mode & S_IFMT) == (device.mode & S_IFMT) &&
         found.st_rdev == makedev(device.major, device.minor);
}

// "DEVNAME=snd/timer" among other lines; empty when the kernel tells nothing.
std::string name_in_devtmpfs(const PlannedDevice& device) {
  const auto text = sys::read_file_at(
      AT_FDCWD, fmt::format("/sys/dev/{}/{}:{}/uevent", S_ISBLK(device.mode) ? "block" : "char",
                            device.major, device.minor));
  constexpr std::string_view kKey = "DEVNAME=";
  if (!text) return {};
  const std::size_t at = text->find(kKey);
  if (at == std::string::npos) return {};
  const std::size_t begin = at + kKey.size();
  return text->substr(begin, text->find('\n', begin) - begin);
}

}  // namespace

Result<std::string> find_host_node(const PlannedDevice& device) {
  if (is_node_of(device, device.host_path)) return device.host_path;
  const std::string name = name_in_devtmpfs(device);
  if (!name.empty() && is_node_of(device, "/dev/" + name)) return "/dev/" + name;
  return fail_code(ENODEV, "the device {}: the host has no node {} {}:{} that could be bound",
                   device.path, S_ISBLK(device.mode) ? "b" : "c", device.major, device.minor);
}

}  // namespace mycontainer::runtime::init
