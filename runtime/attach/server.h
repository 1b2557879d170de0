// The monitor's side of attaching: clients come and go, each gets the output from then on, and may
// write to the container's input. Never blocks; at most kMostClients, each with a bounded queue.
//
// What a client has sent before it left or was killed still reaches the container's input. A client
// that is behind is waited for (is_full()), as under Docker; one that is four times as far behind
// as that, because its monitor could not wait, is closed.
#pragma once

#include <poll.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <string_view>
#include <vector>

#include "reexec/sys/error.h"
#include "reexec/sys/unique_fd.h"

namespace mycontainer::runtime::attach {

class Server {
 public:
  static constexpr std::size_t kMostClients = 64;
  static constexpr std::size_t kMostQueued = 128 << 10;  // bytes a client may be behind

  // What clients ask for goes to these.
  struct Callbacks {
    std::function<void(std::uint16_t rows, std::uint16_t columns)> resize;
    // The container's input, which stays the monitor's: how many bytes were taken (0: it is full,
    // try again when input_ready() was called; all of them where it has none or has closed it).
    std::function<std::size_t(std::string_view bytes)> input;
    // A client that attached to the input sent kInputEnd, or left without (`left`).
    std::function<void(bool left)> input_end;
  };

  // Listens at <directory>/attach.sock; `directory` is a descriptor of a directory of mode 0700.
  static Result<Server> listen(int directory, bool terminal, Callbacks callbacks);
  Server(Server&&) noexcept;
  Server& operator=(Server&&) noexcept;
  ~Server();

  // One end of a socket pair whose other end is known to be a client's: as if it had connected.
  // It gets all output from now on, even if its kAttach comes late: `run` says it when the container
  // has started, and that may have ended by then.
  void adopt(UniqueFd socket);

  // What to wait for, appended; then handle() after poll(2). Others' entries in `polls` are passed
  // over; none of what was added is closed before.
  void add_polls(std::vector<pollfd>& polls) const;
  void handle(const std::vector<pollfd>& polls);

  // Output of the container for all who want it. `stream`: 1 or 2.
  void output(int stream, std::string_view bytes);
  // The container's input takes bytes again.
  void input_ready();
  // Some client waits for the input to take what it has sent.
  [[nodiscard]] bool has_input() const;
  // Some client is so far behind that the container's output should not be read for now.
  [[nodiscard]] bool is_full() const;
  // Tells everybody, those too who attach from now on; each is closed when its queue is empty.
  // Input that the container has not taken is dropped.
  void ended(int exit_code);
  // Nobody is attached (any more).
  [[nodiscard]] bool empty() const;

 private:
  struct Impl;
  explicit Server(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace mycontainer::runtime::attach
