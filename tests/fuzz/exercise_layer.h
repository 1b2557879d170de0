// What the fuzzer does with one layer's blob: its tree is made in a directory of its own, by the same code
// as in the child of rootfs/layer/unpack_layer.h, but without the walls around it. The unit tests
// replay the corpus through the same function.
#pragma once

#include <string_view>

#include "tests/fuzz/exercise.h"

namespace mycontainer::fuzz {

// Whatever the blob says, beside the tree nothing appears, vanishes or changes.
Outcome exercise_layer(std::string_view blob);

}  // namespace mycontainer::fuzz
