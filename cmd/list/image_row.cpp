#include "cmd/list/image_row.h"

#include <map>

#include "cmd/print/text.h"
#include "cmd/print/units.h"
#include "rootfs/image/reference.h"

namespace mycontainer::cmd::list {
namespace {

constexpr const char* kUnknown = "N/A";

struct Names {
  std::vector<std::string> tags, digests;
};

// By the repository's familiar name.
std::map<std::string, Names> names_of(const ImageEntry& entry) {
  std::map<std::string, Names> all;
  for (const std::string& name : entry.image.names) {
    const auto reference = rootfs::image::parse_reference(name);
    if (reference) all[reference->familiar_repository()].tags.push_back(reference->tag);
  }
  for (const std::string& name : entry.image.repo_digests) {
    const auto reference = rootfs::image::parse_reference(name);
    if (!reference) continue;
    all[reference->familiar_repository()].digests.push_back(reference->digest.text());
  }
  return all;
}

}  // namespace

std::vector<ImageRow> rows_of(const ImageEntry& entry, bool digests) {
  std::vector<ImageRow> rows;
  for (auto& [repository, names] : names_of(entry)) {
    if (names.tags.empty()) names.tags.emplace_back("<none>");
    if (!digests) names.digests.clear();
    if (names.digests.empty()) names.digests.emplace_back("<none>");
    for (const std::string& tag : names.tags) {
      for (const std::string& digest : names.digests) {
        rows.push_back({&entry, repository, tag, digest});
      }
    }
  }
  if (rows.empty()) rows.push_back({.entry = &entry});
  return rows;
}

std::string id_column(const ImageEntry& entry, const RowStyle& style) {
  return style.truncates ? entry.image.id.short_hex() : entry.image.id.text();
}

std::string created_column(const ImageEntry& entry, const RowStyle& style) {
  if (entry.created == 0) return kUnknown;
  return print::human_duration(style.now - entry.created) + " ago";
}

std::string size_column(const ImageEntry& entry) {
  return entry.broken.empty() ? print::human_size(entry.size(), 3) : "broken";
}

print::Json row_document(const ImageRow& row, const RowStyle& style) {
  const ImageEntry& entry = *row.entry;
  return {{"Containers", kUnknown},
          {"CreatedAt", entry.created == 0 ? "" : print::local_time_words(entry.created)},
          {"CreatedSince", created_column(entry, style)},
          {"Digest", row.digest},
          {"ID", id_column(entry, style)},
          {"Repository", row.repository},
          {"SharedSize", kUnknown},
          {"Size", size_column(entry)},
          {"Tag", row.tag},
          {"UniqueSize", kUnknown},
          {"VirtualSize", size_column(entry)}};
}

const print::Json& image_headers() {
  static const print::Json kHeaders = {{"Containers", "CONTAINERS"},
                                       {"CreatedAt", "CREATED AT"},
                                       {"CreatedSince", "CREATED"},
                                       {"Digest", "DIGEST"},
                                       {"ID", "IMAGE ID"},
                                       {"Repository", "REPOSITORY"},
                                       {"SharedSize", "SHARED SIZE"},
                                       {"Size", "SIZE"},
                                       {"Tag", "TAG"},
                                       {"UniqueSize", "UNIQUE SIZE"},
                                       {"VirtualSize", "SIZE"}};
  return kHeaders;
}

}  // namespace mycontainer::cmd::list
