#include <arpa/inet.h>
#include <netinet/icmp6.h>
#include <netinet/in.h>
#include <netinet/ip_icmp.h>
#include <poll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

#include "tests/programs/probe/probe.h"

namespace mycontainer::probe {
namespace {

constexpr int kBacklog = 128, kPatienceMillis = 3000, kRepeatMillis = 100;

struct Place {
  sockaddr_storage storage{};
  socklen_t size = sizeof storage;

  sockaddr* generic() { return reinterpret_cast<sockaddr*>(&storage); }
  sockaddr_in6& v6() { return reinterpret_cast<sockaddr_in6&>(storage); }
  sockaddr_in& v4() { return reinterpret_cast<sockaddr_in&>(storage); }
};

int type_of(std::string_view protocol) { return protocol == "tcp" ? SOCK_STREAM : SOCK_DGRAM; }

bool parse(const char* address, std::uint16_t port, Place& place) {
  if (::inet_pton(AF_INET, address, &place.v4().sin_addr) == 1) {
    place.v4().sin_family = AF_INET;
    place.v4().sin_port = ::htons(port);
    place.size = sizeof(sockaddr_in);
    return true;
  }
  if (::inet_pton(AF_INET6, address, &place.v6().sin6_addr) != 1) return false;
  place.v6().sin6_family = AF_INET6;
  place.v6().sin6_port = ::htons(port);
  place.size = sizeof(sockaddr_in6);
  return true;
}

// Where to serve: "tcp:80", "udp:127.0.0.1:80".
struct Port {
  int type = SOCK_STREAM;
  Place place;
};

bool has_ipv6() {
  const int fd = ::socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd >= 0) ::close(fd);
  return fd >= 0;
}

bool parse(const std::string& word, Port& port) {
  const std::size_t first = word.find(':'), last = word.rfind(':');
  if (first == std::string::npos) return false;
  port.type = type_of(word.substr(0, first));
  const std::string any = has_ipv6() ? "::" : "0.0.0.0";
  const std::string address = first == last ? any : word.substr(first + 1, last - first - 1);
  return parse(address.c_str(), static_cast<std::uint16_t>(std::atoi(word.c_str() + last + 1)),
               port.place);
}

// An IPv4 peer of a socket of both families is told as an IPv4 address.
std::string to_text(Place place) {
  std::array<char, INET6_ADDRSTRLEN> text{};
  if (place.storage.ss_family == AF_INET) {
    ::inet_ntop(AF_INET, &place.v4().sin_addr, text.data(), text.size());
    return text.data();
  }
  const in6_addr& address = place.v6().sin6_addr;
  if (IN6_IS_ADDR_V4MAPPED(&address)) {
    ::inet_ntop(AF_INET, &address.s6_addr[12], text.data(), text.size());
  } else {
    ::inet_ntop(AF_INET6, &address, text.data(), text.size());
  }
  return text.data();
}

std::string what_to_say(const Place& peer) {
  std::array<char, 256> name{};
  ::gethostname(name.data(), name.size() - 1);
  return "name=" + std::string(name.data()) + "\npeer=" + to_text(peer) + "\n";
}

int listen_on(Port& port) {
  const int fd = ::socket(port.place.storage.ss_family, port.type | SOCK_CLOEXEC, 0);
  if (fd < 0) return -1;
  const int on = 1, off = 0;
  // Of "::" means of both families.
  ::setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof off);
  ::setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (::bind(fd, port.place.generic(), port.place.size) != 0) return -1;
  if (port.type == SOCK_STREAM && ::listen(fd, kBacklog) != 0) return -1;
  return fd;
}

void answer_one(int fd, int type) {
  Place peer;
  if (type == SOCK_STREAM) {
    const int connection = ::accept4(fd, peer.generic(), &peer.size, SOCK_CLOEXEC);
    if (connection < 0) return;
    const std::string text = what_to_say(peer);
    if (::send(connection, text.data(), text.size(), MSG_NOSIGNAL) < 0) std::perror("send");
    ::close(connection);
    return;
  }
  std::array<char, 64> question{};
  if (::recvfrom(fd, question.data(), question.size(), 0, peer.generic(), &peer.size) < 0) return;
  const std::string text = what_to_say(peer);
  if (::sendto(fd, text.data(), text.size(), 0, peer.generic(), peer.size) < 0) std::perror("send");
}

std::int64_t now_millis() {
  timespec now{};
  ::clock_gettime(CLOCK_MONOTONIC, &now);
  return std::int64_t{now.tv_sec} * 1000 + now.tv_nsec / 1'000'000;
}

// Waits until `events` or the deadline; 0, or an errno.
int wait_for(int fd, short events, std::int64_t deadline) {
  pollfd entry{fd, events, 0};
  const std::int64_t left = deadline - now_millis();
  const int count = left <= 0 ? 0 : ::poll(&entry, 1, static_cast<int>(left));
  if (count < 0) return errno;
  return count == 0 ? ETIMEDOUT : 0;
}

