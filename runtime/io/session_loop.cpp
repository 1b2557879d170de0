#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <utility>

#include "runtime/io/session.h"

namespace mycontainer::runtime::io {
namespace {

constexpr std::size_t kMostPolled = 5;  // pidfd, signals, input, two outputs

}  // namespace

Result<void> Session::adopt_console(UniqueFd master) {
  const int flags = ::fcntl(master.get(), F_GETFL);
  if (flags < 0 || ::fcntl(master.get(), F_SETFL, flags | O_NONBLOCK) != 0) {
    return fail_errno("take the container's terminal");
  }
  slave_.reset(::ioctl(master.get(), TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC));
  if (!slave_) return fail_errno("open the container's terminal");
  master_ = std::move(master);
  follow_size();
  outputs_.emplace_back(Endpoint::share(master_.get()), Endpoint::borrow(STDOUT_FILENO, O_WRONLY));
  if (!request_.interactive) return {};
  input_.emplace(Endpoint::borrow(STDIN_FILENO, O_RDONLY), Endpoint::share(master_.get()));
  if (!request_.detach_keys.empty()) {
    keys_ = std::make_unique<DetachKeys>(request_.detach_keys);
    input_->set_filter([keys = keys_.get()](std::string_view typed, std::string& passed) {
      keys->take(typed, passed);
    });
  }
  TRY(auto raw, RawMode::start(STDIN_FILENO));
  raw_.emplace(std::move(raw));
  return {};
}

Result<reexec::Status> Session::run(reexec::Process& container) {
  TRY_VOID(relay(container.pidfd()));
  raw_.reset();
  return container.wait();
}

Result<void> Session::relay(int pidfd) {
  for (const int signal : std::exchange(early_signals_, {})) take_signal(signal, pidfd);
  while (true) {
    TRY(const bool ended, wait_once(pidfd));
    if (ended) break;
    if (detached_) return {};
  }
  drain();
  return {};
}

Session::Terminal Session::leave() {
  raw_.reset();
  input_.reset();
  outputs_.clear();
  return {std::move(master_), std::move(slave_)};
}

Result<bool> Session::wait_once(int pidfd) {
  std::array<pollfd, kMostPolled> waiting{{{pidfd, POLLIN, 0}, {signals_.fd(), POLLIN, 0}}};
  nfds_t count = 2;
  const bool has_input = input_ && !input_->finished();
  if (has_input) waiting[count++] = input_->awaited();
  for (const auto& output : outputs_) {
    // A negative descriptor is one that poll(2) passes over.
    waiting[count++] = output.finished() ? pollfd{-1, 0, 0} : output.awaited();
  }
  if (::poll(waiting.data(), count, -1) < 0) {
    if (errno == EINTR) return false;
    return fail_errno("wait for the container");
  }
  if (waiting[1].revents != 0) take_signals(pidfd);
  const pollfd* ready = waiting.data() + 2;
  if (has_input && (ready++)->revents != 0) step_input();
  for (auto& output : outputs_) {
    if ((ready++)->revents != 0) output.step();
  }
  if (master_) hang_up_if_cut_off();
  return waiting[0].revents != 0;
}

void Session::step_input() {
  if (raw_ && !in_foreground(STDIN_FILENO)) stop(SIGTTIN);
  input_->step();
  detached_ = keys_ && keys_->complete();
}

// The caller's terminal is gone, or nobody reads what comes out of the container's: closing the
// master tells the container in the way every program knows (SIGHUP, EIO).
void Session::hang_up_if_cut_off() {
  const bool cut_off = outputs_.front().finished() || (input_ && input_->finished());
  if (!cut_off) return;
  lost_ = stream_error();
  input_.reset();
  outputs_.clear();
  slave_.reset();
  master_.reset();
}

void Session::drain() {
  for (auto& output : outputs_) {
    if (!output.finished()) output.last_call();
    while (!output.finished()) {
      if (!wait_for_room(output)) return;
      output.step();
    }
  }
}

// False: there is no room, and a signal says that nobody wants to wait for some.
bool Session::wait_for_room(const Relay& relay) const {
  while (relay.awaited().events == POLLOUT) {
    pollfd waiting[] = {relay.awaited(), {signals_.fd(), POLLIN, 0}};
    if (::poll(waiting, 2, -1) < 0 && errno != EINTR) return false;
    if (waiting[0].revents != 0) return true;
    while (const auto signal = signals_.next()) {
      if (wants_end(*signal)) return false;
    }
  }
  return true;
}

std::optional<Error> Session::stream_error() const {
  if (lost_) return lost_;
  if (input_ && input_->error()) return input_->error();
  for (const auto& output : outputs_) {
    if (output.error()) return output.error();
  }
  return std::nullopt;
}

}  // namespace mycontainer::runtime::io
