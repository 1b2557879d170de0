#include "runtime/state/places.h"

#include "runtime/state/live.h"

namespace mycontainer::runtime::state {

network::Places places_of(const Roots& roots) {
  return {roots.data, roots.state,
          [roots](const std::string& container_id) { return is_supervised(roots, container_id); }};
}

}  // namespace mycontainer::runtime::state
