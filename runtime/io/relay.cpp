#include "runtime/io/relay.h"

#include <sys/ioctl.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "runtime/io/streams.h"

namespace mycontainer::runtime::io {
namespace {

constexpr std::size_t kBufferSize = 64u << 10;
// More than a terminal's queues hold (64 KiB on the way and a line discipline's 4 KiB), so that a
// background process which never stops writing to it cannot hold us.
constexpr std::size_t kLastOfTerminal = 128u << 10;

// EIO is how a terminal says that its other side has gone; from a disk it is a failure. isatty(3)
// would not do: a terminal that was hung up says no.
bool is_hang_up(int fd) {
  struct stat status {};
  return errno == EIO && ::fstat(fd, &status) == 0 && S_ISCHR(status.st_mode);
}

bool would_block() { return errno == EAGAIN || errno == EWOULDBLOCK; }

}  // namespace

Relay::Relay(Endpoint source, Endpoint sink) : source_(std::move(source)), sink_(std::move(sink)) {}

pollfd Relay::awaited() const {
  if (begin_ == end_) return {source_.fd(), POLLIN, 0};
  return {sink_.fd(), POLLOUT, 0};
}

void Relay::step() {
  if (finished_) return;
  if (begin_ == end_) {
    fill();
    if (!sink_.never_blocks()) return;
  }
  if (!finished_ && begin_ != end_) flush();
}

void Relay::last_call() {
  last_call_ = true;
  int waiting = 0;
  const bool is_pipe = classify(source_.fd()) == StreamKind::kPipe;
  if (is_pipe && ::ioctl(source_.fd(), FIONREAD, &waiting) == 0) {
    left_ = static_cast<std::size_t>(waiting);
  } else {
    left_ = kLastOfTerminal;
  }
}

void Relay::fill() {
  if (!buffer_) buffer_ = std::make_unique_for_overwrite<char[]>(kBufferSize + kFilterRoom);
  const ssize_t got = left_ == 0 ? 0 : source_.read(buffer_.get(), std::min(kBufferSize, left_));
  if (got > 0) {
    begin_ = 0;
    end_ = static_cast<std::size_t>(got);
    if (last_call_) left_ -= end_;
    if (filter_) filter();
  } else if (got < 0 && would_block()) {
    if (last_call_) end();
  } else {
    if (got < 0 && !is_hang_up(source_.fd())) fail_with("read");
    end();
  }
}

void Relay::filter() {
  std::string passed;
  filter_({buffer_.get(), end_}, passed);
  end_ = std::min(passed.size(), kBufferSize + kFilterRoom);
  std::copy_n(passed.data(), end_, buffer_.get());
}

void Relay::flush() {
  const ssize_t put = sink_.write(buffer_.get() + begin_, end_ - begin_);
  if (put >= 0) {
    begin_ += static_cast<std::size_t>(put);
  } else if (!would_block()) {
    if (errno != EPIPE) fail_with("write");
    end();
  }
}

void Relay::fail_with(const char* what) {
  error_ = fail_errno("{} a stream of the container", what).value();
}

void Relay::end() {
  finished_ = true;
  begin_ = end_ = 0;
  source_.close();
  sink_.close();
}

}  // namespace mycontainer::runtime::io
