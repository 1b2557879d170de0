#include "runtime/cgroup/record.h"

#include <algorithm>

namespace mycontainer::runtime::cgroup {

namespace {

std::string directory_of(const CgroupRecord::Place& place) {
  return place.mount_point + place.path;
}

bool keeps(const CgroupRecord::Place& place, std::string_view controller) {
  return std::ranges::find(place.controllers, controller) != place.controllers.end();
}

}  // namespace

std::string path_of(const CgroupRecord& record, std::string_view controller) {
  if (controller == "io") controller = "blkio";
  std::string by_v2;
  for (const CgroupRecord::Place& place : record.places) {
    if (place.v2) {
      by_v2 = directory_of(place);
    } else if (keeps(place, controller)) {
      return directory_of(place);
    }
  }
  return by_v2;
}

std::vector<std::pair<std::string, std::string>> paths_of(const CgroupRecord& record) {
  std::vector<std::pair<std::string, std::string>> paths;
  for (const CgroupRecord::Place& place : record.places) {
    if (place.v2) paths.emplace_back("", directory_of(place));
    if (place.v2) continue;
    for (const std::string& controller : place.controllers) {
      paths.emplace_back(controller, directory_of(place));
    }
  }
  return paths;
}

}  // namespace mycontainer::runtime::cgroup
