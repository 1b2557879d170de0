#include "runtime/launch/id_maps.h"

namespace mycontainer::runtime::launch {

std::vector<reexec::IdMap> id_maps(const std::vector<oci::IdMapping>& mappings) {
  std::vector<reexec::IdMap> maps;
  maps.reserve(mappings.size());
  for (const oci::IdMapping& mapping : mappings) {
    maps.push_back({mapping.container_id, mapping.host_id, mapping.size});
  }
  return maps;
}

}  // namespace mycontainer::runtime::launch
