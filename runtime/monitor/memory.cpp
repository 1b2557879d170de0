#include "runtime/monitor/memory.h"

#include <malloc.h>
#include <sys/mman.h>

#include <cstdint>

namespace mycontainer::runtime::monitor {

namespace {

constexpr std::uintptr_t kPage = 4096;
alignas(kPage) std::array<char, kBufferSize> buffer;

}  // namespace

std::array<char, kBufferSize>& shared_buffer() { return buffer; }

void give_memory_back() {
  constexpr std::uintptr_t kDeepest = 256 << 10;
  ::malloc_trim(0);
  (void)::madvise(buffer.data(), buffer.size(), MADV_DONTNEED);
  const char here = 0;
  const std::uintptr_t top = reinterpret_cast<std::uintptr_t>(&here) / kPage * kPage - kPage;
  // Below what this function and the system call use themselves; never read again before written.
  (void)::madvise(reinterpret_cast<void*>(top - kDeepest), kDeepest, MADV_DONTNEED);
}

}  // namespace mycontainer::runtime::monitor
