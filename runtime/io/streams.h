// What the caller's standard streams are, and which of them a container may be given. Parent side.
//
// A descriptor is more than a stream: through /proc/self/fd a container can reopen a file with
// other flags, change its mode or owner, push input into a terminal (TIOCSTI), or walk out of a
// directory. Only an anonymous pipe carries nothing but its bytes, so only that is handed over.
#pragma once

#include <cstdint>

#include "reexec/sys/error.h"

namespace mycontainer::runtime::io {

enum class StreamKind : std::uint8_t {
  kClosed,    // not open at all
  kNull,      // /dev/null: character device 1:3
  kPipe,      // an anonymous pipe (pipe(2)), not a FIFO that has a name
  kTerminal,  // tty_ioctl(4) works
  kFile,      // a regular file
  kSocket,
  kOther,  // directories, devices, named FIFOs and everything else
};

StreamKind classify(int fd);

// How the container gets one of the streams.
enum class Connection : std::uint8_t {
  kNull,    // its own /dev/null
  kDirect,  // the caller's descriptor itself
  kRelay,   // the far end of a pipe of ours
};

[[nodiscard]] constexpr Connection connection_for(StreamKind kind) {
  switch (kind) {
    case StreamKind::kClosed:
    case StreamKind::kNull:
      return Connection::kNull;
    case StreamKind::kPipe:
      return Connection::kDirect;
    default:
      return Connection::kRelay;
  }
}

// Both descriptors are one open file (as after `>log 2>&1`), or the same terminal: their bytes then
// belong in one order, and one pipe keeps it.
bool same_stream(int first, int second);

// Opens /dev/null at each of 0, 1 and 2 that is closed, so that no other file ever gets these
// numbers. For the start of main(), before anything else is opened; Session::prepare() does it
// again.
Result<void> hold_standard_streams();

}  // namespace mycontainer::runtime::io
