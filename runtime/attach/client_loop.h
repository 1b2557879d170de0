// What attach::run() keeps while it runs. Client side; only for client*.cpp.
#pragma once

#include <array>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "runtime/attach/client.h"
#include "runtime/attach/packet.h"
#include "runtime/io/detach_keys.h"
#include "runtime/io/relay.h"
#include "runtime/io/terminal.h"

namespace mycontainer::runtime::attach {

class ClientLoop {
 public:
  ClientLoop(UniqueFd socket, const ClientRequest& request, io::SignalQueue signals);
  Result<ClientEnd> run();

 private:
  // client.cpp
  Result<void> wait_once();

  // client_streams.cpp
  Result<void> receive();
  Result<void> take(Type type, std::string_view body);
  Result<void> begin();
  Result<void> write_output();
  Result<void> read_input();
  void end_input();
  void send_pending();

  // client_signals.cpp
  Result<void> take_signals();
  Result<void> take_signal(int signal);
  void stop(int signal);
  void resume();

  [[nodiscard]] bool has_to_send() const { return !typed_.empty() || ends_input_ || resizes_; }

  UniqueFd socket_;
  const ClientRequest& request_;
  io::SignalQueue signals_;
  io::DetachKeys keys_;
  std::unique_ptr<char[]> packet_ = std::make_unique_for_overwrite<char[]>(kLongestPacket);
  std::unique_ptr<char[]> read_ = std::make_unique_for_overwrite<char[]>(kMostBytes);
  std::array<io::Endpoint, 2> outputs_;
  io::Endpoint* output_ = nullptr;       // the one that unwritten_ is for
  std::string_view unwritten_{};         // in packet_; while there is some, no packet is received
  std::optional<io::Endpoint> input_{};  // none before kAttached, and after its end
  std::string typed_{};                  // for the container, not sent yet
  bool ends_input_ = false;              // kInputEnd is to be sent after it
  bool resizes_ = false;                 // kResize is to be sent
  io::Insistence insistence_{};
  std::optional<ClientEnd> end_{};
  std::optional<io::RawMode> raw_{};
};

}  // namespace mycontainer::runtime::attach
