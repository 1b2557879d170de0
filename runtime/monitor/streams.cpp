#include "runtime/monitor/streams.h"

#include <fcntl.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "reexec/sys/file.h"

namespace mycontainer::runtime::monitor {

namespace {

struct Pipe {
  UniqueFd read_end, write_end;
};

Result<Pipe> make_pipe() {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) return fail_errno("make a pipe");
  return Pipe{UniqueFd(ends[0]), UniqueFd(ends[1])};
}

// Only our end: the container's is another open file and waits as programs expect.
Result<void> set_nonblocking(int fd) {
  const int flags = ::fcntl(fd, F_GETFL);
  if (flags < 0 || ::fcntl(fd, F_SETFL, flags | O_NONBLOCK) != 0) {
    return fail_errno("set O_NONBLOCK");
  }
  return {};
}

}  // namespace

Result<Streams> Streams::make(bool terminal, bool interactive) {
  Streams streams;
  if (terminal || !interactive) {
    TRY(streams.child_ends_[0], sys::open_at(AT_FDCWD, "/dev/null", O_RDWR));
  } else {
    TRY(Pipe pipe, make_pipe());
    TRY_VOID(set_nonblocking(pipe.write_end.get()));
    streams.input_ = std::move(pipe.write_end);
    streams.child_ends_[0] = std::move(pipe.read_end);
  }
  const int input = streams.child_ends_[0].get();
  streams.child_streams_ = {input, input, input};
  if (terminal) return streams;
  for (const int stream : {1, 2}) {
    const auto index = static_cast<std::size_t>(stream);
    TRY(Pipe pipe, make_pipe());
    TRY_VOID(set_nonblocking(pipe.read_end.get()));
    (stream == 1 ? streams.output_ : streams.error_) = std::move(pipe.read_end);
    streams.child_ends_[index] = std::move(pipe.write_end);
    streams.child_streams_[index] = streams.child_ends_[index].get();
  }
  return streams;
}

void Streams::close_child_streams() {
  for (UniqueFd& end : child_ends_) end.reset();
  child_streams_ = {-1, -1, -1};
}

Result<void> Streams::adopt_console(UniqueFd master) {
  TRY_VOID(set_nonblocking(master.get()));
  slave_.reset(::ioctl(master.get(), TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC));
  if (!slave_) return fail_errno("open the container's terminal");
  master_ = std::move(master);
  return {};
}

int Streams::output_fd(int stream) const {
  if (stream == 2) return error_.get();
  return master_ ? master_.get() : output_.get();
}

std::string_view Streams::read(int stream, std::span<char> buffer) {
  const int fd = output_fd(stream);
  const ssize_t size = ::read(fd, buffer.data(), buffer.size());
  if (size > 0) return {buffer.data(), static_cast<std::size_t>(size)};
  if (size < 0 && (errno == EAGAIN || errno == EINTR)) return {};
  if (stream == 2) {
    error_.reset();
  } else if (master_) {
    slave_.reset();
    master_.reset();
  } else {
    output_.reset();
  }
  return {};
}

std::size_t Streams::pending(int stream) const {
  int size = 0;
  const int fd = output_fd(stream);
  return fd >= 0 && ::ioctl(fd, FIONREAD, &size) == 0 && size > 0 ? static_cast<std::size_t>(size)
                                                                  : 0;
}

int Streams::input_fd() const { return master_ ? master_.get() : input_.get(); }

std::size_t Streams::write(std::string_view bytes) {
  const int fd = input_fd();
  if (fd < 0) return bytes.size();
  const ssize_t size = ::write(fd, bytes.data(), bytes.size());
  if (size >= 0) return static_cast<std::size_t>(size);
  if (errno == EAGAIN || errno == EINTR) return 0;
  input_.reset();  // EPIPE: nobody reads it any more
  return bytes.size();
}

void Streams::close_input() { input_.reset(); }

void Streams::resize(std::uint16_t rows, std::uint16_t columns) const {
  if (!master_) return;
  const winsize size{rows, columns, 0, 0};
  (void)::ioctl(master_.get(), TIOCSWINSZ, &size);
}

}  // namespace mycontainer::runtime::monitor
