// A seccomp agent for the integration tests: `agent SOCKET ERRNO CALL...`
//
// Listens on SOCKET, says "listening", takes one container process state with its listener and
// prints it, and then answers every notification: the calls whose numbers are given fail with ERRNO
// (a number), all others go on. Says "call N" for each, and ends with the processes it answers for.
#include <errno.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <vector>

namespace {

int listen_on(const char* path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::strncpy(address.sun_path, path, sizeof(address.sun_path) - 1);
  const int fd = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (::bind(fd, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0) return -1;
  return ::listen(fd, 1) == 0 ? fd : -1;
}

// The listener, or -1; what came with it is appended to `text`.
int receive(int connection, std::string& text) {
  int listener = -1;
  const timeval patience{0, 300'000};  // some runtimes do not hang up
  ::setsockopt(connection, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
  while (true) {
    std::array<char, 65536> buffer;
    alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(int))> control{};
    iovec data{buffer.data(), buffer.size()};
    msghdr message{};
    message.msg_iov = &data;
    message.msg_iovlen = 1;
    message.msg_control = control.data();
    message.msg_controllen = control.size();
    const ssize_t count = ::recvmsg(connection, &message, MSG_CMSG_CLOEXEC);
    if (count <= 0) return listener;
    text.append(buffer.data(), static_cast<std::size_t>(count));
    if (const cmsghdr* header = CMSG_FIRSTHDR(&message); header != nullptr)
      std::memcpy(&listener, CMSG_DATA(header), sizeof(listener));
  }
}

void answer_all(int listener, int error, const std::vector<int>& refused) {
  while (true) {
    pollfd wait{listener, POLLIN, 0};
    if (::poll(&wait, 1, -1) != 1 || (wait.revents & POLLIN) == 0) return;
    seccomp_notif call{};
    if (::ioctl(listener, SECCOMP_IOCTL_NOTIF_RECV, &call) != 0) continue;
    std::printf("call %d\n", call.data.nr);
    seccomp_notif_resp answer{call.id, 0, 0, SECCOMP_USER_NOTIF_FLAG_CONTINUE};
    if (std::find(refused.begin(), refused.end(), call.data.nr) != refused.end())
      answer = {call.id, 0, -error, 0};
    (void)::ioctl(listener, SECCOMP_IOCTL_NOTIF_SEND, &answer);
  }
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 3) return 99;
  ::setvbuf(stdout, nullptr, _IOLBF, 0);
  ::alarm(120);  // whatever becomes of the test
  std::vector<int> refused;
  for (int i = 3; i < argc; ++i) refused.push_back(std::atoi(argv[i]));
  const int socket = listen_on(argv[1]);
  if (socket < 0) return 1;
  std::puts("listening");
  const int connection = ::accept4(socket, nullptr, nullptr, SOCK_CLOEXEC);
  std::string state;
  const int listener = receive(connection, state);
  std::printf("%s\n", state.c_str());
  if (listener < 0) return 2;
  answer_all(listener, std::atoi(argv[2]), refused);
  return 0;
}
