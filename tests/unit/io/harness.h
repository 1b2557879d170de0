// A caller and a container in miniature: a forked process with the standard streams a test chooses,
// which runs a Session over a forked program.
#pragma once

#include <sys/types.h>

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>

#include "reexec/process.h"
#include "reexec/sys/unique_fd.h"
#include "runtime/io/session.h"

namespace mycontainer::runtime::io::testing {

using Program = std::function<int()>;

struct Streams {
  int in = -1, out = -1, err = -1;  // -1: closed
};

// The two ends of a pipe, a socket pair or a terminal (near: the master).
struct Ends {
  UniqueFd near, far;
};
Ends make_pipe();  // near: the write end
Ends make_sockets();
Ends make_terminal();
void make_raw(int terminal);

// An unnamed regular file holding `bytes`, positioned at its start.
UniqueFd file_with(std::string_view bytes, int flags = 0);
std::string contents(int file);
std::string random_bytes(std::size_t size);
// Until end of file (or EIO, a terminal's), or until `enough` bytes came.
std::string read_to_end(int fd, std::size_t enough = static_cast<std::size_t>(-1));
// Reads until `text` was seen; what was read, or "" after ten seconds.
std::string read_until(int fd, std::string_view text);
void write_text(int fd, std::string_view text);

// Forks a process in which `body` runs with `streams` as 0, 1, 2 and no other descriptor; its
// result is the exit code.
pid_t fork_caller(const Streams& streams, const Program& body);
// Its exit code, or 128 + the signal; waits.
int wait_for(pid_t pid);
int call(const Streams& streams, const Program& body);
// Looks every millisecond, for ten seconds.
bool wait_until(const std::function<bool()>& condition);

// Starts `program` as the container of `session`, with a terminal of its own if asked for, which
// the session adopts.
reexec::Process start(Session& session, const Program& program, bool terminal = false);
// The whole of a foreground run; its exit code, or 125 with the error on standard error.
int run_foreground(const SessionRequest& request, const Program& program);
Program shell(std::string script);

}  // namespace mycontainer::runtime::io::testing
