#include <algorithm>
#include <array>
#include <optional>

#include "cmd/list/filters.h"
#include "cmd/list/list_format.h"
#include "cmd/options/members.h"
#include "cmd/print/table.h"
#include "cmd/print/text.h"
#include "cmd/verbs.h"
#include "cmd/volume_text.h"
#include "runtime/state/volumes.h"

namespace mycontainer::cmd {
namespace {

using options::Option;
using print::Json;
using rootfs::volume::Volume;
using rootfs::volume::VolumeStore;

struct Typed {
  bool quiet = false;
  list::Filters filters;
  std::string format;
};

Result<void> take_filter(Typed& typed, std::string_view value) {
  return list::add_filter(typed.filters, value);
}

constexpr std::array kOptions = {
    Option{"filter", 'f', "filter", "Provide filter values (e.g. \"dangling=true\")",
           options::apply<Typed, take_filter>},
    Option{"format", 0, "string",
           "Format output: 'table', 'table TEMPLATE', 'json' or a Go template 'TEMPLATE'",
           options::text<&Typed::format>},
    Option{"quiet", 'q', "", "Only display volume names", options::flag<&Typed::quiet>},
};

// Nothing when it was not asked for.
Result<std::optional<bool>> dangling_of(const list::Filters& filters) {
  const auto values = list::values_of(filters, "dangling");
  if (values.empty()) return std::optional<bool>();
  const bool yes = values.front() == "true" || values.front() == "1";
  const bool no = values.front() == "false" || values.front() == "0";
  if (values.size() > 1 || (!yes && !no)) {
    return fail("invalid filter 'dangling=[{}]'", values.back());
  }
  return std::optional(yes);
}

Result<std::vector<Volume>> chosen(const runtime::state::Roots& roots, const VolumeStore& store,
                                   const list::Filters& filters) {
  constexpr std::array<std::string_view, 4> kKnown = {"dangling", "driver", "label", "name"};
  TRY_VOID(list::check_filters(filters, kKnown));
  TRY(const auto dangling, dangling_of(filters));
  TRY(auto volumes, store.list());
  runtime::state::VolumeUsers users;
  if (dangling) {
    TRY(users, runtime::state::volume_users(roots));
  }
  const auto labels = list::values_of(filters, "label");
  std::erase_if(volumes, [&](const Volume& volume) {
    return !list::matches_pattern(filters, "name", volume.name) ||
           !list::matches_exactly(filters, "driver", volume.driver) ||
           !list::matches_labels(labels, volume.labels) ||
           (dangling && users.contains(volume.name) == *dangling);
  });
  return volumes;
}

Json row_of(const Volume& volume, const VolumeStore& store) {
  return {{"Availability", "N/A"}, {"Driver", volume.driver},
          {"Group", "N/A"},        {"Labels", print::visible(joined_labels(volume.labels))},
          {"Links", "N/A"},        {"Mountpoint", store.data(volume.name)},
          {"Name", volume.name},   {"Scope", "local"},
          {"Size", "N/A"},         {"Status", "N/A"}};
}

const Json& headers() {
  static const Json kHeaders = {{"Availability", "AVAILABILITY"},
                                {"Driver", "DRIVER"},
                                {"Group", "GROUP"},
                                {"Labels", "LABELS"},
                                {"Links", "LINKS"},
                                {"Mountpoint", "MOUNTPOINT"},
                                {"Name", "VOLUME NAME"},
                                {"Scope", "SCOPE"},
                                {"Size", "SIZE"},
                                {"Status", "STATUS"}};
  return kHeaders;
}

std::string default_table(const std::vector<Volume>& volumes, bool quiet) {
  std::vector<print::Row> rows;
  if (!quiet) rows.push_back({"DRIVER", "VOLUME NAME"});
  std::string names;
  for (const Volume& volume : volumes) {
    names += volume.name + "\n";
    rows.push_back({volume.driver, volume.name});
  }
  return quiet ? names : print::table(rows);
}

Result<std::string> formatted(const std::vector<Volume>& volumes, const VolumeStore& store,
                              const list::ListFormat& format) {
  TRY(std::string text, format.header(headers()));
  for (const Volume& volume : volumes) {
    const Json keyed = {{"Label", volume.labels}};
    TRY(const std::string line, format.line(row_of(volume, store), &keyed));
    text += line;
  }
  return format.finish(std::move(text));
}

}  // namespace

Result<int> volume_ls_verb(const VerbCall& call) {
  Typed typed;
  TRY(const auto words, parse_verb(call, kOptions, &typed, {0, 0}));
  if (!words) return 0;
  TRY(const auto format, list::ListFormat::parse(typed.format));
  TRY(const auto roots, roots_of(call));
  TRY(const auto store, VolumeStore::open(roots.data));
  TRY(const auto volumes, chosen(roots, store, typed.filters));
  std::string text;
  if (format.is_default()) {
    text = default_table(volumes, typed.quiet);
  } else {
    TRY(text, formatted(volumes, store, format));
  }
  TRY_VOID(say(text));
  return 0;
}

}  // namespace mycontainer::cmd
