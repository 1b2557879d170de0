#include "cmd/list/container_row.h"

#include <fmt/core.h>

#include "cmd/list/ports_text.h"
#include "cmd/print/text.h"
#include "cmd/print/units.h"

namespace mycontainer::cmd::list {
namespace {

using runtime::state::Nanoseconds;

constexpr std::size_t kShortId = 12, kShortCommand = 20, kShortMount = 15;

std::string ago(Nanoseconds since, Nanoseconds now) {
  return print::human_duration(now - since) + " ago";
}

std::string running_status(const Entry& entry, Nanoseconds now) {
  std::string text = "Up " + print::human_duration(now - entry.state.started);
  const std::string& health = entry.state.health.status;
  if (entry.status == "paused") return text + " (Paused)";
  if (health.empty()) return text;
  return text + (health == "starting" ? " (health: starting)" : " (" + health + ")");
}

// Arguments with spaces in quotes; nobody may take this for a command line of a shell.
std::string command_text(const std::vector<std::string>& args) {
  std::string text;
  for (const std::string& arg : args) {
    const bool first = &arg == &args.front();
    const bool quotes = !first && arg.find(' ') != std::string::npos;
    if (!first) text += ' ';
    text += quotes ? "'" + arg + "'" : arg;
  }
  return text;
}

std::string labels_text(const Entry& entry) {
  std::string text;
  for (const auto& [key, value] : entry.record.labels) {
    if (!text.empty()) text += ',';
    text += fmt::format("{}={}", key, value);
  }
  return text;
}

std::string networks_text(const Entry& entry) {
  if (!entry.broken.empty()) return {};
  std::string text;
  for (const std::string& name : runtime::lifecycle::network_names(entry.record)) {
    if (!text.empty()) text += ',';
    text += name;
  }
  return text;
}

std::string mounts_text(const Entry& entry, const RowStyle& style) {
  std::string text;
  for (const std::string& mount : entry.mounts) {
    if (!text.empty()) text += ',';
    text += style.truncates ? print::ellipsis(mount, kShortMount) : mount;
  }
  return text;
}

}  // namespace

std::string status_column(const Entry& entry, Nanoseconds now) {
  const auto& state = entry.state;
  if (!entry.broken.empty()) return "broken";
  if (entry.status == "running" || entry.status == "paused") return running_status(entry, now);
  if (entry.status == "restarting") {
    return fmt::format("Restarting ({}) {}", state.exit_code, ago(state.finished, now));
  }
  if (entry.status == "created" || state.started == 0) return "Created";
  // Its supervisor was killed, and nobody knows when.
  if (state.finished == 0) return fmt::format("Exited ({})", state.exit_code);
  return fmt::format("Exited ({}) {}", state.exit_code, ago(state.finished, now));
}

std::string id_column(const Entry& entry, const RowStyle& style) {
  return style.truncates ? entry.record.id.substr(0, kShortId) : entry.record.id;
}

std::string command_column(const Entry& entry, const RowStyle& style) {
  if (!entry.broken.empty()) return {};
  std::string text = command_text(entry.record.args);
  return print::quoted(style.truncates ? print::ellipsis(text, kShortCommand) : text);
}

std::string created_column(const Entry& entry, const RowStyle& style) {
  return entry.broken.empty() ? ago(entry.record.created, style.now) : std::string();
}

std::string ports_column(const Entry& entry) { return ports_text(entry.ports); }

std::string size_column(const Entry& entry) {
  if (!entry.size) return "0B";
  const std::string own = print::human_size(*entry.size, 3);
  return *entry.size == 0 ? own : fmt::format("{} (virtual {})", own, own);
}

print::Json row_document(const Entry& entry, const RowStyle& style) {
  const bool broken = !entry.broken.empty();
  const auto& record = entry.record;
  return {{"Command", command_column(entry, style)},
          {"CreatedAt", broken ? "" : print::local_time_words(record.created)},
          {"ID", print::visible(id_column(entry, style))},
          {"Image", print::visible(record.image)},
          {"Labels", print::visible(labels_text(entry))},
          {"LocalVolumes", std::to_string(record.volumes.size())},
          {"Mounts", print::visible(mounts_text(entry, style))},
          {"Names", print::visible(record.name)},
          {"Networks", print::visible(networks_text(entry))},
          {"Ports", ports_column(entry)},
          {"RunningFor", created_column(entry, style)},
          {"Size", size_column(entry)},
          {"State", entry.status},
          {"Status", status_column(entry, style.now)}};
}

print::Json keyed_fields(const Entry& entry) {
  print::Json labels = print::Json::object();
  for (const auto& [key, value] : entry.record.labels) labels[key] = print::visible(value);
  return {{"Label", std::move(labels)}};
}

const print::Json& row_headers() {
  static const print::Json kHeaders = {
      {"Command", "COMMAND"}, {"CreatedAt", "CREATED AT"}, {"ID", "CONTAINER ID"},
      {"Image", "IMAGE"},     {"Labels", "LABELS"},        {"LocalVolumes", "LOCAL VOLUMES"},
      {"Mounts", "MOUNTS"},   {"Names", "NAMES"},          {"Networks", "NETWORKS"},
      {"Ports", "PORTS"},     {"RunningFor", "CREATED"},   {"Size", "SIZE"},
      {"State", "STATE"},     {"Status", "STATUS"}};
  return kHeaders;
}

}  // namespace mycontainer::cmd::list
