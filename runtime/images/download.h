// Blobs of one repository into the store, several at once. Parent side.
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <vector>

#include "reexec/sys/error.h"
#include "rootfs/content/blob_store.h"
#include "rootfs/image/descriptor.h"
#include "rootfs/registry/client.h"
#include "runtime/images/progress.h"

namespace mycontainer::runtime::images {

// Goes on with what an interrupted download left; waits while another process gets the same.
// Afterwards the blob is here: verified, and as long as the descriptor says.
Result<void> download_blob(rootfs::registry::Client& client,
                           const rootfs::content::BlobStore& blobs,
                           const rootfs::image::Descriptor& blob, const Report& report);

// All of them, four at a time, in their order. `is_here(i)` is called from any thread when blob i
// is. The first error ends the others, too.
Result<void> download_blobs(rootfs::registry::Client& client,
                            const rootfs::content::BlobStore& blobs,
                            const std::vector<rootfs::image::Descriptor>& wanted,
                            const std::function<void(std::size_t)>& is_here, const Report& report);

// The same for any thread: one call at a time.
Report serialized(Report report);

}  // namespace mycontainer::runtime::images
