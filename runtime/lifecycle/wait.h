// Waiting for a container's end. Parent side.
#pragma once

#include <optional>
#include <string>

#include "reexec/sys/error.h"
#include "runtime/state/live.h"
#include "runtime/state/roots.h"

namespace mycontainer::runtime::lifecycle {

class Waiting {
 public:
  // From now on the end is not missed, even when the container is removed at it.
  static Result<Waiting> begin(const state::Roots& roots, const std::string& id);

  // Until the end of the run; of a container that does not run the recorded exit code at once.
  [[nodiscard]] Result<int> finish() const;

 private:
  Waiting(state::Roots roots, std::string id) : roots_(std::move(roots)), id_(std::move(id)) {}
  [[nodiscard]] Result<std::optional<int>> look() const;

  state::Roots roots_;
  std::string id_;
  std::optional<state::ExitWaiter> run_;
};

}  // namespace mycontainer::runtime::lifecycle
