#include "cmd/list/gather.h"

#include "runtime/lifecycle/disk_usage.h"
#include "runtime/lifecycle/mount_points.h"
#include "runtime/network/definition/attached_ports.h"
#include "runtime/state/live.h"

namespace mycontainer::cmd::list {
namespace {

namespace state = runtime::state;

void find_mounts(const state::Roots& roots, Entry& entry) {
  const auto container = state::Container::open(roots, entry.record.id);
  if (!container) return;
  const auto spec = container->read_spec();
  if (!spec) return;
  for (const auto& point : runtime::lifecycle::mount_points(*spec, entry.record, roots)) {
    entry.mounts.push_back(point.name.empty() ? point.source : point.name);
    entry.mount_places.push_back(point.destination);
  }
}

bool may_run(const state::Listed& listed) {
  return listed.broken.empty() && (listed.record.state.status == state::Status::kRunning ||
                                   listed.record.state.status == state::Status::kRestarting);
}

bool runs(const Entry& entry) {
  return entry.status == "running" || entry.status == "paused" || entry.status == "restarting";
}

void find_state(const state::Roots& roots, Entry& entry) {
  entry.status = "broken";
  if (!entry.broken.empty()) return;
  entry.state = state::effective_state(roots, entry.record);
  entry.status = state::status_text(roots, entry.record.id, entry.state);
}

// Most publish nothing, and their networks need not be looked at.
void find_ports(const state::Roots& roots, Entry& entry) {
  runtime::network::Attachment attachment;
  if (!entry.record.ports.empty()) {
    const std::string live = state::container_directory(roots.state, entry.record.id);
    if (auto ports = runtime::network::read_ports(live)) attachment.ports = *std::move(ports);
  }
  entry.ports = runtime::lifecycle::container_ports(entry.record, attachment);
}

}  // namespace

Entry entry_of(const state::Roots& roots, state::Listed listed) {
  Entry entry;
  entry.record = std::move(listed.record);
  entry.broken = std::move(listed.broken);
  find_state(roots, entry);
  return entry;
}

Result<std::vector<Entry>> gather(const state::Roots& roots, const ContainerFilter& filter,
                                  const GatherRequest& request) {
  const bool all = request.all || request.last > 0 || filter.shows_all();
  const bool mounts = request.mounts || filter.needs_mounts();
  const bool ports = request.ports || filter.needs_ports();
  TRY(auto listed, state::list(roots));
  std::vector<Entry> entries;
  entries.reserve(listed.size());
  for (state::Listed& item : listed) {
    if (request.last > 0 && entries.size() == static_cast<std::size_t>(request.last)) break;
    if (!all && !may_run(item)) continue;
    Entry entry;
    entry.record = std::move(item.record);
    entry.broken = std::move(item.broken);
    if (mounts) find_mounts(roots, entry);
    if (!filter.takes_record(entry)) continue;
    find_state(roots, entry);
    if (ports && runs(entry)) find_ports(roots, entry);
    if (!filter.takes_state(entry) || (!all && !runs(entry))) continue;
    if (request.sizes && entry.broken.empty()) {
      const std::string directory = state::container_directory(roots.data, entry.record.id);
      entry.size = runtime::lifecycle::tree_size(directory + "/upper");
    }
    entries.push_back(std::move(entry));
  }
  return entries;
}

}  // namespace mycontainer::cmd::list
