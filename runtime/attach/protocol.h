// What a monitor and those who are attached to its container say to each other, over a
// SOCK_SEQPACKET socket (unix(7)): one message a packet, its first byte the type. Both sides.
//
//   client (run, start -a, attach)              monitor
//      |  kAttach {streams, terminal size}        |
//      |----------------------------------------->|
//      |  kAttached {terminal}  or  kRefused text |
//      |<-----------------------------------------|
//      |  kInput bytes, kInputEnd, kResize        |  any number, in any order
//      |----------------------------------------->|
//      |               kOutput bytes, kError bytes|
//      |<-----------------------------------------|
//      |  kEnded {exit code}: all output was sent |  then the monitor closes; a container that
//      |<-----------------------------------------|  restarts goes on instead, as under Docker
//
// The socket lies in a directory of mode 0700 and its peer's uid is checked (SO_PEERCRED): only the
// container's owner and root attach.
#pragma once

#include <cstddef>
#include <cstdint>

namespace mycontainer::runtime::attach {

inline constexpr const char* kSocketName = "attach.sock";
inline constexpr std::size_t kMostBytes = 32 << 10;  // of one kInput, kOutput or kError

enum class Type : std::uint8_t {
  kAttach = 1,
  kAttached,
  kRefused,
  kInput,
  kInputEnd,
  kResize,
  kOutput,
  kError,
  kEnded,
};

// After the type byte of kAttach; kResize has only the size. Same machine, same binary: host order.
struct AttachBody {
  std::uint8_t input = 0, output = 0, error = 0;  // which streams are wanted
  std::uint8_t unused = 0;
  std::uint16_t rows = 0, columns = 0;  // 0: no terminal
};
struct AttachedBody {
  bool terminal = false;  // the container has one
};
struct SizeBody {
  std::uint16_t rows = 0, columns = 0;
};
struct EndedBody {
  std::int32_t exit_code = 0;
};

}  // namespace mycontainer::runtime::attach
