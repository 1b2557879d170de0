// Where the networks are that the containers of these roots join. Any process.
#pragma once

#include "runtime/network/definition/places.h"
#include "runtime/state/roots.h"

namespace mycontainer::runtime::state {

network::Places places_of(const Roots& roots);

}  // namespace mycontainer::runtime::state
