#include "runtime/engine/host_devices.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include <algorithm>
#include <array>
#include <memory>
#include <string_view>

#include "reexec/sys/unique_fd.h"

namespace mycontainer::runtime::engine {

namespace {

bool is_device(const struct stat& status) {
  return S_ISCHR(status.st_mode) || S_ISBLK(status.st_mode);
}

GrantedDevice grant(const struct stat& status, const DeviceRequest& request) {
  GrantedDevice device;
  device.access = request.access;
  device.host_path = request.host_path;
  device.node.type = S_ISBLK(status.st_mode) ? "b" : "c";
  device.node.path = request.container_path;
  device.node.major = major(status.st_rdev);
  device.node.minor = minor(status.st_rdev);
  device.node.file_mode = status.st_mode & 07777;
  device.node.uid = status.st_uid;
  device.node.gid = status.st_gid;
  return device;
}

// Entries of other kinds, and links (they lead to nodes that are found by themselves), are passed
// over.
Result<void> grant_directory(const DeviceRequest& request, std::vector<GrantedDevice>& devices) {
  constexpr std::array<std::string_view, 7> kOwn = {".",      "..",      "pts", "shm",
                                                    "mqueue", "console", "ptmx"};
  const std::unique_ptr<DIR, int (*)(DIR*)> stream(::opendir(request.host_path.c_str()),
                                                   ::closedir);
  if (!stream) return fail_errno("--device {}", request.host_path);
  while (const dirent* entry = ::readdir(stream.get())) {
    if (std::ranges::find(kOwn, std::string_view(entry->d_name)) != kOwn.end()) continue;
    const DeviceRequest child{request.host_path + "/" + entry->d_name,
                              request.container_path + "/" + entry->d_name, request.access};
    struct stat status {};
    if (::fstatat(::dirfd(stream.get()), entry->d_name, &status, AT_SYMLINK_NOFOLLOW) < 0) continue;
    if (S_ISDIR(status.st_mode)) TRY_VOID(grant_directory(child, devices));
    if (is_device(status)) devices.push_back(grant(status, child));
  }
  return {};
}

}  // namespace

Result<std::vector<GrantedDevice>> granted_devices(const std::vector<DeviceRequest>& requests) {
  std::vector<GrantedDevice> devices;
  for (const DeviceRequest& request : requests) {
    struct stat status {};
    if (::stat(request.host_path.c_str(), &status) < 0) {
      return fail_errno("--device {}", request.host_path);
    }
    if (S_ISDIR(status.st_mode)) {
      TRY_VOID(grant_directory(request, devices));
    } else if (is_device(status)) {
      devices.push_back(grant(status, request));
    } else {
      return fail("--device {}: not a device node", request.host_path);
    }
  }
  return devices;
}

Result<std::vector<GrantedDevice>> all_host_devices() {
  std::vector<GrantedDevice> devices;
  TRY_VOID(grant_directory(DeviceRequest{"/dev", "/dev", "rwm"}, devices));
  return devices;
}

}  // namespace mycontainer::runtime::engine
