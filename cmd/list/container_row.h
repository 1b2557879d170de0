// A container as `ps` shows it: every column a text. Pure but for the local time zone.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "cmd/print/json.h"
#include "runtime/lifecycle/container_ports.h"
#include "runtime/state/record.h"

namespace mycontainer::cmd::list {

// What is known of one container when it is listed.
struct Entry {
  runtime::state::Record record;
  std::string broken;  // why nothing else is known
  // What the record says, corrected by what is really there, and in Docker's words: "running",
  // "paused" ... or "broken".
  runtime::state::State state;
  std::string status;
  std::optional<std::uint64_t> size;  // of its layer, when asked for
  // The user's mounts, when asked for: their volumes or sources, and where in the container they are.
  std::vector<std::string> mounts = {}, mount_places = {};
  // Of one that runs, when asked for.
  std::vector<runtime::lifecycle::ContainerPort> ports = {};
};

struct RowStyle {
  bool truncates = true;
  runtime::state::Nanoseconds now = 0;
};

// "Up 3 hours (healthy)", "Exited (0) 5 minutes ago", "Created", "broken" ...
std::string status_column(const Entry& entry, runtime::state::Nanoseconds now);
std::string id_column(const Entry& entry, const RowStyle& style);
std::string command_column(const Entry& entry, const RowStyle& style);
std::string created_column(const Entry& entry, const RowStyle& style);  // "3 hours ago"
std::string ports_column(const Entry& entry);
std::string size_column(const Entry& entry);  // "12B (virtual 12B)"

// Docker's fields: Command CreatedAt ID Image Labels ... all as texts that drive no terminal.
print::Json row_document(const Entry& entry, const RowStyle& style);
// {"Label": {...}}: what {{.Label "x"}} reads.
print::Json keyed_fields(const Entry& entry);
// The header of each field: {"ID": "CONTAINER ID", ...}.
const print::Json& row_headers();

}  // namespace mycontainer::cmd::list
