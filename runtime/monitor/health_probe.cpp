#include "runtime/monitor/health_probe.h"

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>

#include "reexec/sys/unique_fd.h"
#include "reexec/wire.h"
#include "runtime/container/entrance.h"
#include "runtime/lifecycle/exec_process.h"

namespace mycontainer::runtime::monitor {

namespace {

using Clock = std::chrono::steady_clock;
constexpr auto kPatience = std::chrono::seconds(2);  // for a killed command to be gone

// The command's output, of which only the beginning is kept, so that it may write for ever.
class Output {
 public:
  static Result<Output> make() {
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC) != 0) return fail_errno("make a pipe");
    Output output;
    output.read_end_.reset(ends[0]);
    output.write_end_.reset(ends[1]);
    if (::fcntl(ends[0], F_SETFL, O_NONBLOCK) != 0) return fail_errno("set O_NONBLOCK");
    return output;
  }

  [[nodiscard]] int read_end() const { return read_end_.get(); }
  [[nodiscard]] int write_end() const { return write_end_.get(); }
  void close_write_end() { write_end_.reset(); }

  // One piece of what is there; false when there is none.
  bool take() {
    std::array<char, 4096> piece;
    const ssize_t size = read_end_ ? ::read(read_end_.get(), piece.data(), piece.size()) : 0;
    if (size < 0 && (errno == EAGAIN || errno == EINTR)) return false;
    if (size <= 0) {
      read_end_.reset();
      return false;
    }
    const std::size_t room = kMostProbeOutput - text_.size();
    text_.append(piece.data(), std::min(room, static_cast<std::size_t>(size)));
    return true;
  }
  // What lies in it after the command's end; whoever still writes is not waited for.
  std::string rest() {
    for (int pieces = 0; pieces < 32 && take(); ++pieces) continue;
    return std::move(text_);
  }

 private:
  UniqueFd read_end_, write_end_;
  std::string text_;
};

int milliseconds_until(Clock::time_point deadline) {
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - Clock::now()).count();
  return static_cast<int>(std::clamp<std::int64_t>(left, 0, 3'600'000));
}

// False: the deadline has come.
Result<bool> wait_for(pollfd& one, pollfd& other, Clock::time_point deadline) {
  std::array<pollfd, 2> waiting{one, other};
  const int ready = ::poll(waiting.data(), waiting.size(), milliseconds_until(deadline));
  if (ready < 0 && errno != EINTR) return fail_errno("wait for the health check");
  one.revents = ready > 0 ? waiting[0].revents : short{0};
  other.revents = ready > 0 ? waiting[1].revents : short{0};
  return ready != 0 || Clock::now() < deadline;
}

ProbeResult timed_out(const ProbeOrder& order, reexec::Process& process) {
  (void)process.signal(SIGKILL);
  (void)process.wait_for(kPatience);
  const auto seconds = static_cast<double>(order.timeout) / 1e9;
  return {false, -1, fmt::format("Health check exceeded timeout ({:g}s)", seconds)};
}

struct Running {
  launch::Launch launch;
  Output output;
};

Result<Running> start(const ProbeOrder& order, container::Entrance& entrance) {
  const state::Roots roots{order.data_root, order.state_root};
  TRY(auto output, Output::make());
  lifecycle::ProcessRequest request;
  request.args = order.args;
  TRY(auto newcomer, lifecycle::newcomer_for(request, entrance, roots));
  newcomer.streams = {STDIN_FILENO, output.write_end(), output.write_end()};
  newcomer.follow_parent = true;
  TRY(auto launch, entrance.give_birth(std::move(newcomer)));
  output.close_write_end();
  return Running{std::move(launch), std::move(output)};
}

Result<ProbeResult> watch(const ProbeOrder& order, const container::Entrance& entrance,
                          Running& running, Clock::time_point deadline) {
  launch::Started started;
  reexec::Process& process = running.launch.process();
  bool starting = true;
  while (true) {
    pollfd first{starting ? running.launch.channel_fd() : process.pidfd(), POLLIN, 0};
    pollfd output{running.output.read_end(), POLLIN, 0};
    TRY(const bool in_time, wait_for(first, output, deadline));
    if (!in_time) return timed_out(order, process);
    if (output.revents != 0) running.output.take();
    if (first.revents == 0) continue;
    if (starting) {
      TRY(starting, entrance.take_message(running.launch, started));
      continue;
    }
    TRY(const reexec::Status status, process.wait());
    return ProbeResult{false, status.shell_code(), running.output.rest()};
  }
}

Result<ProbeResult> probe(const ProbeOrder& order) {
  const auto deadline = Clock::now() + std::chrono::nanoseconds(order.timeout);
  container::Settings settings;
  settings.root = state::containers_in(order.state_root);
  auto entrance = container::Entrance::open(order.id, settings);
  if (!entrance || entrance->status() != container::Status::kRunning) {
    return ProbeResult{.skipped = true, .output = {}};
  }
  TRY(auto running, start(order, *entrance));
  return watch(order, *entrance, running, deadline);
}

}  // namespace

int run_health_probe(reexec::Invocation& invocation) {
  const auto message = invocation.channel.receive();
  if (!message || !*message) return 1;
  const auto order = reexec::decode<ProbeOrder>((*message)->bytes);
  if (!order) return 1;
  auto result = probe(*order);
  if (!result) {
    result = ProbeResult{false, -1,
                         "Health check could not be run: " + std::move(result).error().message()};
  }
  return invocation.channel.send(0, reexec::encode(*result)) ? 0 : 1;
}

}  // namespace mycontainer::runtime::monitor
