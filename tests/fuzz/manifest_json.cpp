// The fuzzer for an image's manifest.
#include "tests/fuzz/exercise_image.h"
#include "tests/fuzz/fuzzer.h"

using namespace mycontainer::fuzz;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  return report(exercise_manifest({reinterpret_cast<const char*>(data), size}));
}

extern "C" std::size_t LLVMFuzzerCustomMutator(std::uint8_t* data, std::size_t size,
                                               std::size_t max_size, unsigned seed) {
  return mutate(data, size, max_size, seed);
}
