#include <algorithm>
#include <array>
#include <optional>

#include "cmd/list/filters.h"
#include "cmd/list/list_format.h"
#include "cmd/options/members.h"
#include "cmd/print/table.h"
#include "cmd/print/text.h"
#include "cmd/print/units.h"
#include "cmd/verbs.h"
#include "cmd/volume_text.h"
#include "runtime/lifecycle/networks.h"

namespace mycontainer::cmd {
namespace {

using options::Option;
using print::Json;
using runtime::network::Definition;

struct Typed {
  bool quiet = false, whole = false;
  list::Filters filters;
  std::string format;
};

Result<void> take_filter(Typed& typed, std::string_view value) {
  return list::add_filter(typed.filters, value);
}

constexpr std::array kOptions = {
    Option{"filter", 'f', "filter", "Provide filter values (e.g. \"driver=bridge\")",
           options::apply<Typed, take_filter>},
    Option{"format", 0, "string",
           "Format output: 'table', 'table TEMPLATE', 'json' or a Go template 'TEMPLATE'",
           options::text<&Typed::format>},
    Option{"no-trunc", 0, "", "Do not truncate the output", options::flag<&Typed::whole>},
    Option{"quiet", 'q', "", "Only display network IDs", options::flag<&Typed::quiet>},
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

Result<void> check_type(const list::Filters& filters) {
  for (const std::string& value : list::values_of(filters, "type")) {
    if (value != "custom" && value != "builtin") return fail("invalid filter: 'type'='{}'", value);
  }
  return {};
}

bool has_id(const list::Filters& filters, const std::string& id) {
  const auto values = list::values_of(filters, "id");
  return values.empty() || std::ranges::any_of(values, [&](const std::string& value) {
           return id.find(value) != std::string::npos;
         });
}

bool matches(const list::Filters& filters, const Definition& network) {
  const bool builtin = runtime::lifecycle::is_predefined(network.name);
  return list::matches_pattern(filters, "name", network.name) && has_id(filters, network.id) &&
         list::matches_exactly(filters, "driver", network.driver) &&
         list::matches_exactly(filters, "scope", "local") &&
         list::matches_exactly(filters, "type", builtin ? "builtin" : "custom") &&
         list::matches_labels(list::values_of(filters, "label"), network.labels);
}

Result<std::vector<Definition>> chosen(const runtime::state::Roots& roots,
                                       const list::Filters& filters) {
  constexpr std::array<std::string_view, 7> kKnown = {"dangling", "driver", "id",  "label",
                                                      "name",     "scope",  "type"};
  TRY_VOID(list::check_filters(filters, kKnown));
  TRY_VOID(check_type(filters));
  TRY(const auto dangling, dangling_of(filters));
  TRY(auto networks, runtime::lifecycle::list_networks(roots));
  std::multimap<std::string, std::string> users;
  if (dangling) {
    TRY(users, runtime::lifecycle::network_users(roots));
  }
  std::erase_if(networks, [&](const Definition& network) {
    const bool used =
        runtime::lifecycle::is_predefined(network.name) || users.contains(network.name);
    return !matches(filters, network) || (dangling && used == *dangling);
  });
  return networks;
}

std::string id_of(const Definition& network, bool whole) {
  constexpr std::size_t kShort = 12;
  return whole ? network.id : network.id.substr(0, kShort);
}

Json row_of(const Definition& network, bool whole) {
  const auto text = [](bool yes) { return yes ? "true" : "false"; };
  return {{"CreatedAt", print::local_time_words(network.created)},
          {"Driver", network.driver},
          {"ID", id_of(network, whole)},
          {"IPv4", text(network.ipv4)},
          {"IPv6", text(network.ipv6)},
          {"Internal", text(network.internal)},
          {"Labels", print::visible(joined_labels(network.labels))},
          {"Name", network.name},
          {"Scope", "local"}};
}

const Json& headers() {
  static const Json kHeaders = {{"CreatedAt", "CREATED AT"},
                                {"Driver", "DRIVER"},
                                {"ID", "NETWORK ID"},
                                {"IPv4", "IPV4"},
                                {"IPv6", "IPV6"},
                                {"Internal", "INTERNAL"},
                                {"Labels", "LABELS"},
                                {"Name", "NAME"},
                                {"Scope", "SCOPE"}};
  return kHeaders;
}

std::string default_table(const std::vector<Definition>& networks, const Typed& typed) {
  std::vector<print::Row> rows = {{"NETWORK ID", "NAME", "DRIVER", "SCOPE"}};
  std::string ids;
  for (const Definition& network : networks) {
    const std::string id = id_of(network, typed.whole);
    ids += id + "\n";
    rows.push_back({id, network.name, network.driver, "local"});
  }
  return typed.quiet ? ids : print::table(rows);
}

Result<std::string> formatted(const std::vector<Definition>& networks,
                              const list::ListFormat& format, bool whole) {
  TRY(std::string text, format.header(headers()));
  for (const Definition& network : networks) {
    const Json keyed = {{"Label", network.labels}};
    TRY(const std::string line, format.line(row_of(network, whole), &keyed));
    text += line;
  }
  return format.finish(std::move(text));
}

}  // namespace

Result<int> network_ls_verb(const VerbCall& call) {
  Typed typed;
  TRY(const auto words, parse_verb(call, kOptions, &typed, {0, 0}));
  if (!words) return 0;
  TRY(const auto format, list::ListFormat::parse(typed.format));
  TRY(const auto roots, roots_of(call));
  TRY(const auto networks, chosen(roots, typed.filters));
  std::string text;
  if (format.is_default()) {
    text = default_table(networks, typed);
  } else {
    TRY(text, formatted(networks, format, typed.whole));
  }
  TRY_VOID(say(text));
  return 0;
}

}  // namespace mycontainer::cmd
