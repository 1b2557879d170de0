#include "caller.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <linux/close_range.h>
#include <pty.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>

#include "reexec/sys/file.h"
#include "reexec/sys/syscalls.h"
#include "runtime/io/streams.h"

namespace mycontainer::runtime::attach::testing {
namespace {

constexpr int kSocket = 3, kReport = 4;

void report(std::string_view line) {
  static_cast<void>(sys::write_all(kReport, fmt::format("{}\n", line)));
}

void place(const Streams& streams, int socket, int report_end) {
  int parked[5];
  const int wanted[5] = {streams.in, streams.out, streams.err, socket, report_end};
  for (int i = 0; i < 5; ++i) parked[i] = wanted[i] < 0 ? -1 : ::fcntl(wanted[i], F_DUPFD, 10);
  for (int i = 0; i < 5; ++i) parked[i] < 0 ? ::close(i) : ::dup2(parked[i], i);
  sys::close_range(5, ~0U, 0);
}

std::string run_client(ClientRequest request) {
  if (!io::hold_standard_streams()) return "error streams";
  request.signal = [](int signal) { report(fmt::format("signal {}", signal)); };
  auto signals = io::SignalQueue::open();
  if (!signals) return "error signals";
  say_hello(kSocket, request);
  const auto end = run(UniqueFd(kSocket), request, *std::move(signals));
  if (!end) return fmt::format("error {} ({})", end.error().message(), end.error().exit_status);
  if (end->detached) return "detached";
  return end->exit_code ? fmt::format("ended {}", *end->exit_code) : "died";
}

}  // namespace

Ends make_output() {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) std::abort();
  return {UniqueFd(ends[0]), UniqueFd(ends[1])};
}

Ends make_input() {
  auto ends = make_output();
  return {std::move(ends.far), std::move(ends.near)};
}

Ends make_terminal() {
  int master = -1, slave = -1;
  if (::openpty(&master, &slave, nullptr, nullptr, nullptr) != 0) std::abort();
  ::fcntl(master, F_SETFD, FD_CLOEXEC);
  ::fcntl(slave, F_SETFD, FD_CLOEXEC);
  return {UniqueFd(master), UniqueFd(slave)};
}

ClientRequest everything() {
  ClientRequest request;
  request.input = true;
  return request;
}

Caller::Caller(Monitor& monitor, const Streams& streams, ClientRequest request)
    : monitor_(monitor) {
  int sockets[2], reports[2];
  EXPECT_EQ(::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, sockets), 0);
  EXPECT_EQ(::pipe2(reports, O_CLOEXEC), 0);
  // What is sent before the client queues signals waits for it.
  sigset_t all, before;
  ::sigfillset(&all);
  ::sigprocmask(SIG_BLOCK, &all, &before);
  pid_ = ::fork();
  if (pid_ != 0) ::sigprocmask(SIG_SETMASK, &before, nullptr);
  if (pid_ == 0) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    ::setpgid(0, 0);
    place(streams, sockets[0], reports[1]);
    report(run_client(std::move(request)));
    ::_exit(0);
  }
  ::setpgid(pid_, pid_);
  ::close(sockets[0]);
  ::close(reports[1]);
  report_.reset(reports[0]);
  ::fcntl(reports[0], F_SETFL, O_NONBLOCK);
  monitor.server().adopt(UniqueFd(sockets[1]));
}

Caller::~Caller() {
  if (pid_ < 0) return;
  ::kill(pid_, SIGKILL);
  ::waitpid(pid_, nullptr, 0);
}

bool Caller::until(const std::function<bool()>& condition) {
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(10);
  while (!condition()) {
    if (std::chrono::steady_clock::now() > deadline) return false;
    if (monitor_.alive()) {
      monitor_.turn(1);
    } else {
      ::usleep(1000);
    }
  }
  return true;
}

bool Caller::until_attached() {
  return until([this] { return !monitor_.server().empty(); });
}

void Caller::send(int signal) const { ::kill(pid_, signal); }

const std::string& Caller::told() {
  char part[512];
  for (ssize_t got; (got = ::read(report_.get(), part, sizeof(part))) > 0;) {
    told_.append(part, static_cast<std::size_t>(got));
  }
  return told_;
}

std::string Caller::finish() {
  int status = 0;
  if (!until([&] { return ::waitpid(pid_, &status, WNOHANG) == pid_; })) {
    return told() + "still there\n";
  }
  pid_ = -1;
  told();
  if (WIFSIGNALED(status)) told_ += fmt::format("killed {}\n", WTERMSIG(status));
  return told_;
}

}  // namespace mycontainer::runtime::attach::testing
