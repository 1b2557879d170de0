#include "runtime/attach/server.h"

#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <optional>
#include <string>
#include <utility>

#include "runtime/attach/listener.h"
#include "runtime/attach/peer.h"

namespace mycontainer::runtime::attach {
namespace {

constexpr std::size_t kTooFarBehind = 4 * Server::kMostQueued;
constexpr int kMostPackets = 16;  // of one client, one after the other

}  // namespace

struct Server::Impl {
  UniqueFd listener{};
  bool terminal = false;
  Callbacks callbacks{};
  std::vector<std::unique_ptr<Peer>> peers{};
  std::unique_ptr<char[]> buffer{};  // only while somebody is attached
  std::optional<int> exit_code{};

  void welcome();
  void add(UniqueFd socket, bool expected);
  void handle(Peer& peer, const pollfd& poll);
  void receive(Peer& peer);
  void take(Peer& peer, std::string_view packet);
  void attach(Peer& peer, std::string_view body);
  void resize(std::uint16_t rows, std::uint16_t columns);
  bool give_input(Peer& peer);
  void end_input(Peer& peer, bool left);
  void broadcast(Type type, std::string_view bytes);
  void tell_end(Peer& peer);
  void leave(Peer& peer);
  void remove_gone();
};

void Server::Impl::welcome() {
  while (UniqueFd socket = accept_next(listener.get())) add(std::move(socket), false);
}

void Server::Impl::add(UniqueFd socket, bool expected) {
  if (peers.size() >= kMostClients) {
    send_packet(socket.get(), Type::kRefused, "too many clients are attached to the container");
    return;
  }
  if (!buffer) buffer = std::make_unique_for_overwrite<char[]>(kLongestPacket);
  peers.push_back(std::make_unique<Peer>(std::move(socket), expected));
  receive(*peers.back());
}

void Server::Impl::handle(Peer& peer, const pollfd& poll) {
  if ((poll.revents & POLLOUT) != 0) peer.flush();
  if ((poll.revents & (POLLIN | POLLHUP | POLLERR)) != 0) receive(peer);
  if (peer.closes && !peer.has_queue()) leave(peer);
}

// What it has sent, until the container's input takes no more. Who sends without end must not keep
// the monitor from everything else: poll(2) tells of the rest.
void Server::Impl::receive(Peer& peer) {
  for (int packets = 0; packets < kMostPackets && !peer.gone && peer.input.empty(); ++packets) {
    const ssize_t got = ::recv(peer.fd(), buffer.get(), kLongestPacket, MSG_DONTWAIT | MSG_TRUNC);
    // ECONNRESET comes once, before what is still to be read: the client left output unread.
    if (got < 0 && (errno == EINTR || errno == ECONNRESET)) continue;
    if (got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) return;
    // Longer than any of ours: not of our kind.
    if (got <= 0 || got > ssize_t{kLongestPacket}) return leave(peer);
    take(peer, {buffer.get(), static_cast<std::size_t>(got)});
  }
  // Its end is seen when the input was taken; poll(2) would report the hang-up until then.
  pollfd now{peer.fd(), 0, 0};
  if (!peer.gone && ::poll(&now, 1, 0) == 1) {
    peer.hung_up = true;
    peer.flush();
  }
}

void Server::Impl::take(Peer& peer, std::string_view packet) {
  const auto type = static_cast<Type>(packet.front());
  const std::string_view body = packet.substr(1);
  if (type == Type::kAttach) return attach(peer, body);
  if (!peer.attached()) return leave(peer);
  if (type == Type::kResize) {
    if (const auto size = read_body<SizeBody>(body)) resize(size->rows, size->columns);
  } else if (type == Type::kInput && peer.wanted().input != 0 && !exit_code) {
    peer.input = body;
    give_input(peer);
  } else if (type == Type::kInputEnd) {
    end_input(peer, false);
  }
}

void Server::Impl::attach(Peer& peer, std::string_view body) {
  const auto wanted = read_body<AttachBody>(body);
  if (!wanted || peer.attached()) return leave(peer);
  peer.attach(*wanted, {terminal});
  resize(wanted->rows, wanted->columns);
  if (exit_code && !peer.closes) return tell_end(peer);
  peer.gone = peer.closes && !peer.has_queue();
}

void Server::Impl::resize(std::uint16_t rows, std::uint16_t columns) {
  if (terminal && rows != 0 && columns != 0 && callbacks.resize) callbacks.resize(rows, columns);
}

// True: the container has taken all of it.
bool Server::Impl::give_input(Peer& peer) {
  while (!peer.input.empty()) {
    const std::size_t taken = callbacks.input ? callbacks.input(peer.input) : peer.input.size();
    if (taken == 0) return false;
    peer.input.erase(0, taken);
  }
  std::string().swap(peer.input);
  return true;
}

void Server::Impl::end_input(Peer& peer, bool left) {
  if (!peer.attached() || peer.wanted().input == 0) return;
  if (std::exchange(peer.input_ended, true) || exit_code || !callbacks.input_end) return;
  callbacks.input_end(left);
}

void Server::Impl::broadcast(Type type, std::string_view bytes) {
  std::shared_ptr<const std::string> shared;
  for (const auto& peer : peers) {
    if (!peer->wants(type) || peer->closes) continue;
    peer->send(type, bytes, shared);
    if (peer->queued() > kTooFarBehind) peer->gone = true;
  }
}

void Server::Impl::tell_end(Peer& peer) {
  peer.send(Type::kEnded, bytes_of(EndedBody{*exit_code}));
  peer.closes = true;
  peer.gone = !peer.has_queue();
}

void Server::Impl::leave(Peer& peer) {
  if (std::exchange(peer.gone, true)) return;
  end_input(peer, true);
}

void Server::Impl::remove_gone() {
  std::erase_if(peers, [](const auto& peer) { return peer->gone; });
  if (peers.empty()) buffer.reset();
}

Result<Server> Server::listen(int directory, bool terminal, Callbacks callbacks) {
  auto impl = std::make_unique<Impl>();
  TRY(impl->listener, listen_in(directory));
  impl->terminal = terminal;
  impl->callbacks = std::move(callbacks);
  return Server(std::move(impl));
}

Server::Server(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Server::Server(Server&&) noexcept = default;
Server& Server::operator=(Server&&) noexcept = default;
Server::~Server() = default;

void Server::adopt(UniqueFd socket) { impl_->add(std::move(socket), true); }

void Server::add_polls(std::vector<pollfd>& polls) const {
  polls.push_back({impl_->listener.get(), POLLIN, 0});
  for (const auto& peer : impl_->peers) {
    if (peer->hung_up && !peer->input.empty()) continue;  // input_ready() goes on with it
    const int in = peer->input.empty() ? POLLIN : 0;
    const int out = peer->can_flush() ? POLLOUT : 0;
    polls.push_back({peer->fd(), static_cast<short>(in | out), 0});
  }
}

void Server::handle(const std::vector<pollfd>& polls) {
  for (const pollfd& poll : polls) {
    if (poll.fd < 0 || poll.revents == 0) continue;
    if (poll.fd == impl_->listener.get()) {
      impl_->welcome();
      continue;
    }
    const auto peer =
        std::ranges::find(impl_->peers, poll.fd, [](const auto& p) { return p->fd(); });
    if (peer != impl_->peers.end() && !(*peer)->gone) impl_->handle(**peer, poll);
  }
  impl_->remove_gone();
}

void Server::output(int stream, std::string_view bytes) {
  while (!bytes.empty()) {
    const std::string_view part = bytes.substr(0, kMostBytes);
    impl_->broadcast(stream == 2 ? Type::kError : Type::kOutput, part);
    bytes.remove_prefix(part.size());
  }
}

void Server::input_ready() {
  for (const auto& peer : impl_->peers) {
    if (peer->gone || peer->input.empty()) continue;
    if (!impl_->give_input(*peer)) break;
    impl_->receive(*peer);
  }
}

bool Server::has_input() const {
  return std::ranges::any_of(impl_->peers,
                             [](const auto& p) { return !p->gone && !p->input.empty(); });
}

bool Server::is_full() const {
  return std::ranges::any_of(impl_->peers,
                             [](const auto& p) { return !p->gone && p->queued() >= kMostQueued; });
}

void Server::ended(int exit_code) {
  if (std::exchange(impl_->exit_code, exit_code)) return;
  for (const auto& peer : impl_->peers) {
    peer->input.clear();
    if (peer->is_client()) impl_->tell_end(*peer);
  }
  impl_->welcome();  // who connected before the end is told of it
}

bool Server::empty() const {
  return std::ranges::none_of(impl_->peers, [](const auto& p) { return p->is_client(); });
}

}  // namespace mycontainer::runtime::attach
