#include "runtime/hooks/outcome.h"

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <climits>

#include "runtime/hooks/hooks.h"

namespace mycontainer::runtime::hooks {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t kLongestLine = 512;
constexpr int kMostReads = 64;  // in one go: who writes without end is still asked whether it ended

// Takes what is in the pipe now; the pipe is closed at its end or when it cannot be read.
template <class Take>
void drain(UniqueFd& pipe, Take take) {
  std::array<char, 16384> buffer;
  for (int reads = 0; pipe && reads < kMostReads; ++reads) {
    const ssize_t count = ::read(pipe.get(), buffer.data(), buffer.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0 && errno == EAGAIN) return;
    if (count <= 0) pipe.reset();
    if (count > 0) take(std::string_view(buffer.data(), static_cast<std::size_t>(count)));
  }
}

// For poll(2): milliseconds, rounded up, -1 for ever.
int remaining(const std::optional<Clock::time_point>& deadline) {
  if (!deadline) return -1;
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(*deadline - Clock::now()).count();
  return static_cast<int>(std::clamp<std::int64_t>(left, 0, INT_MAX));
}

}  // namespace

void OutcomeReader::drain_both() {
  drain(out_, [](std::string_view) {});
  drain(err_, [this](std::string_view more) {
    text_ += more;
    if (text_.size() > 2 * kKeptErrorBytes) text_.erase(0, text_.size() - kKeptErrorBytes);
  });
}

Result<bool> OutcomeReader::read_until_end(const reexec::Process& process,
                                           std::optional<std::chrono::seconds> timeout) {
  for (const UniqueFd* pipe : {&out_, &err_}) {
    if (::fcntl(pipe->get(), F_SETFL, O_NONBLOCK) < 0) return fail_errno("read its output");
  }
  std::optional<Clock::time_point> deadline;
  if (timeout) deadline = Clock::now() + *timeout;
  while (true) {
    std::array<pollfd, 3> waits{pollfd{process.pidfd(), POLLIN, 0}, pollfd{out_.get(), POLLIN, 0},
                                pollfd{err_.get(), POLLIN, 0}};
    if (::poll(waits.data(), waits.size(), remaining(deadline)) < 0 && errno != EINTR)
      return fail_errno("poll");
    // The end is noted before the last reading, so that nothing written before it is missed.
    const bool ended = waits[0].revents != 0;
    drain_both();
    if (ended) return true;
    if (deadline && Clock::now() >= *deadline) return false;
  }
}

std::string_view OutcomeReader::text() const {
  const std::string_view all = text_;
  return all.substr(all.size() - std::min(all.size(), kKeptErrorBytes));
}

std::string last_line(std::string_view text) {
  constexpr std::string_view kBlank = " \t\r\n";
  const std::size_t end = text.find_last_not_of(kBlank);
  if (end == text.npos) return {};
  text = text.substr(0, end + 1);
  if (const std::size_t newline = text.rfind('\n'); newline != text.npos)
    text = text.substr(newline + 1);
  std::string line(text.substr(0, kLongestLine));
  const auto is_control = [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; };
  std::replace_if(line.begin(), line.end(), is_control, ' ');
  return line;
}

}  // namespace mycontainer::runtime::hooks
