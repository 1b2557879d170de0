// Compressing layers for a registry: gzip on all processors. Parent side.
#pragma once

#include <cstdint>
#include <functional>

#include "reexec/sys/error.h"
#include "rootfs/content/blob_store.h"
#include "rootfs/image/descriptor.h"

namespace mycontainer::runtime::images {

// Whether a layer of that media type is a plain tar.
bool is_uncompressed(const rootfs::image::Descriptor& layer);

// The blob as gzip, as another blob of the same store. The same bytes come out each time: members of
// a fixed length (RFC 1952, 2.2), without time and name. `progress` gets how much has been read.
// Memory: a few megabytes for each processor.
Result<rootfs::image::Descriptor> compress_layer(
    const rootfs::content::BlobStore& blobs, const rootfs::image::Descriptor& layer,
    const std::function<void(std::uint64_t)>& progress);

}  // namespace mycontainer::runtime::images
