// What is known of one image, as Docker's document; and its history. Pure but for the local time zone.
#pragma once

#include <string>
#include <vector>

#include "cmd/list/image_row.h"
#include "cmd/print/json.h"
#include "rootfs/layer/store.h"

namespace mycontainer::cmd::list {

// Docker's names in Docker's order; the trees of its layers are those of `layers`, unpacked or not.
print::Json image_document(const ImageEntry& entry, const rootfs::layer::LayerStore& layers);

struct HistoryStyle {
  bool truncates = true, human = true;
  runtime::state::Nanoseconds now = 0;
};

// A document for each step, the last one first: ID, CreatedAt, CreatedSince, CreatedBy, Size, Comment.
// Only the last one's ID is known ("<missing>"). Layers of which the history says nothing have a step
// each.
std::vector<print::Json> history_documents(const ImageEntry& entry, const HistoryStyle& style);

}  // namespace mycontainer::cmd::list
