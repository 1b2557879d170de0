#include "runtime/container/record.h"

#include <nlohmann/json.hpp>

#include "runtime/oci/json_writer.h"

namespace mycontainer::runtime::cgroup {

void fields(auto& v, const CgroupRecord::Place& place) {
  v.required("mountPoint", place.mount_point);
  v.required("path", place.path);
  v.required("controllers", place.controllers);
  v.required("v2", place.v2);
}

void fields(auto& v, const CgroupRecord& record) {
  v.required("places", record.places);
  v.required("unit", record.unit);
  v.required("userBus", record.user_bus);
  v.required("rootless", record.rootless);
}

}  // namespace mycontainer::runtime::cgroup

namespace mycontainer::runtime::container {

void fields(auto& v, const Record& record) {
  v.required("ociVersion", record.oci_version);
  v.required("id", record.id);
  v.required("bundle", record.bundle);
  v.required("rootfs", record.rootfs);
  v.required("created", record.created);
  v.required("pid", record.pid);
  v.required("startTime", record.start_time);
  v.required("owner", record.owner);
  v.required("rootless", record.rootless);
  v.required("cgroup", record.cgroup);
  v.required("intelRdtGroup", record.intel_rdt_group);
  v.required("annotations", record.annotations);
}

namespace {

using nlohmann::json;

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

std::string to_json(const Record& record) { return oci::json_text(record, 0); }

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
