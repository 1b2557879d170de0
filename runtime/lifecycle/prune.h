// Removing all containers that do not run. Parent side.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "reexec/sys/error.h"
#include "runtime/state/record.h"
#include "runtime/state/roots.h"

namespace mycontainer::runtime::lifecycle {

// A label, with any value when it has none here.
struct LabelFilter {
  std::string key;
  std::optional<std::string> value;
};

struct PruneFilter {
  std::optional<state::Nanoseconds> until;  // made before
  std::vector<LabelFilter> labels;          // all of them
  std::vector<LabelFilter> without_labels;  // not all of them, as Docker has it
};

bool matches(const PruneFilter& filter, const state::Record& record);  // pure

struct Pruned {
  std::vector<std::string> ids;
  std::uint64_t bytes = 0;  // that their layers held
  std::vector<Error> failed;
};

// Those that were started meanwhile, or removed by somebody else, are passed over. Broken ones stay:
// nothing tells whether the filter means them.
Result<Pruned> prune(const state::Roots& roots, const PruneFilter& filter);

}  // namespace mycontainer::runtime::lifecycle
