#include "runtime/network/dns/tcp_sessions.h"

#include <sys/socket.h>

#include <array>
#include <cerrno>

namespace mycontainer::runtime::network {

namespace {

constexpr std::size_t kMostSessions = 64;
constexpr std::chrono::seconds kIdle{10};
constexpr std::size_t kLengthSize = 2;

std::string framed(const std::string& message) {
  std::string bytes;
  bytes += static_cast<char>(message.size() >> 8);
  bytes += static_cast<char>(message.size() & 0xff);
  return bytes + message;
}

Packet as_packet(std::string_view bytes) {
  return {reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size()};
}

// The message at the beginning, when it is there as a whole.
std::optional<std::string> whole_message(const std::string& bytes) {
  if (bytes.size() < kLengthSize) return {};
  const std::size_t size = id_of(as_packet(bytes));
  if (bytes.size() < kLengthSize + size) return {};
  return bytes.substr(kLengthSize, size);
}

// False: the connection is closed or broken.
bool read_some(const UniqueFd& from, std::string& bytes) {
  std::array<char, 4096> piece;
  const ssize_t size = ::recv(from.get(), piece.data(), piece.size(), 0);
  if (size > 0) bytes.append(piece.data(), static_cast<std::size_t>(size));
  return size > 0 || (size < 0 && (errno == EAGAIN || errno == EINTR));
}

bool write_some(const UniqueFd& to, std::string& bytes) {
  const ssize_t size = ::send(to.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
  if (size > 0) bytes.erase(0, static_cast<std::size_t>(size));
  return size >= 0 || errno == EAGAIN || errno == EINTR;
}

}  // namespace

void TcpSessions::accept_all() {
  while (true) {
    UniqueFd client(::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
    if (!client) return;
    if (sessions_.size() >= kMostSessions) sessions_.pop_front();
    sessions_.push_back({.client = std::move(client), .deadline = Clock::now() + kIdle});
  }
}

void TcpSessions::reply(Session& session, const std::string& message) {
  session.output = framed(message);
  session.asked.reset();
  session.server.reset();
  session.to_server.clear();
  session.from_server.clear();
  session.deadline = Clock::now() + kIdle;
}

void TcpSessions::ask_next(Session& session) {
  session.from_server.clear();
  session.to_server = framed(session.query);
  while (session.attempts < servers_.size()) {
    session.server = connect_to(servers_[session.attempts++], SOCK_STREAM);
    session.deadline = Clock::now() + kServerPatience;
    if (session.server) return;
  }
  reply(session, Answer(*session.asked, Rcode::kServFail, kLongestMessage).take());
}

bool TcpSessions::take_question(Session& session) {
  const auto message = whole_message(session.input);
  if (!message) return true;
  session.input.erase(0, kLengthSize + message->size());
  Decision decision = decider_.decide(as_packet(*message), Transport::kTcp);
  if (!decision.answer.empty()) {
    reply(session, decision.answer);
    return true;
  }
  if (!decision.question) return false;
  session.asked = std::move(decision.question);
  session.query = *message;
  session.attempts = 0;
  ask_next(session);
  return true;
}

bool TcpSessions::talk_to_client(Session& session, short events) {
  if ((events & (POLLERR | POLLHUP)) != 0) return false;
  if ((events & POLLOUT) != 0 && !write_some(session.client, session.output)) return false;
  if ((events & POLLIN) != 0 && !read_some(session.client, session.input)) return false;
  if (!session.output.empty() || session.asked) return true;
  return take_question(session);
}

// The connection is this question's alone, so its id may stay the client's.
bool TcpSessions::talk_to_server(Session& session, short events) {
  if ((events & POLLOUT) != 0) return write_some(session.server, session.to_server);
  if (!read_some(session.server, session.from_server)) return false;
  const auto message = whole_message(session.from_server);
  if (!message) return true;
  if (!answers(as_packet(*message), *session.asked)) return false;
  if (id_of(as_packet(*message)) != id_of(as_packet(session.query))) return false;
  reply(session, *message);
  return true;
}

bool TcpSessions::go_on(Session& session, const Polling& polling) {
  const short client = polling.events(session.client_place);
  const short server = polling.events(session.server_place);
  session.client_place = session.server_place = Polling::kNone;
  if (client != 0 && !talk_to_client(session, client)) return false;
  if (session.asked && server != 0 && !talk_to_server(session, server)) ask_next(session);
  if (Clock::now() < session.deadline) return true;
  if (!session.asked) return false;
  ask_next(session);
  return true;
}

void TcpSessions::watch(Polling& polling) {
  listener_place_ = polling.watch(listener_, POLLIN);
  for (Session& session : sessions_) {
    short events = session.output.empty() ? short{POLLIN} : short{POLLOUT};
    if (session.asked) {
      events = 0;
      session.server_place = polling.watch(
          session.server.get(), session.to_server.empty() ? short{POLLIN} : short{POLLOUT});
    }
    session.client_place = polling.watch(session.client.get(), events, session.deadline);
  }
}

void TcpSessions::serve(const Polling& polling) {
  std::erase_if(sessions_, [&](Session& session) { return !go_on(session, polling); });
  if (polling.events(listener_place_) != 0) accept_all();
}

}  // namespace mycontainer::runtime::network
