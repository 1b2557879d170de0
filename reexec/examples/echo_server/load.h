// A load test of the echo server by processes of its own.
#pragma once

#include <cstdint>

#include "reexec/function.h"

namespace echo_server {

// Makes `connections` connections one after the other and returns how many were echoed whole; each
// hundredth makes a worker crash instead when `crashing`.
mycontainer::Result<std::uint64_t> be_client(std::uint16_t port, std::uint64_t connections,
                                             bool crashing);
inline constexpr mycontainer::reexec::Function<&be_client> kClient{"echo-client"};

// The server as an entry: sends its port, serves until SIGTERM, sends its Tally.
int run_server_entry(mycontainer::reexec::Invocation& self);

// 0 when all of `connections` were echoed, crashed workers were replaced, the drained server
// finished an open connection, and no zombie is left anywhere.
int run_load(std::uint64_t connections);

}  // namespace echo_server
