// A configuration's id mappings as the re-exec library takes them. Parent side; pure.
#pragma once

#include <vector>

#include "reexec/attributes.h"
#include "runtime/oci/spec.h"

namespace mycontainer::runtime::launch {

std::vector<reexec::IdMap> id_maps(const std::vector<oci::IdMapping>& mappings);

}  // namespace mycontainer::runtime::launch
