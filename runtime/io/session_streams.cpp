#include <fcntl.h>
#include <unistd.h>

#include <utility>

#include "runtime/io/session.h"
#include "runtime/io/streams.h"

namespace mycontainer::runtime::io {
namespace {

struct Pipe {
  UniqueFd read_end{};
  UniqueFd write_end{};
};

Result<Pipe> make_pipe() {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) return fail_errno("make a pipe");
  return Pipe{UniqueFd(ends[0]), UniqueFd(ends[1])};
}

// Only our end: the container's is another open file and waits as programs expect.
Result<void> set_nonblocking(int fd, int access) {
  if (::fcntl(fd, F_SETFL, access | O_NONBLOCK) != 0) return fail_errno("set O_NONBLOCK");
  return {};
}

}  // namespace

Result<Session> Session::prepare(const SessionRequest& request) {
  if (request.terminal && request.interactive && ::isatty(STDIN_FILENO) != 1) {
    return Failure(
        Error{"the input device is not a TTY", 0, "use -i without -t for a pipe or a file", 1});
  }
  // Else a descriptor made below could take a closed stream's number, and be taken for it.
  TRY_VOID(hold_standard_streams());
  TRY(auto signals, SignalQueue::open());
  Session session(request, std::move(signals));
  if (request.terminal) {
    TRY_VOID(session.connect_all_to_null());
  } else {
    TRY_VOID(session.connect_input());
    TRY_VOID(session.connect_outputs());
  }
  return session;
}

void Session::close_child_streams() {
  child_ends_.clear();
  null_.reset();
  child_streams_ = {-1, -1, -1};
}

Result<void> Session::connect_all_to_null() {
  TRY(const int null, null_device());
  child_streams_ = {null, null, null};
  return {};
}

Result<void> Session::connect_input() {
  const auto kind = request_.interactive ? classify(STDIN_FILENO) : StreamKind::kNull;
  switch (connection_for(kind)) {
    case Connection::kNull: {
      TRY(child_streams_[0], null_device());
      break;
    }
    case Connection::kDirect:
      child_streams_[0] = STDIN_FILENO;
      break;
    case Connection::kRelay: {
      TRY(auto pipe, make_pipe());
      TRY_VOID(set_nonblocking(pipe.write_end.get(), O_WRONLY));
      child_streams_[0] = pipe.read_end.get();
      child_ends_.push_back(std::move(pipe.read_end));
      input_.emplace(Endpoint::borrow(STDIN_FILENO, O_RDONLY),
                     Endpoint::own(std::move(pipe.write_end)));
      break;
    }
  }
  return {};
}

Result<void> Session::connect_outputs() {
  for (const int fd : {STDOUT_FILENO, STDERR_FILENO}) {
    auto& child_stream = child_streams_[static_cast<std::size_t>(fd)];
    switch (connection_for(classify(fd))) {
      case Connection::kNull: {
        TRY(child_stream, null_device());
        break;
      }
      case Connection::kDirect:
        child_stream = fd;
        break;
      case Connection::kRelay: {
        TRY(child_stream, relay_output(fd));
        break;
      }
    }
  }
  return {};
}

Result<int> Session::relay_output(int fd) {
  if (fd == STDERR_FILENO && !outputs_.empty() && same_stream(STDOUT_FILENO, STDERR_FILENO)) {
    return child_streams_[STDOUT_FILENO];
  }
  TRY(auto pipe, make_pipe());
  TRY_VOID(set_nonblocking(pipe.read_end.get(), O_RDONLY));
  const int child_end = pipe.write_end.get();
  child_ends_.push_back(std::move(pipe.write_end));
  outputs_.emplace_back(Endpoint::own(std::move(pipe.read_end)), Endpoint::borrow(fd, O_WRONLY));
  return child_end;
}

Result<int> Session::null_device() {
  if (null_) return null_.get();
  null_.reset(::open("/dev/null", O_RDWR | O_CLOEXEC));
  if (!null_) return fail_errno("open /dev/null");
  if (classify(null_.get()) != StreamKind::kNull) return fail("/dev/null is not the null device");
  return null_.get();
}

}  // namespace mycontainer::runtime::io
