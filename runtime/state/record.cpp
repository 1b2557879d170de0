#include "runtime/state/record.h"

#include <nlohmann/json.hpp>

namespace mycontainer::runtime::state {

using nlohmann::json;

std::string to_json(const Record& record) {
  const json object = {{"id", record.id},
                       {"name", record.name},
                       {"cgroupParent", record.cgroup_parent},
                       {"dataRoot", record.data_root}};
  return object.dump(-1, ' ', false, json::error_handler_t::replace);
}

Record from_json(std::string_view text) {
  const json object = json::parse(text, nullptr, false);
  const auto field = [&object](const char* key) -> std::string {
    if (!object.is_object()) return {};
    const auto found = object.find(key);
    return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
  };
  return Record{field("id"), field("name"), field("cgroupParent"), field("dataRoot")};
}

}  // namespace mycontainer::runtime::state