int pending_error(int fd) {
  int error = 0;
  socklen_t size = sizeof error;
  ::getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size);
  return error;
}

int ask_stream(int fd, Place& place, std::int64_t deadline, std::string& answer) {
  if (::connect(fd, place.generic(), place.size) != 0) {
    if (errno != EINPROGRESS) return errno;
    if (const int error = wait_for(fd, POLLOUT, deadline); error != 0) return error;
    if (const int error = pending_error(fd); error != 0) return error;
  }
  for (;;) {
    if (const int error = wait_for(fd, POLLIN, deadline); error != 0) return error;
    std::array<char, 512> buffer{};
    const ssize_t size = ::recv(fd, buffer.data(), buffer.size(), 0);
    if (size < 0) return errno;
    if (size == 0) return answer.empty() ? ENODATA : 0;
    answer.append(buffer.data(), static_cast<std::size_t>(size));
  }
}

// What is sent: for ICMP an echo request (icmp(7)), whose checksum and identifier the kernel fills in.
std::string question_of(std::string_view protocol, int family) {
  if (protocol != "icmp") return "?";
  constexpr std::size_t kHeader = 8;
  std::string echo(kHeader, '\0');
  echo[0] = family == AF_INET6 ? static_cast<char>(ICMP6_ECHO_REQUEST) : char{ICMP_ECHO};
  return echo;
}

// A datagram may be lost: asks again and again.
int ask_datagram(int fd, Place& place, const std::string& question, std::int64_t deadline,
                 std::string& answer) {
  if (::connect(fd, place.generic(), place.size) != 0) return errno;
  int error = ETIMEDOUT;
  while (now_millis() < deadline) {
    if (::send(fd, question.data(), question.size(), 0) < 0) return errno;
    error = wait_for(fd, POLLIN, std::min(deadline, now_millis() + kRepeatMillis));
    if (error == ETIMEDOUT) continue;
    if (error != 0) return error;
    std::array<char, 512> buffer{};
    const ssize_t size = ::recv(fd, buffer.data(), buffer.size(), 0);
    if (size < 0) return errno;
    answer.assign(buffer.data(), static_cast<std::size_t>(size));
    return 0;
  }
  return error;
}

}  // namespace

int serve(Args ports) {
  std::vector<pollfd> entries;
  std::vector<int> types;
  for (const char* word : ports) {
    Port port;
    const int fd = parse(word, port) ? listen_on(port) : -1;
    if (fd < 0) {
      std::printf("serve=%s\n", outcome(errno).c_str());
      return 1;
    }
    entries.push_back({fd, POLLIN, 0});
    types.push_back(port.type);
  }
  std::printf("ready\n");
  for (;;) {
    if (::poll(entries.data(), entries.size(), -1) < 0) return 1;
    for (std::size_t i = 0; i < entries.size(); ++i) {
      if (entries[i].revents != 0) answer_one(entries[i].fd, types[i]);
    }
  }
}

namespace {

// Comes from this port, as a client does that goes on with an earlier conversation.
int come_from(int fd, int family, int port) {
  Place here;
  if (!parse(family == AF_INET6 ? "::" : "0.0.0.0", static_cast<std::uint16_t>(port), here)) {
    return EINVAL;
  }
  return ::bind(fd, here.generic(), here.size) == 0 ? 0 : errno;
}

}  // namespace

int ask(Args args) {
  Place place;
  if (args.size() < 3 || !parse(args[1], static_cast<std::uint16_t>(std::atoi(args[2])), place)) {
    std::fprintf(stderr, "probe: ask tcp|udp|icmp ADDRESS PORT [MILLISECONDS [FROM-PORT]]\n");
    return 2;
  }
  const int patience = args.size() > 3 ? std::atoi(args[3]) : kPatienceMillis;
  const int type = type_of(args[0]);
  const std::string_view protocol = args[0];
  const int family = place.storage.ss_family;
  const int icmp = family == AF_INET6 ? int{IPPROTO_ICMPV6} : int{IPPROTO_ICMP};
  const int fd =
      ::socket(family, type | SOCK_NONBLOCK | SOCK_CLOEXEC, protocol == "icmp" ? icmp : 0);
  std::string answer;
  const std::int64_t deadline = now_millis() + patience;
  int error = errno;
  if (fd >= 0) error = args.size() > 4 ? come_from(fd, family, std::atoi(args[4])) : 0;
  if (error == 0) {
    error = type == SOCK_STREAM
                ? ask_stream(fd, place, deadline, answer)
                : ask_datagram(fd, place, question_of(protocol, family), deadline, answer);
  }
  if (protocol == "icmp") answer.clear();
  std::printf("ask=%s\n%s", outcome(error).c_str(), answer.c_str());
  return error == 0 ? 0 : 1;
}

}  // namespace mycontainer::probe
