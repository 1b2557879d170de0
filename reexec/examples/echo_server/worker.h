// A worker of the echo server. Child side.
#pragma once

#include <cstdint>

#include "reexec/registry.h"

namespace echo_server {

// Where a worker finds the listening socket that all workers share.
inline constexpr int kListenerFd = 4;

// Worker and server: the server says kDrain (or closes), the worker answers kServed and ends.
inline constexpr std::uint32_t kDrain = 1;
inline constexpr std::uint32_t kServed = 2;  // how many connections, as a std::uint64_t

// What a client sends to make its worker crash.
inline constexpr char kCrashRequest[] = "crash";

// Serves one connection after the other until it is told to drain; then what is already waiting in
// the socket's queue, and ends.
int run_worker(mycontainer::reexec::Invocation& self);

}  // namespace echo_server
