// The monitor's own memory: there is one for each container, so an idle one keeps little. Monitor side.
#pragma once

#include <array>

namespace mycontainer::runtime::monitor {

// One for all streams. Its content is of no use after the call that filled it.
inline constexpr std::size_t kBufferSize = 32 << 10;
std::array<char, kBufferSize>& shared_buffer();

// Returns to the system what only the start or a burst of output needed: free memory of the heap, the
// buffer, and the depths of the stack.
void give_memory_back();

}  // namespace mycontainer::runtime::monitor
