// Descriptors whose close(2) makes the caller wait. Parent side.
#pragma once

#include <chrono>

namespace mycontainer::reexec::sys {

// Keeps what `fd` refers to open for `time` after the caller has closed it, so that whatever the
// kernel does with the last close happens to nobody who waits. For that a process without parent
// holds it, and nothing else of the caller's; init reaps it. Costs about 0.1 ms. Where it cannot be
// made, the caller's own close is the last one.
void linger(int fd, std::chrono::milliseconds time);

}  // namespace mycontainer::reexec::sys
