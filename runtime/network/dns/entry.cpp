// The child of service.h.
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>

#include "reexec/wire.h"
#include "runtime/network/dns/confine.h"
#include "runtime/network/dns/decision.h"
#include "runtime/network/dns/members.h"
#include "runtime/network/dns/order.h"
#include "runtime/network/dns/polling.h"
#include "runtime/network/dns/servers.h"
#include "runtime/network/dns/service.h"
#include "runtime/network/dns/tcp_sessions.h"
#include "runtime/network/dns/udp_forwarder.h"

namespace mycontainer::runtime::network {

namespace {

using reexec::Channel;

// A client that asks without end must not keep the others' answers from being taken.
constexpr int kMostInOneTurn = 64;

constexpr std::uint32_t number(NameServiceMessage message) {
  return static_cast<std::uint32_t>(message);
}

struct Received {
  NameServiceOrder order;
  std::vector<UniqueFd> fds;
};

Result<Received> receive_order(const Channel& channel) {
  TRY(auto message, channel.receive());
  if (!message) return fail("no order came");
  Received given;
  TRY(given.order, reexec::decode<NameServiceOrder>(message->bytes));
  const std::size_t wanted = given.order.supervisor == 0 ? kGivenCount + 1 : kGivenCount;
  if (message->fds.size() != wanted) return fail("the order is not whole");
  given.fds = std::move(message->fds);
  return given;
}

class NameService {
 public:
  NameService(Received given, std::vector<Server> servers)
      : udp_(std::move(given.fds[kUdpSocket])),
        tcp_(std::move(given.fds[kTcpSocket])),
        lock_(std::move(given.fds[kLock])),
        followed_(given.fds.size() > kFollowed ? std::move(given.fds[kFollowed]) : UniqueFd()),
        servers_(std::move(servers)),
        members_(std::move(given.fds[kLiveDirectory]), given.order.container_id),
        decider_(members_, !servers_.empty()),
        forwarder_(servers_, udp_.get()),
        sessions_(servers_, decider_, tcp_.get()) {}

  // Until the container that it follows has ended, or for ever.
  void run() {
    while (!has_ended()) {
      Polling polling;
      if (followed_) polling.watch(followed_.get(), 0);
      const std::size_t place = polling.watch(udp_.get(), POLLIN);
      forwarder_.watch(polling);
      sessions_.watch(polling);
      polling.wait();
      forwarder_.serve(polling);
      sessions_.serve(polling);
      for (int i = 0; polling.events(place) != 0 && i < kMostInOneTurn && take_question();) ++i;
    }
  }

 private:
  // A fifo without writers is at its end.
  [[nodiscard]] bool has_ended() const {
    char byte = 0;
    return followed_ && ::read(followed_.get(), &byte, 1) == 0;
  }

  // False: there is none just now.
  bool take_question() {
    sockaddr_in client{};
    socklen_t size = sizeof client;
    const ssize_t length = ::recvfrom(udp_.get(), buffer_.data(), buffer_.size(), 0,
                                      reinterpret_cast<sockaddr*>(&client), &size);
    if (length < 0) return errno != EAGAIN;
    const Packet packet(buffer_.data(), static_cast<std::size_t>(length));
    Decision decision = decider_.decide(packet, Transport::kUdp);
    if (decision.question) forwarder_.forward(packet, std::move(*decision.question), client);
    if (!decision.answer.empty()) {
      (void)::sendto(udp_.get(), decision.answer.data(), decision.answer.size(), MSG_NOSIGNAL,
                     reinterpret_cast<const sockaddr*>(&client), size);
    }
    return true;
  }

  UniqueFd udp_, tcp_, lock_, followed_;
  std::vector<Server> servers_;
  Members members_;
  Decider decider_;
  UdpForwarder forwarder_;
  TcpSessions sessions_;
  std::vector<unsigned char> buffer_ = std::vector<unsigned char>(kLongestMessage);
};

Result<void> serve(Channel& channel) {
  TRY(Received given, receive_order(channel));
  std::vector<Server> servers = parse_servers(given.order.servers);
  TRY_VOID(confine(given.fds[kLiveDirectory].get(), given.order.supervisor));
  NameService service(std::move(given), std::move(servers));
  TRY_VOID(channel.send(number(NameServiceMessage::kReady), ""));
  channel.close();
  service.run();
  return {};
}

}  // namespace

int run_name_service(reexec::Invocation& invocation) {
  const auto served = serve(invocation.channel);
  if (served) return 0;
  (void)invocation.channel.send(number(NameServiceMessage::kError), reexec::encode(served.error()));
  return 1;
}

}  // namespace mycontainer::runtime::network
