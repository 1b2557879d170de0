// A container in the foreground: connects the caller's standard streams to it, passes signals on,
// and waits for it. Parent side.
//
//   prepare()               before the clone: decides about the streams, queues signals from now on
//   child_streams()         what the child gets as 0, 1, 2
//   close_child_streams()   after the clone: else end of file is never seen
//   await_start()           optional: the launch channel, with ctrl-c still working
//   adopt_console()         with a terminal, when the child has sent its master end
//   relay() or run()        until the container has ended and its last bytes are out
//
// Without a terminal (-t), a stream of the caller's that is an anonymous pipe is the container's
// own, /dev/null stays /dev/null, and everything else goes through a pipe of ours (streams.h says
// why). Standard input is connected only when interactive (-i), and its end is passed on.
//
// With a terminal, all three streams are the container's own one. When interactive, the caller's
// terminal is in raw mode as long as the session lives: ctrl-c and ctrl-z are bytes for the
// container.
//
// Signals: all that SignalQueue takes go to the container's PID 1. It ignores those it has no
// handler for (pid_namespaces(7)), as under Docker; the third SIGINT or SIGTERM within three
// seconds therefore kills it (status 137), and the caller cleans up as after any end. With a
// terminal, SIGWINCH resizes, and SIGTSTP and SIGCONT are our own job control.
#pragma once

#include <sys/ioctl.h>

#include <array>
#include <csignal>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "reexec/process.h"
#include "reexec/sys/error.h"
#include "reexec/sys/unique_fd.h"
#include "runtime/io/detach_keys.h"
#include "runtime/io/relay.h"
#include "runtime/io/signals.h"
#include "runtime/io/terminal.h"

namespace mycontainer::runtime::io {

struct SessionRequest {
  bool interactive = false;   // -i
  bool terminal = false;      // -t
  std::string detach_keys{};  // bytes that are typed to leave (with both); empty: none
};

// Something else to wait for: `ready` is called when `fd` is readable and says whether to go on.
struct Watch {
  int fd = -1;
  std::function<Result<bool>()> ready;
};

class Session {
 public:
  // With both -i and -t, standard input must be a terminal; the error then carries Docker's words
  // and its exit status 1. Nothing of the caller's terminal is changed yet.
  static Result<Session> prepare(const SessionRequest& request);
  Session(Session&&) noexcept = default;
  Session& operator=(Session&&) = delete;

  // Borrowed descriptors for the child's 0, 1, 2: all /dev/null with a terminal, which the child
  // replaces by its own (pty.h). A stream that is /dev/null should be opened again by the child
  // inside the container (null_streams.h).
  [[nodiscard]] std::array<int, 3> child_streams() const { return child_streams_; }
  void close_child_streams();
  // The mask that prepare() found. (A container's program starts with no signal blocked.)
  [[nodiscard]] const sigset_t& original_mask() const { return signals_.original_mask(); }

  // Calls `start.ready` until it returns false or fails. SIGHUP, SIGINT, SIGQUIT and SIGTERM give
  // the start up: the process behind `pidfd` is killed (not reaped) and the error's exit status is
  // 128 + the signal. Every other signal stays queued for the container.
  Result<void> await_start(int pidfd, const Watch& start);

  // Takes the master end of the container's terminal: sets its size again, enters raw mode.
  Result<void> adopt_console(UniqueFd master);

  // Until the detach keys are typed, or the process behind `pidfd` has ended and every byte it wrote has been passed on: what
  // lies in the pipes then is read, and nobody who still holds them open is waited for.
  // SIGHUP, SIGINT, SIGQUIT or SIGTERM during this last part ends it.
  Result<void> relay(int pidfd);
  // relay(), then restores the terminal and reaps.
  Result<reexec::Status> run(reexec::Process& container);

  // relay() has ended because the detach keys were typed: the process lives on.
  [[nodiscard]] bool detached() const { return detached_; }
  // Then: puts the caller's terminal back and gives up the container's, which must be held open,
  // and read from, for as long as the process is to have one.
  struct Terminal {
    UniqueFd master{}, slave{};
  };
  Terminal leave();

  // A stream that failed on our side (ENOSPC, EIO), for a warning; a closed one (EPIPE) is none.
  [[nodiscard]] std::optional<Error> stream_error() const;

 private:
  Session(SessionRequest request, SignalQueue signals)
      : request_(std::move(request)), signals_(std::move(signals)) {}

  // session_streams.cpp
  Result<void> connect_all_to_null();
  Result<void> connect_input();
  Result<void> connect_outputs();
  Result<int> relay_output(int fd);
  Result<int> null_device();

  // session_signals.cpp
  void take_signals(int pidfd);
  void take_signal(int signal, int pidfd);
  void follow_size();
  void stop(int signal);
  void resume();

  // session_loop.cpp
  Result<bool> wait_once(int pidfd);
  void step_input();
  void hang_up_if_cut_off();
  void drain();
  [[nodiscard]] bool wait_for_room(const Relay& relay) const;

  SessionRequest request_;
  SignalQueue signals_;
  std::vector<int> early_signals_{};
  Insistence insistence_{};
  std::array<int, 3> child_streams_{-1, -1, -1};
  std::vector<UniqueFd> child_ends_{};
  UniqueFd null_{};
  UniqueFd master_{};
  // Held open so that the master does not report a hang-up while the container has closed its side.
  UniqueFd slave_{};
  std::unique_ptr<DetachKeys> keys_{};  // what input_ refers to
  bool detached_ = false;
  std::optional<Relay> input_{};
  std::vector<Relay> outputs_{};
  std::optional<Error> lost_{};
  std::optional<RawMode> raw_{};
};

}  // namespace mycontainer::runtime::io
