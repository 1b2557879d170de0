// One image from one place. Private to runtime/images. Parent side.
#pragma once

#include "reexec/sys/error.h"
#include "rootfs/image/platform.h"
#include "rootfs/image/reference.h"
#include "rootfs/image/store.h"
#include "rootfs/registry/client.h"
#include "runtime/images/progress.h"
#include "runtime/images/pull.h"

namespace mycontainer::runtime::images {

struct ImagePull {
  const rootfs::image::ImageStore& store;
  const std::string& data_root;
  const rootfs::image::Reference& name;       // what it is called here
  const rootfs::image::Reference& reference;  // at the source
  const std::optional<rootfs::image::Platform>& platform;
  const Report& report;  // serialized
};

Result<Pulled> pull_image(const ImagePull& pull, rootfs::registry::Client& client);

}  // namespace mycontainer::runtime::images
