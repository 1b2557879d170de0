#include "runtime/monitor/monitor.h"

#include <sys/signalfd.h>

#include <algorithm>

#include "reexec/sys/log.h"
#include "runtime/monitor/memory.h"
#include "runtime/state/event_log.h"

namespace mycontainer::runtime::monitor {

namespace {

constexpr state::Nanoseconds kMillisecond = 1'000'000;
constexpr state::Nanoseconds kSecond = 1000 * kMillisecond;
constexpr int kLookForStop = 200;  // milliseconds, while waiting for a restart

constexpr int kIdleAfter = 500;  // milliseconds without anything to do

}  // namespace

// A system that shuts down tells everybody; nobody else has reason to.
Result<void> Monitor::open_signals() {
  sigset_t wanted;
  ::sigemptyset(&wanted);
  for (const int signal : {SIGTERM, SIGINT, SIGHUP, SIGQUIT}) ::sigaddset(&wanted, signal);
  if (::sigprocmask(SIG_BLOCK, &wanted, nullptr) < 0) return fail_errno("block signals");
  ::signal(SIGPIPE, SIG_IGN);
  ::signal(SIGXFSZ, SIG_IGN);
  signals_.reset(::signalfd(-1, &wanted, SFD_CLOEXEC | SFD_NONBLOCK));
  if (!signals_) return fail_errno("signalfd");
  return {};
}

attach::Server::Callbacks Monitor::callbacks() {
  return {
      .resize =
          [this](std::uint16_t rows, std::uint16_t columns) {
            if (streams_) streams_->resize(rows, columns);
          },
      .input =
          [this](std::string_view bytes) {
            return streams_ ? streams_->write(bytes) : bytes.size();
          },
      .input_end =
          [this](bool) {
            // As under Docker, only the input of run -i ends with whoever is attached. That of
            // run -di outlives them: nobody's /dev/null shall end a shell in there.
            if (streams_ && record_.stdin_once) streams_->close_input();
          },
  };
}

void Monitor::serve() {
  while (!finished_) wait_once();
  flush_clients();
}

// Milliseconds for poll(2).
int Monitor::timeout() const {
  state::Nanoseconds next = 0;
  const state::Nanoseconds health = health_ ? health_->deadline().value_or(0) : 0;
  for (const state::Nanoseconds time : {restart_at_, kill_at_, health}) {
    if (time != 0 && (next == 0 || time < next)) next = time;
  }
  if (next == 0) return rested_ ? -1 : kIdleAfter;
  const auto left =
      std::max<state::Nanoseconds>(next - HealthMonitor::clock(), 0) / kMillisecond + 1;
  return static_cast<int>(
      std::min<state::Nanoseconds>(left, restart_at_ != 0 ? kLookForStop : left));
}

void Monitor::wait_once() {
  std::vector<pollfd> polls;
  const bool reads = streams_ && !server_->is_full();
  polls.push_back({process_ ? process_->pidfd() : -1, POLLIN, 0});
  polls.push_back({signals_.get(), POLLIN, 0});
  polls.push_back({reads ? streams_->output_fd(1) : -1, POLLIN, 0});
  polls.push_back({reads ? streams_->output_fd(2) : -1, POLLIN, 0});
  polls.push_back({streams_ && server_->has_input() ? streams_->input_fd() : -1, POLLOUT, 0});
  polls.push_back({health_ ? health_->fd() : -1, POLLIN, 0});
  server_->add_polls(polls);
  const int ready = ::poll(polls.data(), polls.size(), timeout());
  if (ready < 0) {
    if (errno != EINTR) log_warn("poll: {}", errno_name(errno));
    return;
  }
  if (ready == 0) rest();
  rested_ = ready == 0;
  if (polls[1].revents != 0) take_signals();
  for (const int stream : {1, 2}) {
    if (polls[static_cast<std::size_t>(stream) + 1].revents != 0) read_output(stream);
  }
  if (polls[4].revents != 0) server_->input_ready();
  server_->handle(polls);
  if (polls[0].revents != 0) end_run();
  check_health(polls[5].revents != 0);
  obey_clock();
}

void Monitor::rest() {
  if (rested_) return;
  log_->rest();
  give_memory_back();
}

void Monitor::check_health(bool answered) {
  if (!health_ || !process_) return;
  const auto deadline = health_->deadline();
  const bool due = deadline && HealthMonitor::clock() >= *deadline;
  if (!(answered || due) || !health_->step(HealthMonitor::clock())) return;
  auto changed = container_->change(
      [this](state::Record& record) { record.state.health = health_->health(); });
  if (changed) record_ = std::move(*changed);
  if (health_->event().empty()) return;
  state::append_event(roots_, state::container_event(record_, health_->event()));
}

void Monitor::read_output(int stream) {
  const std::string_view bytes = streams_->read(stream, shared_buffer());
  if (bytes.empty()) return;
  log_->write(stream, bytes, state::now());
  server_->output(stream, bytes);
}

// After the container's end: every byte it wrote, and of those who still hold its pipes open what
// lies there now.
void Monitor::drain() {
  for (const int stream : {1, 2}) {
    // A terminal's bytes may still be on their way to the master; reading waits for them, counting
    // does not.
    constexpr std::size_t kMostOfTerminal = 1 << 20;
    std::size_t left = record_.terminal ? kMostOfTerminal : streams_->pending(stream);
    while (left > 0 && streams_->output_fd(stream) >= 0) {
      const std::string_view bytes = streams_->read(stream, shared_buffer());
      if (bytes.empty()) break;
      log_->write(stream, bytes, state::now());
      server_->output(stream, bytes);
      left -= std::min(left, bytes.size());
    }
  }
  log_->flush(state::now());
}

void Monitor::take_signals() {
  signalfd_siginfo info{};
  while (::read(signals_.get(), &info, sizeof info) == sizeof info) {
    if (ending_) continue;
    ending_ = true;
    if (!process_) return finish();
    (void)process_->signal(record_.stop_signal);
    const int seconds = record_.stop_timeout.value_or(10);
    if (seconds >= 0) kill_at_ = HealthMonitor::clock() + seconds * kSecond;
  }
}

void Monitor::obey_clock() {
  const state::Nanoseconds now = HealthMonitor::clock();
  if (process_ && kill_at_ != 0 && now >= kill_at_) {
    kill_at_ = 0;
    (void)process_->signal(SIGKILL);
  }
  if (restart_at_ == 0 || finished_) return;
  if (now >= restart_at_) return restart();
  const auto record = container_->read();
  if (!record || record->state.stopped_by_user) finish();
}

void Monitor::flush_clients() {
  while (!server_->empty()) {
    std::vector<pollfd> polls;
    server_->add_polls(polls);
    if (polls.empty()) return;
    if (::poll(polls.data(), polls.size(), -1) < 0 && errno != EINTR) return;
    server_->handle(polls);
  }
}

}  // namespace mycontainer::runtime::monitor
