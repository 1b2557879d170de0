// Which images an archive has, and bringing one of them to the store. Parent side; the archive is
// hostile.
//
// What an archive is, is told by what stands at its top: manifest.json (docker-archive),
// index.json (OCI layout), or both (Docker since 25). With both manifest.json says which images
// there are and what their names are, and the index has their manifests: it is the configuration
// that both name by its digest, and that with the diff IDs in it decides what the image is.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "reexec/sys/error.h"
#include "rootfs/image/docker_archive.h"
#include "rootfs/image/platform.h"
#include "rootfs/image/store.h"
#include "rootfs/layer/store.h"
#include "runtime/images/archive_members.h"
#include "runtime/images/progress.h"

namespace mycontainer::runtime::images {

struct ArchivedImage {
  std::vector<std::string> names;  // whole ones: "docker.io/library/alpine:latest"
  // Its manifest, where the archive has one; else what it is put together from.
  std::optional<rootfs::image::Descriptor> manifest;
  rootfs::image::DockerArchiveImage parts;
};

// With a `platform` those that are for it, and of several for different platforms under one name
// that one; else this machine's. None at all is an error.
Result<std::vector<ArchivedImage>> images_in(
    const ArchiveMembers& members, const rootfs::content::BlobStore& blobs,
    const std::optional<rootfs::image::Platform>& platform);

// Makes blobs of all that belongs to the image and unpacks its layers meanwhile. The caller holds a
// Use, and adds the image.
Result<rootfs::image::NewImage> bring_image(const ArchiveMembers& members,
                                            const rootfs::image::ImageStore& store,
                                            const rootfs::layer::LayerStore& layers,
                                            const ArchivedImage& image, const Report& report);

}  // namespace mycontainer::runtime::images
