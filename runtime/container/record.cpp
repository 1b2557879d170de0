#include "runtime/container/record.h"

#include <nlohmann/json.hpp>

namespace mycontainer::runtime::container {

namespace {

using nlohmann::json;

json cgroup_to_json(const cgroup::CgroupRecord& record) {
  json places = json::array();
  for (const auto& place : record.places) {
    places.push_back({{"mountPoint", place.mount_point},
                      {"path", place.path},
                      {"controllers", place.controllers},
                      {"v2", place.v2}});
  }
  return {{"places", std::move(places)},
          {"unit", record.unit},
          {"userBus", record.user_bus},
          {"rootless", record.rootless}};
}

// The value of `key`, or the target as it is when there is none of its type.
template <class T>
void take(const json& object, const char* key, T& target) {
  const auto found = object.find(key);
  if (found == object.end()) return;
  if constexpr (std::is_same_v<T, std::string>) {
    if (found->is_string()) target = found->get<std::string>();
  } else if constexpr (std::is_same_v<T, bool>) {
    if (found->is_boolean()) target = found->get<bool>();
  } else {
    if (found->is_number_integer()) target = found->get<T>();
  }
}

void take(const json& object, const char* key, std::vector<std::string>& target) {
  const auto found = object.find(key);
  if (found == object.end() || !found->is_array()) return;
  for (const json& item : *found) {
    if (item.is_string()) target.push_back(item.get<std::string>());
  }
}

cgroup::CgroupRecord cgroup_from_json(const json& object) {
  cgroup::CgroupRecord record;
  if (!object.is_object()) return record;
  const auto places = object.find("places");
  if (places != object.end() && places->is_array()) {
    for (const json& item : *places) {
      if (!item.is_object()) continue;
      auto& place = record.places.emplace_back();
      take(item, "mountPoint", place.mount_point);
      take(item, "path", place.path);
      take(item, "controllers", place.controllers);
      take(item, "v2", place.v2);
    }
  }
  take(object, "unit", record.unit);
  take(object, "userBus", record.user_bus);
  take(object, "rootless", record.rootless);
  return record;
}

}  // namespace

std::string to_json(const Record& record) {
  const json object = {{"ociVersion", record.oci_version},
                       {"id", record.id},
                       {"bundle", record.bundle},
                       {"rootfs", record.rootfs},
                       {"created", record.created},
                       {"pid", record.pid},
                       {"startTime", record.start_time},
                       {"owner", record.owner},
                       {"rootless", record.rootless},
                       {"cgroup", cgroup_to_json(record.cgroup)},
                       {"intelRdtGroup", record.intel_rdt_group},
                       {"annotations", record.annotations}};
  return object.dump(-1, ' ', false, json::error_handler_t::replace);
}

Result<Record> from_json(std::string_view text) {
  const json object = json::parse(text, nullptr, false);
  if (!object.is_object()) return fail("state.json: not a container's record");
  Record record;
  take(object, "ociVersion", record.oci_version);
  take(object, "id", record.id);
  take(object, "bundle", record.bundle);
  take(object, "rootfs", record.rootfs);
  take(object, "created", record.created);
  take(object, "pid", record.pid);
  take(object, "startTime", record.start_time);
  take(object, "owner", record.owner);
  take(object, "rootless", record.rootless);
  take(object, "intelRdtGroup", record.intel_rdt_group);
  if (object.contains("cgroup")) record.cgroup = cgroup_from_json(object["cgroup"]);
  if (object.contains("annotations") && object["annotations"].is_object()) {
    for (const auto& [key, value] : object["annotations"].items()) {
      if (value.is_string()) record.annotations[key] = value.get<std::string>();
    }
  }
  const bool has_pid = object.contains("pid") && object["pid"].is_number_integer();
  if (record.id.empty() || !has_pid || record.pid < 0) {
    return fail("state.json: not a container's record");
  }
  return record;
}

}  // namespace mycontainer::runtime::container
