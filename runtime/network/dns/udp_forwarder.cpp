#include "runtime/network/dns/udp_forwarder.h"

#include <arpa/nameser.h>
#include <sys/socket.h>

#include <algorithm>

namespace mycontainer::runtime::network {

namespace {

// The oldest gives way: whoever asks more at once than this does not wait for the answers.
constexpr std::size_t kMostExchanges = 128;

// That the server cannot or does not want to answer.
bool is_excuse(Packet answer) {
  const unsigned code = answer[3] & 0xfU;
  return code == ns_r_servfail || code == ns_r_refused || code == ns_r_notimpl;
}

}  // namespace

void UdpForwarder::answer(const Exchange& exchange, const std::string& message) const {
  (void)::sendto(client_socket_, message.data(), message.size(), MSG_NOSIGNAL,
                 reinterpret_cast<const sockaddr*>(&exchange.client), sizeof exchange.client);
}

void UdpForwarder::forward(Packet query, Question question, const sockaddr_in& client) {
  if (exchanges_.size() >= kMostExchanges) exchanges_.pop_front();
  Exchange exchange{.client = client, .question = std::move(question), .query = {}};
  exchange.query.assign(query.begin(), query.end());
  exchange.client_id = id_of(query);
  exchange.id = random_id();
  set_id(exchange.query, exchange.id);
  if (ask_next(exchange)) exchanges_.push_back(std::move(exchange));
}

bool UdpForwarder::ask_next(Exchange& exchange) {
  // One server alone is asked twice: a packet may be lost.
  const std::size_t most = std::max<std::size_t>(servers_.size(), 2);
  while (exchange.attempts < most) {
    const Server& server = servers_[exchange.attempts++ % servers_.size()];
    exchange.socket = connect_to(server, SOCK_DGRAM);
    exchange.deadline = Clock::now() + kServerPatience;
    if (exchange.socket && ::send(exchange.socket.get(), exchange.query.data(),
                                  exchange.query.size(), MSG_NOSIGNAL) >= 0) {
      return true;
    }
  }
  answer(exchange, Answer(exchange.question, Rcode::kServFail, exchange.question.room).take());
  return false;
}

bool UdpForwarder::receive(Exchange& exchange) {
  const ssize_t size = ::recv(exchange.socket.get(), buffer_.data(), buffer_.size(), 0);
  if (size < 0) return errno == EAGAIN || errno == EINTR || ask_next(exchange);
  const Packet packet(buffer_.data(), static_cast<std::size_t>(size));
  if (!answers(packet, exchange.question) || id_of(packet) != exchange.id) return true;
  if (is_excuse(packet) && exchange.attempts < servers_.size()) return ask_next(exchange);
  std::string message(packet.begin(), packet.end());
  set_id(message, exchange.client_id);
  answer(exchange, message);
  return false;
}

void UdpForwarder::watch(Polling& polling) {
  for (Exchange& exchange : exchanges_) {
    exchange.place = polling.watch(exchange.socket.get(), POLLIN, exchange.deadline);
  }
}

void UdpForwarder::serve(const Polling& polling) {
  const auto now = Clock::now();
  std::erase_if(exchanges_, [&](Exchange& exchange) {
    const bool ready = polling.events(exchange.place) != 0;
    exchange.place = Polling::kNone;
    if (ready) return !receive(exchange);
    return exchange.deadline <= now && !ask_next(exchange);
  });
}

}  // namespace mycontainer::runtime::network
