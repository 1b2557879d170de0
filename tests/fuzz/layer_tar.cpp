// The fuzzer for layers: libFuzzer's own changes of tar streams. As root it makes devices and
// owners, too; below /tmp, and removes them.
#include "tests/fuzz/exercise_layer.h"
#include "tests/fuzz/fuzzer.h"

using namespace mycontainer::fuzz;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  return report(exercise_layer({reinterpret_cast<const char*>(data), size}));
}
