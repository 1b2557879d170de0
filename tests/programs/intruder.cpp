// A client of a monitor's socket that does not behave.
//
//   intruder DIRECTORY hello     attaches properly; prints the type and text of each answer
//   intruder DIRECTORY garbage   garbage, parts and too much, over and over; a thousand clients that
//                                say nothing or nonsense; then attaches, types "me", and prints
//                                what the container answers
//   intruder DIRECTORY bind      only leaves a socket there, named "socket"
#include <fcntl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/attach/protocol.h"

namespace {

using mycontainer::runtime::attach::AttachBody;
using mycontainer::runtime::attach::Type;

constexpr int kClients = 1000;

// In the working directory: the path itself may be too long (unix(7)).
sockaddr_un address_of(std::string_view name) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  name.copy(address.sun_path, sizeof(address.sun_path) - 1);
  return address;
}

[[noreturn]] void give_up(const char* what) {
  std::perror(what);
  std::exit(1);
}

int connect_to_monitor() {
  const int client = ::socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
  const sockaddr_un address = address_of("attach.sock");
  if (client < 0) give_up("socket");
  if (::connect(client, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0) {
    give_up("connect");
  }
  return client;
}

// Refused or not, nobody cares.
void send_bytes(int client, std::string_view bytes) {
  static_cast<void>(::send(client, bytes.data(), bytes.size(), MSG_NOSIGNAL));
}

std::string hello(bool input) {
  AttachBody body{};
  body.input = input ? 1 : 0, body.output = 1, body.error = 1;
  std::string text(1, static_cast<char>(Type::kAttach));
  return text.append(reinterpret_cast<const char*>(&body), sizeof(body));
}

std::string noise(std::mt19937& random, std::size_t size) {
  std::string text(size, '\0');
  for (char& byte : text) byte = static_cast<char>(random());
  return text;
}

std::string answer(int client) {
  std::array<char, 40'000> buffer;
  ssize_t size = ::recv(client, buffer.data(), buffer.size(), 0);
  // Once, when it was closed before it had read what we sent; its answer comes after that.
  if (size < 0 && errno == ECONNRESET) size = ::recv(client, buffer.data(), buffer.size(), 0);
  return size > 0 ? std::string(buffer.data(), static_cast<std::size_t>(size)) : std::string();
}

int say_hello() {
  const int client = connect_to_monitor();
  send_bytes(client, hello(true));
  for (std::string got = answer(client); !got.empty(); got = answer(client)) {
    std::printf("%d %s\n", got.front(), got.c_str() + 1);
    std::fflush(stdout);
  }
  return 0;
}

void send_every_size(std::mt19937& random) {
  constexpr int kTypes = 12;
  for (const std::size_t size : {0, 1, 2, 8, 9, 10, 100, 32768, 32769, 32770, 100'000, 200'000}) {
    for (int type = 0; type < kTypes; ++type) {
      for (const bool greets : {false, true}) {
        const int client = connect_to_monitor();
        if (greets) send_bytes(client, hello(false));
        send_bytes(client, static_cast<char>(type) + noise(random, size));
        ::close(client);
      }
    }
  }
}

void crowd_in(std::mt19937& random) {
  constexpr std::size_t kNoise = 50;
  std::vector<int> clients;
  for (int i = 0; i < kClients; ++i) clients.push_back(connect_to_monitor());
  for (const int client : clients) {
    if (random() % 3 == 0) send_bytes(client, hello(false));
    if (random() % 3 == 0) send_bytes(client, noise(random, kNoise));
  }
  for (const int client : clients) ::close(client);
}

// Of the container, or that the monitor refuses the client.
std::string first_words(int client) {
  for (std::string got = answer(client); !got.empty(); got = answer(client)) {
    const auto type = static_cast<Type>(got.front());
    if (type == Type::kOutput || type == Type::kRefused) return got;
  }
  return {};
}

int send_garbage() {
  std::mt19937 random(1);
  const rlimit many{2 * kClients, 2 * kClients};
  if (::setrlimit(RLIMIT_NOFILE, &many) != 0) give_up("setrlimit");
  send_every_size(random);
  crowd_in(random);
  // Until it has noticed that the crowd is gone, the monitor refuses more.
  while (true) {
    const int client = connect_to_monitor();
    send_bytes(client, hello(true));
    send_bytes(client, static_cast<char>(Type::kInput) + std::string("me\n"));
    const std::string got = first_words(client);
    ::close(client);
    if (got.empty()) return 1;
    if (got.front() == static_cast<char>(Type::kRefused)) continue;
    std::fputs(got.c_str() + 1, stdout);
    return 0;
  }
}

int leave_socket() {
  const int left = ::socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
  const sockaddr_un address = address_of("socket");
  return ::bind(left, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) == 0 ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3 || ::chdir(argv[1]) != 0) give_up("usage: intruder DIRECTORY hello|garbage|bind");
  const std::string_view what = argv[2];
  if (what == "hello") return say_hello();
  return what == "garbage" ? send_garbage() : leave_socket();
}
