// What who starts a container and the monitor that it becomes say to each other, over the channel of
// the re-execution. Both sides include this.
//
//   starter (runtime/lifecycle)                  monitor (runtime/monitor)
//      |  execve(self, "mycontainer-monitor")       |
//      |  kStart: StartOrder, perhaps a socket      |  the first client, attached before the
//      |------------------------------------------->|   program can write anything
//      |          kStarted  or  kFailed: Error      |
//      |<-------------------------------------------|  and the conversation ends
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <tuple>

namespace mycontainer::runtime::engine {

inline constexpr std::string_view kMonitorEntry = "mycontainer-monitor";

enum class MonitorMessage : std::uint32_t { kStart = 1, kStarted, kFailed };

struct StartOrder {
  std::string id;
  std::string data_root, state_root;
  std::uint16_t rows = 0, columns = 0;  // of the terminal that shows it; 0: none

  template <class Self>
  static auto fields(Self& self) {
    return std::tie(self.id, self.data_root, self.state_root, self.rows, self.columns);
  }
};

}  // namespace mycontainer::runtime::engine
