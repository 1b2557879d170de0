#include "cmd/volume_text.h"

#include <cerrno>

#include "runtime/lifecycle/utc_time.h"

namespace mycontainer::cmd {

using print::Json;

runtime::lifecycle::LabelFilter label_filter(std::string_view text) {
  const std::size_t equals = text.find('=');
  runtime::lifecycle::LabelFilter label{std::string(text.substr(0, equals)), {}};
  if (equals != std::string_view::npos) label.value = text.substr(equals + 1);
  return label;
}

Json volume_document(const rootfs::volume::Volume& volume, const std::string& mountpoint) {
  constexpr std::int64_t kSecond = 1'000'000'000;
  const auto or_null = [](const std::map<std::string, std::string>& map) {
    return map.empty() ? Json(nullptr) : Json(map);
  };
  return {{"CreatedAt", runtime::lifecycle::utc_time(volume.created - volume.created % kSecond)},
          {"Driver", volume.driver},
          {"Labels", or_null(volume.labels)},
          {"Mountpoint", mountpoint},
          {"Name", volume.name},
          {"Options", or_null(volume.options)},
          {"Scope", "local"}};
}

std::string joined_labels(const std::map<std::string, std::string>& labels) {
  std::string text;
  for (const auto& [key, value] : labels) {
    text += (text.empty() ? "" : ",") + key + "=" + value;
  }
  return text;
}

std::string volumes_pruned_text(const runtime::lifecycle::VolumesPruned& pruned) {
  if (pruned.names.empty()) return {};
  std::string text = "Deleted Volumes:\n";
  for (const std::string& name : pruned.names) text += name + "\n";
  return text + "\n";
}

Error plain_error(Error error) {
  if (error.code == ENOENT && error.operation.starts_with("no such volume")) error.code = 0;
  if (error.code == EBUSY) error.code = 0;
  return error;
}

}  // namespace mycontainer::cmd
