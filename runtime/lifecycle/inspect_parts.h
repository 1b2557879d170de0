// The larger parts of the document. Private to inspect*.cpp. Pure.
#pragma once

#include <nlohmann/json.hpp>

#include "runtime/lifecycle/inspect.h"

namespace mycontainer::runtime::lifecycle {

using Json = nlohmann::ordered_json;

Json host_config(const InspectInput& input);
Json container_config(const InspectInput& input);
Json network_settings(const InspectInput& input);
// The part of HostConfig that is about networks.
void add_network_config(Json& config, const state::Record& record);

// null rather than an empty list, as Go has it for what was not given.
template <class List>
Json list_or_null(const List& list) {
  return list.empty() ? Json(nullptr) : Json(list);
}

}  // namespace mycontainer::runtime::lifecycle
