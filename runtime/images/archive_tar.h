// The two forms of a tar archive of images. Private to runtime/images.
#pragma once

#include <memory>

#include "reexec/sys/error.h"
#include "rootfs/content/blob_store.h"
#include "runtime/images/archive_members.h"

namespace mycontainer::runtime::images {

// Of a plain tar file: its members' places are looked up first, their bytes read when they are
// needed.
Result<std::unique_ptr<ArchiveMembers>> open_tar_file(const rootfs::content::BlobStore& blobs,
                                                      int fd);
// Of a stream, plain or compressed: read to its end.
Result<std::unique_ptr<ArchiveMembers>> read_tar_stream(const rootfs::content::BlobStore& blobs,
                                                        int fd);

}  // namespace mycontainer::runtime::images
