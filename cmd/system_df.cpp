#include <array>

#include "cmd/image_usage.h"
#include "cmd/list/gather.h"
#include "cmd/list/list_format.h"
#include "cmd/options/members.h"
#include "cmd/print/table.h"
#include "cmd/print/units.h"
#include "cmd/verbs.h"
#include "runtime/lifecycle/volumes.h"

namespace mycontainer::cmd {
namespace {

using list::Entry;
using options::Option;
using print::Json;

struct Typed {
  std::string format;
  bool verbose = false;
};

constexpr std::array kOptions = {
    Option{"format", 0, "string",
           "Format output: 'table', 'table TEMPLATE', 'json' or a Go template 'TEMPLATE'",
           options::text<&Typed::format>},
    Option{"verbose", 'v', "", "Show detailed information on space usage",
           options::flag<&Typed::verbose>},
};

// "1.2kB (60%)".
std::string reclaimable(std::uint64_t bytes, std::uint64_t all) {
  if (all == 0) return print::human_size(bytes);
  return fmt::format("{} ({}%)", print::human_size(bytes), bytes * 100 / all);
}

Json line_of(const char* type, std::size_t total, std::size_t active, std::uint64_t bytes,
             std::uint64_t unused) {
  return {{"Active", std::to_string(active)},
          {"Reclaimable", reclaimable(unused, bytes)},
          {"Size", print::human_size(bytes)},
          {"TotalCount", std::to_string(total)},
          {"Type", type}};
}

using Volumes = std::vector<runtime::lifecycle::VolumeUsage>;

Json volumes_line(const Volumes& volumes) {
  std::uint64_t bytes = 0, unused = 0;
  std::size_t active = 0;
  for (const auto& volume : volumes) {
    bytes += volume.bytes;
    unused += volume.links == 0 ? volume.bytes : 0;
    active += volume.links == 0 ? 0 : 1;
  }
  return line_of("Local Volumes", volumes.size(), active, bytes, unused);
}

std::string volumes_table(const Volumes& volumes) {
  std::vector<print::Row> rows = {{"VOLUME NAME", "LINKS", "SIZE"}};
  for (const auto& usage : volumes) {
    rows.push_back(
        {usage.volume.name, std::to_string(usage.links), print::human_size(usage.bytes)});
  }
  return print::table(rows);
}

// There are no caches.
std::vector<Json> summary(const ImageUsage& images, const std::vector<Entry>& entries,
                          const Volumes& volumes) {
  std::uint64_t bytes = 0, unused = 0;
  std::size_t active = 0;
  for (const Entry& entry : entries) {
    const bool runs =
        entry.status == "running" || entry.status == "paused" || entry.status == "restarting";
    bytes += entry.size.value_or(0);
    unused += runs ? 0 : entry.size.value_or(0);
    active += runs ? 1 : 0;
  }
  return {line_of("Images", images.entries.size(), images.active, images.shares.all, images.unused),
          line_of("Containers", entries.size(), active, bytes, unused), volumes_line(volumes),
          line_of("Build Cache", 0, 0, 0, 0)};
}

std::string summary_table(const std::vector<Json>& lines) {
  std::vector<print::Row> rows = {{"TYPE", "TOTAL", "ACTIVE", "SIZE", "RECLAIMABLE"}};
  for (const Json& line : lines) {
    print::Row& row = rows.emplace_back();
    for (const char* field : {"Type", "TotalCount", "Active", "Size", "Reclaimable"}) {
      row.push_back(line[field].get<std::string>());
    }
  }
  return print::table(rows);
}

std::string verbose_text(const ImageUsage& images, const std::vector<Entry>& entries,
                         const Volumes& volumes) {
  const list::RowStyle style{.truncates = true, .now = runtime::state::now()};
  std::vector<print::Row> rows = {
      {"CONTAINER ID", "IMAGE", "COMMAND", "LOCAL VOLUMES", "SIZE", "CREATED", "STATUS", "NAMES"}};
  for (const Entry& entry : entries) {
    rows.push_back({list::id_column(entry, style), entry.record.image,
                    list::command_column(entry, style), std::to_string(entry.record.volumes.size()),
                    print::human_size(entry.size.value_or(0)), list::created_column(entry, style),
                    list::status_column(entry, style.now), entry.record.name});
  }
  const auto heading = [](print::Row row) {
    return print::table(std::vector<print::Row>(1, std::move(row)));
  };
  return "Images space usage:\n\n" + image_usage_table(images) + "\nContainers space usage:\n\n" +
         print::table(rows) + "\nLocal Volumes space usage:\n\n" + volumes_table(volumes) +
         "\nBuild cache usage: 0B\n\n" +
         heading({"CACHE ID", "CACHE TYPE", "SIZE", "CREATED", "LAST USED", "USAGE", "SHARED"});
}

Result<std::string> formatted(const std::vector<Json>& lines, const list::ListFormat& format) {
  const Json headers = {{"Active", "ACTIVE"},
                        {"Reclaimable", "RECLAIMABLE"},
                        {"Size", "SIZE"},
                        {"TotalCount", "TOTAL"},
                        {"Type", "TYPE"}};
  TRY(std::string text, format.header(headers));
  for (const Json& line : lines) {
    TRY(const std::string one, format.line(line));
    text += one;
  }
  return format.finish(std::move(text));
}

}  // namespace

Result<int> system_df_verb(const VerbCall& call) {
  Typed typed;
  TRY(const auto words, parse_verb(call, kOptions, &typed, {0, 0}));
  if (!words) return 0;
  if (typed.verbose && !typed.format.empty()) {
    return fail("the verbose option is not supported together with --format");
  }
  TRY(const auto format, list::ListFormat::parse(typed.format));
  TRY(const auto roots, roots_of(call));
  TRY(const auto filter, list::ContainerFilter::compile(roots, {}));
  TRY(const auto entries, list::gather(roots, filter, {.all = true, .sizes = true}));
  TRY(const auto volumes, runtime::lifecycle::volume_usage(roots));
  TRY(const auto images, image_usage(roots));
  std::string text;
  if (typed.verbose) {
    text = verbose_text(images, entries, volumes);
  } else if (format.is_default() && !format.is_json()) {
    text = summary_table(summary(images, entries, volumes));
  } else {
    TRY(text, formatted(summary(images, entries, volumes), format));
  }
  TRY_VOID(say(text));
  return 0;
}

}  // namespace mycontainer::cmd
