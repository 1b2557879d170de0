#include <fcntl.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <vector>

#include "rootfs/registry/resolve.h"
#include "rootfs/registry/stream.h"

namespace mycontainer::rootfs::registry {

namespace {

constexpr Milliseconds kHeadStart{250};

int milliseconds_until(Clock::time_point deadline) {
  const auto left = std::chrono::ceil<Milliseconds>(deadline - Clock::now()).count();
  return static_cast<int>(std::clamp<std::int64_t>(left, 0, 3'600'000));
}

class TcpStream final : public Stream {
 public:
  TcpStream(UniqueFd fd, Milliseconds silence) : fd_(std::move(fd)), silence_(silence) {}

  Result<std::size_t> read_some(char* buffer, std::size_t size) override {
    while (true) {
      const ssize_t count = ::recv(fd_.get(), buffer, size, 0);
      if (count >= 0) return static_cast<std::size_t>(count);
      if (errno == EINTR) continue;
      if (errno != EAGAIN) return fail_errno("receive");
      TRY_VOID(wait_for(fd_.get(), POLLIN, Clock::now() + silence_, "receive"));
    }
  }

  Result<void> write_all(std::string_view bytes) override {
    while (!bytes.empty()) {
      const ssize_t count = ::send(fd_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (count >= 0) {
        bytes.remove_prefix(static_cast<std::size_t>(count));
      } else if (errno == EAGAIN) {
        TRY_VOID(wait_for(fd_.get(), POLLOUT, Clock::now() + silence_, "send"));
      } else if (errno != EINTR) {
        return fail_errno("send");
      }
    }
    return {};
  }

  [[nodiscard]] bool is_readable() const override {
    pollfd polled{fd_.get(), POLLIN, 0};
    return ::poll(&polled, 1, 0) != 0;
  }

 private:
  UniqueFd fd_;
  Milliseconds silence_;
};

// The attempts that are under way.
class Race {
 public:
  // True when it is connected at once, which only loopback is.
  Result<bool> start(const Address& address) {
    UniqueFd fd(::socket(address.family(), SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    if (!fd) return fail_errno("socket");
    const int result = ::connect(fd.get(), address.get(), address.size);
    if (result != 0 && errno != EINPROGRESS) return fail_errno("connect");
    runners_.push_back(std::move(fd));
    if (result != 0) return false;
    winner_ = std::move(runners_.back());
    return true;
  }

  // Waits; true when one has arrived. The last failure stays in `failure`.
  bool watch(Clock::time_point until, Error& failure) {
    std::vector<pollfd> polled;
    for (const UniqueFd& fd : runners_) polled.push_back({fd.get(), POLLOUT, 0});
    ::poll(polled.data(), polled.size(), milliseconds_until(until));
    for (std::size_t i = polled.size(); i-- > 0;) {
      if (polled[i].revents == 0) continue;
      int code = 0;
      socklen_t size = sizeof code;
      ::getsockopt(polled[i].fd, SOL_SOCKET, SO_ERROR, &code, &size);
      if (code == 0) {
        winner_ = std::move(runners_[i]);
        return true;
      }
      failure = Error{"connect", code, {}, 0};
      runners_.erase(runners_.begin() + static_cast<std::ptrdiff_t>(i));
    }
    return false;
  }

  [[nodiscard]] bool is_empty() const { return runners_.empty(); }
  UniqueFd take_winner() { return std::move(winner_); }

 private:
  std::vector<UniqueFd> runners_;
  UniqueFd winner_;
};

Result<UniqueFd> first_that_answers(const std::vector<Address>& addresses,
                                    Clock::time_point deadline) {
  Race race;
  Error failure{"connect", ETIMEDOUT, {}, 0};
  std::size_t next = 0;
  while ((next < addresses.size() || !race.is_empty()) && Clock::now() < deadline) {
    if (next < addresses.size()) {
      auto started = race.start(addresses[next++]);
      if (started && *started) return race.take_winner();
      if (!started) failure = std::move(started).error();
      if (race.is_empty()) continue;
    }
    const auto until =
        next < addresses.size() ? std::min(deadline, Clock::now() + kHeadStart) : deadline;
    if (race.watch(until, failure)) return race.take_winner();
  }
  return Failure(std::move(failure));
}

}  // namespace

Result<void> wait_for(int fd, short events, Clock::time_point deadline, std::string_view what) {
  while (true) {
    pollfd polled{fd, events, 0};
    const int ready = ::poll(&polled, 1, milliseconds_until(deadline));
    if (ready > 0) return {};
    if (ready < 0 && errno != EINTR) return fail_errno("{}", what);
    if (Clock::now() >= deadline) return fail_code(ETIMEDOUT, "{}", what);
  }
}

Result<std::unique_ptr<Stream>> connect_tcp(const std::string& host, std::uint16_t port,
                                            const Patience& patience) {
  const auto deadline = Clock::now() + patience.connect;
  TRY(const auto addresses, resolve(host, port, deadline));
  auto fd = first_that_answers(addresses, deadline);
  if (!fd) return within(fmt::format("{}:{}", host, port), std::move(fd).error());
  const int on = 1;
  ::setsockopt(fd->get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  return std::unique_ptr<Stream>(std::make_unique<TcpStream>(*std::move(fd), patience.silence));
}

}  // namespace mycontainer::rootfs::registry
