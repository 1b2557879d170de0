#include "runtime/engine/root_filesystem.h"

#include <fcntl.h>

#include <cstdlib>
#include <memory>

#include "reexec/sys/file.h"
#include "rootfs/builtin/builtin.h"

namespace mycontainer::runtime::engine {

namespace {

Result<RootFilesystem> open_directory(const RootSource& source) {
  // Resolved once, so that a later change of a symbolic link does not move the root.
  const std::unique_ptr<char, decltype(&std::free)> real(::realpath(source.name.c_str(), nullptr),
                                                         std::free);
  if (!real) return fail_errno("--rootfs {}", source.name);
  RootFilesystem root;
  root.lowers = {real.get()};
  root.overlay = source.overlay;
  TRY(root.view, sys::open_at(AT_FDCWD, real.get(), O_PATH | O_DIRECTORY));
  return root;
}

Result<RootFilesystem> open_builtin(const std::string& data_root) {
  RootFilesystem root;
  TRY(std::string directory, rootfs::builtin::ensure_unpacked(data_root));
  TRY(root.view, sys::open_at(AT_FDCWD, directory, O_PATH | O_DIRECTORY));
  root.lowers = {std::move(directory)};
  rootfs::builtin::ImageConfig config = rootfs::builtin::image_config();
  root.config.env = std::move(config.env);
  root.config.cmd = std::move(config.command);
  root.config.working_directory = std::move(config.working_directory);
  return root;
}

}  // namespace

Result<RootFilesystem> open_root_filesystem(const RootSource& source,
                                            const std::string& data_root) {
  switch (source.kind) {
    case RootSource::Kind::kBuiltin:
      return open_builtin(data_root);
    case RootSource::Kind::kDirectory:
      return open_directory(source);
    case RootSource::Kind::kImage:
      break;
  }
  Error error{fmt::format("image \"{}\" is not here", source.name)};
  error.hint =
      "images come with `pull` and `load`, which this version does not have yet; use `busybox` "
      "(built in) or --rootfs DIR";
  return Failure(std::move(error));
}

}  // namespace mycontainer::runtime::engine
