#include "cmd/stats_row.h"

#include "cmd/print/text.h"
#include "cmd/print/units.h"

namespace mycontainer::cmd {
namespace {

using runtime::lifecycle::Usage;

constexpr std::size_t kShortId = 12;
constexpr int kDigits = 3;  // of sizes of 1000s, as Docker has them

void add_usage(print::Json& row, const Usage& before, const Usage& now) {
  const auto both = [](std::uint64_t in, std::uint64_t out) {
    return print::human_size(in, kDigits) + " / " + print::human_size(out, kDigits);
  };
  row["CPUPerc"] = fmt::format("{:.2f}%", runtime::lifecycle::cpu_percent(before, now));
  row["MemUsage"] = print::binary_size(now.memory) + " / " + print::binary_size(now.memory_limit);
  row["MemPerc"] = fmt::format("{:.2f}%", runtime::lifecycle::memory_percent(now));
  row["NetIO"] = both(now.received, now.sent);
  row["BlockIO"] = both(now.read, now.written);
  row["PIDs"] = std::to_string(now.processes);
}

// In the order in which Docker writes them.
print::Json in_order(const print::Json& row) {
  print::Json ordered;
  for (const auto& [field, header] : stats_headers().items()) ordered[field] = row[field];
  return ordered;
}

}  // namespace

print::Json stats_document(const Measured& measured, bool truncates) {
  const auto shown = [&](const std::string& id) { return truncates ? id.substr(0, kShortId) : id; };
  print::Json row;
  row["Container"] =
      print::visible(measured.word == measured.id ? shown(measured.id) : measured.word);
  row["ID"] = shown(measured.id);
  row["Name"] = print::visible(measured.name);
  if (measured.runs && !measured.now) {
    for (const char* field : {"CPUPerc", "MemPerc", "PIDs"}) row[field] = "--";
    for (const char* field : {"MemUsage", "NetIO", "BlockIO"}) row[field] = "-- / --";
    return in_order(row);
  }
  const Usage now = measured.now.value_or(Usage());
  add_usage(row, measured.before.value_or(now), now);
  return in_order(row);
}

const print::Json& stats_headers() {
  static const print::Json kHeaders = {
      {"BlockIO", "BLOCK I/O"}, {"CPUPerc", "CPU %"}, {"Container", "CONTAINER"},
      {"ID", "CONTAINER ID"},   {"MemPerc", "MEM %"}, {"MemUsage", "MEM USAGE / LIMIT"},
      {"Name", "NAME"},         {"NetIO", "NET I/O"}, {"PIDs", "PIDS"}};
  return kHeaders;
}

}  // namespace mycontainer::cmd
