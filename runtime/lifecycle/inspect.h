// What is known of one container, as Docker's document. Pure.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "runtime/oci/spec.h"
#include "runtime/state/record.h"
#include "runtime/state/roots.h"

namespace mycontainer::runtime::lifecycle {

struct InspectInput {
  const state::Roots& roots;
  const state::Record& record;
  const state::State& state;          // the effective one
  std::string status;                 // "running", "paused" ...
  const oci::Spec& spec;              // config.json
  std::optional<std::uint64_t> size;  // of the container's layer, when asked for
};

// Docker's names in Docker's order. What mycontainer does not have (volumes, networks) is empty there,
// as in a container that uses none.
nlohmann::ordered_json inspect_document(const InspectInput& input);

}  // namespace mycontainer::runtime::lifecycle
