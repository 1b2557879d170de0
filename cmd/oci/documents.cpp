#include "cmd/oci/documents.h"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <vector>

namespace mycontainer::cmd::oci {
namespace {

using Json = nlohmann::ordered_json;
using runtime::container::Record;

pid_t pid_of(const runtime::container::Inspection& container) {
  return container.status == runtime::container::Status::kStopped ? 0 : container.record.pid;
}

Json state_tree(const ContainerRow& row) {
  const Record& record = row.container.record;
  Json tree = {{"ociVersion", record.oci_version},
               {"id", record.id},
               {"pid", pid_of(row.container)},
               {"status", runtime::container::status_name(row.container.status)},
               {"bundle", record.bundle},
               {"rootfs", record.rootfs},
               {"created", record.created}};
  if (!record.annotations.empty()) tree["annotations"] = record.annotations;
  tree["owner"] = row.owner;
  return tree;
}

std::string dump(const Json& tree, int indent) {
  return tree.dump(indent, ' ', false, Json::error_handler_t::replace);
}

constexpr std::size_t kColumns = 6;
using Line = std::array<std::string, kColumns>;

Line line_of(const ContainerRow& row) {
  const Record& record = row.container.record;
  return {record.id,
          std::to_string(pid_of(row.container)),
          std::string(runtime::container::status_name(row.container.status)),
          record.bundle,
          record.created,
          row.owner};
}

}  // namespace

std::string state_json(const ContainerRow& row) { return dump(state_tree(row), 2); }

std::string list_json(std::span<const ContainerRow> rows) {
  if (rows.empty()) return "null";
  Json array = Json::array();
  for (const ContainerRow& row : rows) array.push_back(state_tree(row));
  return dump(array, -1);
}

// Columns are at least 12 wide and end with 3 spaces.
std::string list_table(std::span<const ContainerRow> rows) {
  std::vector<Line> lines = {{"ID", "PID", "STATUS", "BUNDLE", "CREATED", "OWNER"}};
  for (const ContainerRow& row : rows) lines.push_back(line_of(row));
  std::array<std::size_t, kColumns> widths;
  widths.fill(12);
  for (const Line& line : lines) {
    for (std::size_t i = 0; i < kColumns; ++i) widths[i] = std::max(widths[i], line[i].size() + 3);
  }
  std::string text;
  for (const Line& line : lines) {
    for (std::size_t i = 0; i + 1 < kColumns; ++i) text += fmt::format("{:{}}", line[i], widths[i]);
    text += line.back() + "\n";
  }
  return text;
}

std::string owner_name(std::string_view passwd, unsigned uid) {
  const std::string wanted = std::to_string(uid);
  while (!passwd.empty()) {
    const std::string_view line = passwd.substr(0, passwd.find('\n'));
    passwd.remove_prefix(std::min(line.size() + 1, passwd.size()));
    const std::size_t name = line.find(':');
    const std::size_t password = line.find(':', name + 1);
    if (name == std::string_view::npos || password == std::string_view::npos) continue;
    const std::string_view rest = line.substr(password + 1);
    if (rest.substr(0, rest.find(':')) == wanted) return std::string(line.substr(0, name));
  }
  return "#" + wanted;
}

}  // namespace mycontainer::cmd::oci
