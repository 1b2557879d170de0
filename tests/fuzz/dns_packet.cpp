// The fuzzer for questions of the domain name system: libFuzzer's own changes of packets.
#include "tests/fuzz/exercise_dns.h"
#include "tests/fuzz/fuzzer.h"

using namespace mycontainer::fuzz;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  return report(exercise_dns({reinterpret_cast<const char*>(data), size}));
}
