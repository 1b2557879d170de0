// The side of who is attached: `run`, `start -a`, `attach`. The caller's streams or terminal on one
// side, the monitor's socket on the other.
#pragma once

#include <array>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "reexec/sys/error.h"
#include "reexec/sys/unique_fd.h"
#include "runtime/io/signals.h"

namespace mycontainer::runtime::attach {

struct ClientRequest {
  bool input = false, output = true, error = true;
  bool terminal = false;    // the container has one: raw mode, resizing, detach keys
  std::string detach_keys;  // bytes to type to leave, as keys_from_text() gives them; empty: none
  bool sig_proxy = true;    // signals go to the container, by `signal`
  std::function<void(int signal)> signal;
};

struct ClientEnd {
  bool detached = false;         // by the detach keys: the container lives on
  std::optional<int> exit_code;  // absent: detached, or the monitor died
};

// "ctrl-p,ctrl-q", "a,ctrl-@" ... to the bytes; an error for what is none. Empty: none.
Result<std::string> keys_from_text(const std::string& text);

// Checked before anything is started: with a terminal and input, standard input must be one
// ("the input device is not a TTY").
Result<void> check_streams(const ClientRequest& request);

// <directory>/attach.sock.
Result<UniqueFd> connect(const std::string& directory);

// Sends kAttach, the first packet on a socket. Who starts a container does it before, so that not even
// its first byte is missed.
void say_hello(int socket, const ClientRequest& request);

// After say_hello(): passes bytes, sizes and signals until the container has ended and all its
// output has been written, or the user detached. Restores the terminal. `signals`: queued since
// before the container was started, so that none is lost.
//
// An error: the monitor refused; an output of ours cannot be written (EPIPE: exit status 141); our
// terminal has hung up; without sig_proxy, a signal asked us to end (128 + it). The container lives
// on. With sig_proxy and without a terminal, the third SIGINT or SIGTERM within three
// seconds goes to the container as SIGKILL, and ends us too when our output is what is stuck.
Result<ClientEnd> run(UniqueFd socket, const ClientRequest& request, io::SignalQueue signals);

}  // namespace mycontainer::runtime::attach
