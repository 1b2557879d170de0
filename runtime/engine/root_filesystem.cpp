#include "runtime/engine/root_filesystem.h"

#include <fcntl.h>

#include <cstdlib>
#include <memory>

#include "reexec/sys/file.h"
#include "rootfs/builtin/builtin.h"
#include "rootfs/layer/open_file.h"
#include "runtime/engine/image_config.h"
#include "runtime/engine/image_root.h"
#include "runtime/engine/user_cache.h"

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
  return root;
}

Result<RootFilesystem> open_builtin(const std::string& data_root) {
  RootFilesystem root;
  TRY(std::string directory, rootfs::builtin::ensure_unpacked(data_root));
  root.lowers = {std::move(directory)};
  rootfs::builtin::ImageConfig config = rootfs::builtin::image_config();
  root.config.env = std::move(config.env);
  root.config.cmd = std::move(config.command);
  root.config.working_directory = std::move(config.working_directory);
  return root;
}

Result<RootFilesystem> open_layers(const RunRequest& request, const state::Roots& roots,
                                   const images::Report& report) {
  TRY(ImageRoot image, open_image(request.root.name, request.image, roots, report));
  RootFilesystem root;
  root.lowers = std::move(image.layers);
  TRY(root.config, image_config_from(image.config));
  root.image_id = image.image.id.text();
  root.use.emplace(std::move(image.use));
  return root;
}

}  // namespace

Result<RootFilesystem> open_root_filesystem(const RunRequest& request, const state::Roots& roots,
                                            const images::Report& report) {
  switch (request.root.kind) {
    case RootSource::Kind::kBuiltin:
      return open_builtin(roots.data);
    case RootSource::Kind::kDirectory:
      return open_directory(request.root);
    case RootSource::Kind::kImage:
      return open_layers(request, roots, report);
  }
  return fail("no root filesystem");
}

Result<UserDatabase> user_database_of(const RootFilesystem& root) {
  if (root.lowers.size() > 1) {
    const std::string& top = root.lowers.front();
    if (auto known = cached_users(top)) return *std::move(known);
    rootfs::layer::LayerStack stack(root.lowers);
    TRY(auto database,
        read_user_database([&stack](const std::string& path) { return stack.open(path); }));
    cache_users(top, database);
    return database;
  }
  TRY(const UniqueFd only, sys::open_at(AT_FDCWD, root.lowers.front(), O_PATH | O_DIRECTORY));
  return read_user_database(only.get());
}

}  // namespace mycontainer::runtime::engine
