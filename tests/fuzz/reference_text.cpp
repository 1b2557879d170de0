// The fuzzer for names of images: libFuzzer's own changes, of bytes and of the dictionary's words.
#include "tests/fuzz/exercise_image.h"
#include "tests/fuzz/fuzzer.h"

using namespace mycontainer::fuzz;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  return report(exercise_reference({reinterpret_cast<const char*>(data), size}));
}
