#include <nlohmann/json.hpp>

#include "rootfs/volume/store.h"

namespace mycontainer::rootfs::volume {

namespace {

using nlohmann::json;

void take(const json& object, const char* key, std::string& target) {
  const auto found = object.find(key);
  if (found != object.end() && found->is_string()) target = found->get_ref<const std::string&>();
}

void take(const json& object, const char* key, bool& target) {
  const auto found = object.find(key);
  if (found != object.end() && found->is_boolean()) target = found->get<bool>();
}

void take(const json& object, const char* key, std::map<std::string, std::string>& target) {
  const auto found = object.find(key);
  if (found == object.end() || !found->is_object()) return;
  for (const auto& [name, value] : found->items()) {
    if (value.is_string()) target[name] = value.get_ref<const std::string&>();
  }
}

}  // namespace

std::string to_json(const Volume& volume) {
  const json document = {{"name", volume.name},
                         {"driver", volume.driver},
                         {"created", volume.created},
                         {"labels", volume.labels},
                         {"options", volume.options},
                         {"anonymous", volume.anonymous},
                         {"needsCopyUp", volume.needs_copy_up},
                         {"filling", volume.filling}};
  return document.dump(-1, ' ', false, json::error_handler_t::replace);
}

Result<Volume> from_json(std::string_view text) {
  const json document = json::parse(text, nullptr, false);
  Volume volume;
  if (document.is_object()) take(document, "name", volume.name);
  if (volume.name.empty()) return fail("volume.json: not a volume's");
  take(document, "driver", volume.driver);
  const auto created = document.find("created");
  if (created != document.end() && created->is_number_integer()) {
    volume.created = created->get<std::int64_t>();
  }
  take(document, "labels", volume.labels);
  take(document, "options", volume.options);
  take(document, "anonymous", volume.anonymous);
  take(document, "needsCopyUp", volume.needs_copy_up);
  take(document, "filling", volume.filling);
  return volume;
}

}  // namespace mycontainer::rootfs::volume
