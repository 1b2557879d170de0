#include "rootfs/mount/filesystem_context.h"

#include <sys/mount.h>
#include <unistd.h>

#include <array>

namespace mycontainer::rootfs::mount {

namespace {

// Everything the filesystem has said, one message a read, each begun by its level: "e ", "w ".
std::string messages(int fd) {
  std::string text;
  std::array<char, 512> buffer{};
  for (ssize_t count = 0; (count = ::read(fd, buffer.data(), buffer.size())) > 0;) {
    std::string_view line(buffer.data(), static_cast<std::size_t>(count));
    if (line.size() > 2 && line[1] == ' ') line.remove_prefix(2);
    while (!line.empty() && (line.back() == '\n' || line.back() == '\0')) line.remove_suffix(1);
    text.append(text.empty() ? "" : "; ").append(line);
  }
  return text;
}

}  // namespace

Failure FilesystemContext::failure(const std::string& what) const {
  const int code = errno;
  const std::string said = messages(fd_.get());
  if (said.empty()) return fail_code(code, "mount {}: {}", type_, what);
  return fail_code(code, "mount {}: {} ({})", type_, what, said);
}

Result<FilesystemContext> FilesystemContext::open(const std::string& type) {
  UniqueFd fd(::fsopen(type.c_str(), FSOPEN_CLOEXEC));
  if (fd) return FilesystemContext(std::move(fd), type);
  auto failed = fail_errno("mount {}: fsopen", type);
  if (failed.value().code == ENODEV) failed.value().hint = "this kernel has no such filesystem";
  return failed;
}

Result<FilesystemContext> FilesystemContext::pick(int mount_fd) {
  UniqueFd fd(::fspick(mount_fd, "", FSPICK_EMPTY_PATH | FSPICK_CLOEXEC));
  if (!fd) return fail_errno("remount: fspick");
  return FilesystemContext(std::move(fd), "remount");
}

Result<void> FilesystemContext::reconfigure() {
  if (::fsconfig(fd_.get(), FSCONFIG_CMD_RECONFIGURE, nullptr, nullptr, 0) == 0) return {};
  return failure("reconfigure");
}

Result<void> FilesystemContext::set(const std::string& key, const std::string& value) {
  if (::fsconfig(fd_.get(), FSCONFIG_SET_STRING, key.c_str(), value.c_str(), 0) == 0) return {};
  return failure("option " + key + "=" + value);
}

Result<void> FilesystemContext::set(const std::string& option) {
  const std::size_t equals = option.find('=');
  if (equals != std::string::npos) return set(option.substr(0, equals), option.substr(equals + 1));
  if (::fsconfig(fd_.get(), FSCONFIG_SET_FLAG, option.c_str(), nullptr, 0) == 0) return {};
  return failure("option " + option);
}

Result<UniqueFd> FilesystemContext::mount(std::uint64_t attributes) {
  if (::fsconfig(fd_.get(), FSCONFIG_CMD_CREATE, nullptr, nullptr, 0) < 0) return failure("create");
  UniqueFd mounted(::fsmount(fd_.get(), FSMOUNT_CLOEXEC, static_cast<unsigned>(attributes)));
  if (!mounted) return failure("fsmount");
  return mounted;
}

}  // namespace mycontainer::rootfs::mount
