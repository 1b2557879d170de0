// Which containers `ps` shows. Pure but for what compile() looks up: the containers that before and since
// name, networks by their ids.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "cmd/list/container_row.h"
#include "cmd/list/filters.h"
#include "reexec/sys/error.h"
#include "runtime/state/roots.h"

namespace mycontainer::cmd::list {

class ContainerFilter {
 public:
  // Docker's errors for names and values that mean nothing.
  static Result<ContainerFilter> compile(const runtime::state::Roots& roots, Filters filters);

  // Whether containers are shown that do not run: "status" was asked for.
  [[nodiscard]] bool shows_all() const { return filters_.contains("status"); }
  // Whether entries must have their mounts.
  [[nodiscard]] bool needs_mounts() const { return filters_.contains("volume"); }
  // Whether those that run must have their ports.
  [[nodiscard]] bool needs_ports() const { return filters_.contains("publish"); }
  // Before the kernel is asked what state it is in, and after.
  [[nodiscard]] bool takes_record(const Entry& entry) const;
  [[nodiscard]] bool takes_state(const Entry& entry) const;

 private:
  [[nodiscard]] bool takes_time(const Entry& entry) const;
  [[nodiscard]] bool takes_exposed(const Entry& entry) const;
  [[nodiscard]] bool takes_published(const Entry& entry) const;
  [[nodiscard]] bool takes_network(const Entry& entry) const;

  Filters filters_;
  std::vector<int> exit_codes_;
  // Of the containers that "before" and "since" name.
  std::optional<runtime::state::Nanoseconds> before_, since_;
};

}  // namespace mycontainer::cmd::list
