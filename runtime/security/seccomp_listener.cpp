#include "runtime/security/seccomp_listener.h"

#include <linux/seccomp.h>
#include <pthread.h>
#include <sched.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cstring>
#include <memory>

#include "runtime/security/seccomp_install.h"

namespace mycontainer::runtime::security {
namespace {

constexpr int kNotYet = -1, kNever = -2;
constexpr std::size_t kStackBytes = 256 << 10;
constexpr useconds_t kLook = 20;  // microseconds between two looks
constexpr int kSpins = 1 << 20;   // milliseconds: longer than handing over a descriptor takes

// Shared by the thread that installs the filter and the one that hands over the listener.
struct Handover {
  explicit Handover(ListenerTaker taker) : take(std::move(taker)) {}

  ListenerTaker take;
  std::atomic<int> listener{kNotYet};
  std::atomic<bool> done{false};
  Result<void> outcome{};
};
using SharedHandover = std::shared_ptr<Handover>;

// Looks again and again, because waking us would take a system call of the bound thread.
void* hand_over(void* argument) {
  const std::unique_ptr<SharedHandover> shared(static_cast<SharedHandover*>(argument));
  Handover& handover = **shared;
  while (handover.listener == kNotYet) ::usleep(kLook);
  if (handover.listener >= 0) {
    handover.outcome = handover.take(handover.listener);
    ::close(handover.listener);
  }
  handover.done = true;
  return nullptr;
}

Result<void> start_thread(const SharedHandover& handover) {
  pthread_attr_t attributes;
  pthread_attr_init(&attributes);
  pthread_attr_setstacksize(&attributes, kStackBytes);
  pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
  auto argument = std::make_unique<SharedHandover>(handover);
  pthread_t thread{};
  const int error = pthread_create(&thread, &attributes, hand_over, argument.get());
  pthread_attr_destroy(&attributes);
  if (error != 0) return fail_code(error, "start the thread that hands over the seccomp listener");
  (void)argument.release();
  return {};
}

// Without a system call, which the profile may kill us for. Only where the other thread cannot run
// beside us (one CPU, a real-time policy) we must make room for it.
void wait_until_done(const Handover& handover) {
  int spins = 0;
  while (!handover.done) {
    if (++spins > kSpins) ::sched_yield();
  }
}

Result<sockaddr_un> address_of(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.empty() || path.size() >= sizeof(address.sun_path))
    return fail_code(ENAMETOOLONG, "connect to the seccomp agent at {}", path);
  std::memcpy(address.sun_path, path.data(), path.size());
  return address;
}

Result<UniqueFd> connect_to_agent(const std::string& path) {
  TRY(const sockaddr_un address, address_of(path));
  UniqueFd agent(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (!agent) return fail_errno("make a socket");
  const timeval patience{10, 0};
  if (::setsockopt(agent.get(), SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience)) < 0)
    return fail_errno("limit the time for the seccomp agent");
  if (::connect(agent.get(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)) < 0)
    return fail_errno("connect to the seccomp agent at {}", path);
  return agent;
}

// The descriptor travels with the first bytes; what the socket has no room for follows.
ssize_t send_with_fd(int agent, std::string_view text, int fd) {
  iovec data{const_cast<char*>(text.data()), text.size()};
  alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(int))> control{};
  msghdr message{};
  message.msg_iov = &data;
  message.msg_iovlen = 1;
  message.msg_control = control.data();
  message.msg_controllen = control.size();
  cmsghdr* header = CMSG_FIRSTHDR(&message);
  header->cmsg_level = SOL_SOCKET;
  header->cmsg_type = SCM_RIGHTS;
  header->cmsg_len = CMSG_LEN(sizeof(int));
  std::memcpy(CMSG_DATA(header), &fd, sizeof(int));
  return ::sendmsg(agent, &message, MSG_NOSIGNAL);
}

}  // namespace

Result<void> install_seccomp_with_listener(std::string_view program, unsigned flags,
                                           ListenerTaker take) {
  constexpr unsigned kThreads = SECCOMP_FILTER_FLAG_TSYNC | SECCOMP_FILTER_FLAG_TSYNC_ESRCH;
  const auto handover = std::make_shared<Handover>(std::move(take));
  TRY_VOID(start_thread(handover));
  auto installed = install_seccomp(program, flags & ~kThreads, handover->listener);
  if (!installed) {
    handover->listener = kNever;
    return installed;
  }
  wait_until_done(*handover);
  return std::move(handover->outcome);
}

Result<void> send_seccomp_listener(const std::string& listener_path, UniqueFd listener,
                                   const oci::ContainerProcessState& state) {
  const std::string text = oci::to_json(state);
  TRY(const UniqueFd agent, connect_to_agent(listener_path));
  std::string_view rest = text;
  while (!rest.empty()) {
    const bool first = rest.size() == text.size();
    const ssize_t sent = first ? send_with_fd(agent.get(), rest, listener.get())
                               : ::send(agent.get(), rest.data(), rest.size(), MSG_NOSIGNAL);
    if (sent < 0 && errno == EINTR) continue;
    if (sent < 0) return fail_errno("send the seccomp listener to {}", listener_path);
    rest.remove_prefix(static_cast<std::size_t>(sent));
  }
  return {};
}

}  // namespace mycontainer::runtime::security
