// What the fuzzers hand to libFuzzer (https://llvm.org/docs/LibFuzzer.html).
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>

#include "tests/fuzz/exercise.h"
#include "tests/fuzz/json_mutator.h"

extern "C" std::size_t LLVMFuzzerMutate(std::uint8_t* data, std::size_t size, std::size_t max_size);

namespace mycontainer::fuzz {

// A finding ends the process: libFuzzer then keeps the text that led to it.
inline int report(const Outcome& outcome) {
  if (outcome.finding.empty()) return 0;
  std::fprintf(stderr, "FINDING: %s\n", outcome.finding.c_str());
  std::abort();
}

// Seven of eight changes keep the text JSON; the rest is libFuzzer's own, on bytes and words.
inline std::size_t mutate(std::uint8_t* data, std::size_t size, std::size_t max_size,
                          unsigned seed) {
  if (seed % 8 == 0) return LLVMFuzzerMutate(data, size, max_size);
  const std::string changed = mutate_json({reinterpret_cast<const char*>(data), size}, seed);
  if (changed.empty() || changed.size() > max_size) return LLVMFuzzerMutate(data, size, max_size);
  std::memcpy(data, changed.data(), changed.size());
  return changed.size();
}

}  // namespace mycontainer::fuzz
