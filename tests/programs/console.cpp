// Plays the client of an OCI runtime's --console-socket: makes the socket, is sent the terminal's
// master end over it, and shows what is printed on the terminal until nobody has it open any more.
//
//   console SOCKET [TEXT]
//
// TEXT is typed once the terminal is here. The first line printed is what came with the descriptor.
// Ends with 1 and a line on standard error when half a minute brings nothing.
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <cstring>
#include <string>

namespace {

constexpr int kPatienceMs = 30'000;

int complain(const char* what) {
  std::perror(what);
  return 1;
}

bool comes(int fd) {
  pollfd waiting{fd, POLLIN, 0};
  return ::poll(&waiting, 1, kPatienceMs) > 0;
}

int listen_at(const char* path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::strncpy(address.sun_path, path, sizeof address.sun_path - 1);
  const int fd = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return -1;
  if (::bind(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) < 0) return -1;
  return ::listen(fd, 1) < 0 ? -1 : fd;
}

// The descriptor, or -1; `name` gets the bytes that came with it.
int receive(int connection, std::string& name) {
  std::array<char, 4096> bytes{};
  alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(int))> control{};
  iovec data{bytes.data(), bytes.size()};
  msghdr message{};
  message.msg_iov = &data;
  message.msg_iovlen = 1;
  message.msg_control = control.data();
  message.msg_controllen = control.size();
  if (!comes(connection)) return -1;
  const ssize_t size = ::recvmsg(connection, &message, MSG_CMSG_CLOEXEC);
  const cmsghdr* header = CMSG_FIRSTHDR(&message);
  if (size < 0 || header == nullptr || header->cmsg_type != SCM_RIGHTS) return -1;
  name.assign(bytes.data(), static_cast<std::size_t>(size));
  int fd = -1;
  std::memcpy(&fd, CMSG_DATA(header), sizeof fd);
  return fd;
}

int show(int master) {
  std::array<char, 4096> bytes{};
  while (comes(master)) {
    const ssize_t size = ::read(master, bytes.data(), bytes.size());
    if (size <= 0) return 0;  // EIO: the other end is closed
    (void)!::write(STDOUT_FILENO, bytes.data(), static_cast<std::size_t>(size));
  }
  return complain("console: the terminal does not end");
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) return 2;
  const int listener = listen_at(argv[1]);
  if (listener < 0) return complain(argv[1]);
  if (!comes(listener)) return complain("console: nobody connects");
  const int connection = ::accept(listener, nullptr, nullptr);
  std::string name;
  const int master = receive(connection, name);
  if (master < 0) return complain("console: no descriptor came");
  std::printf("terminal %s\n", name.c_str());
  std::fflush(stdout);
  ::close(connection);
  if (argc > 2) (void)!::write(master, argv[2], std::strlen(argv[2]));
  return show(master);
}
