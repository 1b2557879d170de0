// Bytes both ways, with an end to every wait. Any process; one thread at a time.
#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include "reexec/sys/error.h"
#include "reexec/sys/unique_fd.h"

namespace mycontainer::rootfs::registry {

using Clock = std::chrono::steady_clock;
using Milliseconds = std::chrono::milliseconds;

// Errors are of the connection: whatever they are, a new connection may do.
class Stream {
 public:
  virtual ~Stream() = default;
  // At least one byte; 0: the other side has ended.
  virtual Result<std::size_t> read_some(char* buffer, std::size_t size) = 0;
  virtual Result<void> write_all(std::string_view bytes) = 0;
  // Whether something can be read, the end perhaps; of an idle connection: it is of no more use.
  [[nodiscard]] virtual bool is_readable() const = 0;
};

struct Patience {
  Milliseconds connect{30'000};
  Milliseconds silence{60'000};  // without a byte, in either direction
};

// poll(2) for `events`; ETIMEDOUT when the deadline comes first. `what` names the wait.
Result<void> wait_for(int fd, short events, Clock::time_point deadline, std::string_view what);

// A TCP connection to a host by name or address. Its addresses are tried a quarter of a second after one
// another, and the first that answers is taken (RFC 8305).
Result<std::unique_ptr<Stream>> connect_tcp(const std::string& host, std::uint16_t port,
                                            const Patience& patience);

}  // namespace mycontainer::rootfs::registry
