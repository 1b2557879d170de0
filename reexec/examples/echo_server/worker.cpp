#include "reexec/examples/echo_server/worker.h"

#include <poll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <string_view>

#include "reexec/sys/unique_fd.h"
#include "reexec/wire.h"

namespace echo_server {

namespace {

using mycontainer::UniqueFd;

bool send_all(int connection, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t count = ::send(connection, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (count <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(count));
  }
  return true;
}

void crash() {
  const rlimit none{};
  ::setrlimit(RLIMIT_CORE, &none);
  std::abort();
}

// Until the client has sent everything. A silent client is given up after ten seconds: it would
// keep the worker from draining.
void serve(int connection) {
  const timeval patience{10, 0};
  ::setsockopt(connection, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  std::array<char, 4096> buffer;
  while (true) {
    const ssize_t count = ::recv(connection, buffer.data(), buffer.size(), 0);
    if (count <= 0) return;
    const std::string_view bytes(buffer.data(), static_cast<std::size_t>(count));
    if (bytes == kCrashRequest) crash();
    if (!send_all(connection, bytes)) return;
  }
}

// Every connection that waits now; another worker may have been quicker.
std::uint64_t serve_waiting() {
  std::uint64_t served = 0;
  while (true) {
    const UniqueFd connection(::accept4(kListenerFd, nullptr, nullptr, SOCK_CLOEXEC));
    if (!connection) return served;
    serve(connection.get());
    ++served;
  }
}

}  // namespace

int run_worker(mycontainer::reexec::Invocation& self) {
  std::uint64_t served = 0;
  std::array<pollfd, 2> waits{pollfd{kListenerFd, POLLIN, 0}, pollfd{self.channel.fd(), POLLIN, 0}};
  while (waits[1].revents == 0) {
    ::poll(waits.data(), waits.size(), -1);
    served += serve_waiting();
  }
  // When the server is gone, nobody wants to know.
  (void)self.channel.send(kServed, mycontainer::reexec::encode(served));
  return 0;
}

}  // namespace echo_server
