// What is known of one container, as Docker's document. Pure.
#pragma once

#include <cstdint>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "runtime/network/definition/attachment.h"
#include "runtime/oci/spec.h"
#include "runtime/state/record.h"
#include "runtime/state/roots.h"

namespace mycontainer::runtime::lifecycle {

struct InspectInput {
  const state::Roots& roots;
  const state::Record& record;
  const state::State& state;                            // the effective one
  std::string status;                                   // "running", "paused" ...
  const oci::Spec& spec;                                // config.json
  std::optional<std::uint64_t> size;                    // of the container's layer, when asked for
  network::Attachment attachment = {};                  // of its present run
  std::map<std::string, std::string> network_ids = {};  // by name, of networks that there are
};

// Docker's names in Docker's order. What mycontainer does not have is empty there.
nlohmann::ordered_json inspect_document(const InspectInput& input);

}  // namespace mycontainer::runtime::lifecycle
