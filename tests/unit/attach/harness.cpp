#include "harness.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>

#include "reexec/sys/file.h"

namespace mycontainer::runtime::attach::testing {

Directory::Directory(const std::string& within) : top_("/tmp/attach-XXXXXX") {
  if (::mkdtemp(top_.data()) == nullptr) std::abort();
  path_ = within.empty() ? top_ : top_ + "/" + within;
  EXPECT_TRUE(sys::make_directories(path_, 0700));
  fd_.reset(::open(path_.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
}

Directory::~Directory() { EXPECT_TRUE(sys::remove_tree_at(AT_FDCWD, top_)); }

Monitor::Monitor(bool terminal) {
  const Directory directory;
  listen(directory.fd(), terminal);
}

Monitor::Monitor(const Directory& directory, bool terminal) { listen(directory.fd(), terminal); }

void Monitor::listen(int directory, bool terminal) {
  Server::Callbacks callbacks;
  callbacks.resize = [this](std::uint16_t rows, std::uint16_t columns) {
    sizes += fmt::format("{}x{} ", rows, columns);
  };
  callbacks.input = [this](std::string_view bytes) {
    const std::size_t taken = std::min(room, bytes.size());
    input += bytes.substr(0, taken);
    room -= taken;
    return taken;
  };
  callbacks.input_end = [this](bool left) { ends += left ? "left " : "end "; };
  auto server = Server::listen(directory, terminal, std::move(callbacks));
  EXPECT_TRUE(server) << server.error().message();
  server_ = std::make_unique<Server>(*std::move(server));
}

void Monitor::turn(int patience) {
  std::vector<pollfd> polls{{-1, POLLIN, 0}};  // somebody else's entry
  server_->add_polls(polls);
  ::poll(polls.data(), polls.size(), patience);
  server_->handle(polls);
}

int Monitor::ready() {
  std::vector<pollfd> polls;
  server_->add_polls(polls);
  return ::poll(polls.data(), polls.size(), 0);
}

Talker::Talker(Monitor& monitor, bool says) : monitor_(&monitor) {
  int ends[2];
  EXPECT_EQ(::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends), 0);
  socket_.reset(ends[0]);
  if (says) say_attach();
  monitor.server().adopt(UniqueFd(ends[1]));
}

void Talker::say_raw(std::string_view packet) const {
  EXPECT_EQ(::send(socket_.get(), packet.data(), packet.size(), MSG_NOSIGNAL | MSG_DONTWAIT),
            static_cast<ssize_t>(packet.size()));
}

void Talker::say(Type type, std::string_view bytes) const {
  say_raw(std::string(1, static_cast<char>(type)) + std::string(bytes));
}

void Talker::say_attach(const AttachBody& wanted) const { say(Type::kAttach, bytes_of(wanted)); }

void Talker::attach(const AttachBody& wanted) {
  say_attach(wanted);
  monitor_->turn();
}

std::string Talker::next() {
  std::string buffer(kLongestPacket, '\0');
  ssize_t got = ::recv(socket_.get(), buffer.data(), buffer.size(), MSG_DONTWAIT);
  if (got < 0 && errno == ECONNRESET) return next();
  if (got < 0) return "";
  closed_ = got == 0;
  if (closed_) return "closed";
  const std::string_view body(buffer.data() + 1, static_cast<std::size_t>(got) - 1);
  switch (static_cast<Type>(buffer.front())) {
    case Type::kAttached:
      return "attached";
    case Type::kRefused:
      return fmt::format("refused {}", body);
    case Type::kOutput:
      output_ += body;
      return fmt::format("output {}", body);
    case Type::kError:
      return fmt::format("error {}", body);
    case Type::kEnded:
      ended_ = true;
      return fmt::format("ended {}", read_body<EndedBody>(body)->exit_code);
    default:
      return "unknown";
  }
}

std::string Talker::await() {
  pollfd waiting{socket_.get(), POLLIN, 0};
  ::poll(&waiting, 1, 10'000);
  return next();
}

void Talker::drain() {
  while (!closed_ && !next().empty()) continue;
}

}  // namespace mycontainer::runtime::attach::testing
