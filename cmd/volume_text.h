// What the verbs of `volume` have in common: filters of labels, and a volume as a document. Pure, but
// for plain_error().
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "cmd/print/json.h"
#include "reexec/sys/error.h"
#include "rootfs/volume/store.h"
#include "runtime/lifecycle/volumes.h"

namespace mycontainer::cmd {

// "KEY" or "KEY=VALUE".
runtime::lifecycle::LabelFilter label_filter(std::string_view text);

// As `volume inspect` prints it.
print::Json volume_document(const rootfs::volume::Volume& volume, const std::string& mountpoint);

// "a=b,c=d".
std::string joined_labels(const std::map<std::string, std::string>& labels);

// "Deleted Volumes:", a name a line, and an empty line; nothing when there are none.
std::string volumes_pruned_text(const runtime::lifecycle::VolumesPruned& pruned);

// Without the number behind what says everything already: that it is not there, or is used.
Error plain_error(Error error);

}  // namespace mycontainer::cmd
