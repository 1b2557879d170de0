// An image as `images` shows it, a row for each of its names: every column a text. Pure but for the
// local time zone.
#pragma once

#include <string>
#include <vector>

#include "cmd/list/container_row.h"
#include "cmd/print/json.h"
#include "runtime/images/catalog.h"

namespace mycontainer::cmd::list {

using ImageEntry = runtime::images::Entry;

struct ImageRow {
  const ImageEntry* entry = nullptr;
  std::string repository = "<none>", tag = "<none>", digest = "<none>";
};

// Docker's: with `digests` a row for each digest of each name; what has only digests has rows of its
// own, and what has neither has one.
std::vector<ImageRow> rows_of(const ImageEntry& entry, bool digests);

std::string id_column(const ImageEntry& entry, const RowStyle& style);
std::string created_column(const ImageEntry& entry, const RowStyle& style);  // "3 hours ago"
std::string size_column(const ImageEntry& entry);                            // "7.8MB"

// Docker's fields: Containers CreatedAt CreatedSince Digest ID Repository ...
print::Json row_document(const ImageRow& row, const RowStyle& style);
const print::Json& image_headers();

}  // namespace mycontainer::cmd::list
