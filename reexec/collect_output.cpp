#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <array>

#include "reexec/starter.h"

namespace mycontainer::reexec {

namespace {

struct Stream {
  UniqueFd pipe;
  std::string* text;
};

// Takes what is in the pipe now; the pipe is closed at its end.
Result<void> drain(Stream& stream, std::size_t limit) {
  std::array<char, 16384> buffer;
  while (stream.pipe) {
    const ssize_t count = ::read(stream.pipe.get(), buffer.data(), buffer.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0 && errno == EAGAIN) return {};
    if (count < 0) return fail_errno("read output");
    if (count == 0) stream.pipe.reset();
    stream.text->append(buffer.data(), static_cast<std::size_t>(count));
    if (stream.text->size() > limit) return fail_code(EFBIG, "collect more than {} bytes", limit);
  }
  return {};
}

}  // namespace

Result<Output> collect_output(Process process, UniqueFd out, UniqueFd err, std::size_t limit) {
  Output output;
  std::array<Stream, 2> streams{Stream{std::move(out), &output.out},
                                Stream{std::move(err), &output.err}};
  for (Stream& stream : streams) {
    if (stream.pipe && ::fcntl(stream.pipe.get(), F_SETFL, O_NONBLOCK) < 0) {
      return fail_errno("collect output");
    }
  }
  bool ended = false;
  while (!ended && (streams[0].pipe || streams[1].pipe)) {
    std::array<pollfd, 3> waits{pollfd{streams[0].pipe.get(), POLLIN, 0},
                                pollfd{streams[1].pipe.get(), POLLIN, 0},
                                pollfd{process.pidfd(), POLLIN, 0}};
    if (::poll(waits.data(), waits.size(), -1) < 0 && errno != EINTR) return fail_errno("poll");
    // The end is noted before the last reading, so that nothing written before it is missed; who
    // else holds the pipe (a grandchild) is not waited for.
    ended = waits[2].revents != 0;
    for (Stream& stream : streams) TRY_VOID(drain(stream, limit));
  }
  TRY(output.status, process.wait());
  return output;
}

}  // namespace mycontainer::reexec
