#include "cmd/image_usage.h"

#include <algorithm>

#include "cmd/list/image_row.h"
#include "cmd/print/table.h"
#include "cmd/print/units.h"
#include "runtime/images/sweep.h"

namespace mycontainer::cmd {

Result<ImageUsage> image_usage(const runtime::state::Roots& roots) {
  ImageUsage usage;
  TRY(usage.entries, runtime::images::catalog(roots));
  TRY(const auto used, runtime::images::images_in_use(roots));
  std::vector<runtime::images::Entry> active;
  for (const auto& entry : usage.entries) {
    const auto users = std::ranges::count(used, entry.image.id, &runtime::images::UsedBy::image);
    usage.containers.push_back(static_cast<std::size_t>(users));
    if (users > 0) active.push_back(entry);
  }
  usage.active = active.size();
  usage.shares = runtime::images::shares_of(usage.entries);
  usage.unused = usage.shares.all - runtime::images::shares_of(active).all;
  return usage;
}

std::string image_usage_table(const ImageUsage& usage) {
  const list::RowStyle style{.truncates = true, .now = runtime::state::now()};
  std::vector<print::Row> rows = {{"REPOSITORY", "TAG", "IMAGE ID", "CREATED", "SIZE",
                                   "SHARED SIZE", "UNIQUE SIZE", "CONTAINERS"}};
  for (std::size_t i = 0; i < usage.entries.size(); ++i) {
    const auto& entry = usage.entries[i];
    const std::uint64_t unique = usage.shares.uniques[i];
    for (const list::ImageRow& row : list::rows_of(entry, false)) {
      rows.push_back({row.repository, row.tag, list::id_column(entry, style),
                      list::created_column(entry, style), list::size_column(entry),
                      print::human_size(entry.size() - unique, 3), print::human_size(unique, 3),
                      std::to_string(usage.containers[i])});
    }
  }
  return print::table(rows);
}

}  // namespace mycontainer::cmd
