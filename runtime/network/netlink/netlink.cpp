#include "runtime/network/netlink/netlink.h"

#include <arpa/inet.h>
#include <linux/netfilter/nfnetlink.h>
#include <netdb.h>
#include <netlink/msg.h>
#include <netlink/netlink.h>
#include <netlink/socket.h>
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <vector>

// libnl (OpenSSL's BIO, c-ares) can also print and parse names, through the C library's name service,
// which a static program would load shared objects for: from whatever root it is in
// (CVE-2019-14271). Nobody here asks for names, and so there are none.
extern "C" {
int getaddrinfo(const char*, const char*, const addrinfo*, addrinfo**) { return EAI_FAIL; }
void freeaddrinfo(addrinfo*) {}
hostent* gethostbyname(const char*) { return nullptr; }
servent* getservbyname(const char*, const char*) { return nullptr; }
int getservbyport_r(int, const char*, servent*, char*, std::size_t, servent** found) {
  *found = nullptr;
  return ENOENT;
}
protoent* getprotobyname(const char*) { return nullptr; }
protoent* getprotobynumber(int) { return nullptr; }
}

namespace mycontainer::runtime::network {

// What comes of the messages first..last. An answer to any other is one that nobody waited for.
struct Netlink::Exchange {
  const Reply* reply = nullptr;
  std::uint32_t first = 0, last = 0;
  int code = 0;
  std::uint32_t refused = 0;
  bool done = false;
};

struct Netlink::Batch {
  std::vector<std::byte> bytes;
};

namespace {

constexpr const char* kTalk = "netlink";

}  // namespace

struct Netlink::Callbacks {
  static int on_sequence(nl_msg* message, void* place) {
    const auto* exchange = static_cast<Exchange*>(place);
    const std::uint32_t number = ::nlmsg_hdr(message)->nlmsg_seq - exchange->first;
    return number <= exchange->last - exchange->first ? NL_OK : NL_SKIP;
  }

  static int on_message(nl_msg* message, void* place) {
    const Reply* reply = static_cast<Exchange*>(place)->reply;
    if (reply != nullptr && *reply) (*reply)(*::nlmsg_hdr(message));
    return NL_OK;
  }

  static int on_end(nl_msg* message, void* place) {
    auto* exchange = static_cast<Exchange*>(place);
    exchange->done = ::nlmsg_hdr(message)->nlmsg_seq == exchange->last;
    return NL_STOP;
  }

  static int on_error(sockaddr_nl*, nlmsgerr* error, void* place) {
    auto* exchange = static_cast<Exchange*>(place);
    if (exchange->code == 0) {
      exchange->code = -error->error;
      exchange->refused = error->msg.nlmsg_seq;
    }
    exchange->done = error->msg.nlmsg_seq == exchange->last;
    return NL_SKIP;
  }
};

void Netlink::Free::operator()(nl_sock* socket) const { ::nl_socket_free(socket); }

Result<Netlink> Netlink::open(int protocol) {
  Netlink netlink(::nl_socket_alloc());
  if (!netlink.socket_) return fail_code(ENOMEM, "open a netlink socket");
  errno = 0;
  if (const int refused = ::nl_connect(netlink.socket_.get(), protocol); refused < 0) {
    if (errno != 0) return fail_errno("open a netlink socket");
    return fail("open a netlink socket: {}", ::nl_geterror(refused));
  }
  // A refusal need not bring the whole request back.
  const int on = 1;
  ::setsockopt(::nl_socket_get_fd(netlink.socket_.get()), SOL_NETLINK, NETLINK_CAP_ACK, &on,
               sizeof on);
  return netlink;
}

int Netlink::fd() const { return ::nl_socket_get_fd(socket_.get()); }

Result<void> Netlink::talk(const Request& request, const Reply& reply) {
  nl_msg* message = request.message_.get();
  ::nlmsg_hdr(message)->nlmsg_seq = NL_AUTO_SEQ;  // it may have been sent before
  const int sent = ::nl_send_auto(socket_.get(), message);
  if (sent < 0) return fail("{}: {}", kTalk, ::nl_geterror(sent));
  const std::uint32_t number = ::nlmsg_hdr(message)->nlmsg_seq;
  Exchange exchange{&reply, number, number};
  TRY_VOID(collect(exchange));
  if (exchange.code != 0) return fail_code(exchange.code, "{}", kTalk);
  return {};
}

Result<void> Netlink::collect(Exchange& exchange) {
  const std::unique_ptr<nl_cb, decltype(&::nl_cb_put)> callbacks(::nl_cb_alloc(NL_CB_DEFAULT),
                                                                 ::nl_cb_put);
  if (!callbacks) return fail_code(ENOMEM, "{}", kTalk);
  nl_cb* set = callbacks.get();
  ::nl_cb_set(set, NL_CB_SEQ_CHECK, NL_CB_CUSTOM, Callbacks::on_sequence, &exchange);
  ::nl_cb_set(set, NL_CB_VALID, NL_CB_CUSTOM, Callbacks::on_message, &exchange);
  ::nl_cb_set(set, NL_CB_ACK, NL_CB_CUSTOM, Callbacks::on_end, &exchange);
  ::nl_cb_set(set, NL_CB_FINISH, NL_CB_CUSTOM, Callbacks::on_end, &exchange);
  ::nl_cb_err(set, NL_CB_CUSTOM, Callbacks::on_error, &exchange);
  // Both families do their work within sendmsg(2), so the answers are there. One that is not was lost
  // to a full buffer (ENOBUFS), and must not be waited for without end.
  constexpr int kLongest = 5000;
  pollfd readable{::nl_socket_get_fd(socket_.get()), POLLIN, 0};
  int result = 0;
  while (!exchange.done && ::poll(&readable, 1, kLongest) > 0) {
    result = ::nl_recvmsgs(socket_.get(), set);
  }
  if (exchange.done || exchange.code != 0) return {};
  return fail("{}: {}", kTalk, result < 0 ? ::nl_geterror(result) : "no answer");
}

std::uint32_t Netlink::append(Batch& batch, const Request& request, bool acknowledged) {
  nl_msg* message = request.message_.get();
  nlmsghdr* header = ::nlmsg_hdr(message);
  header->nlmsg_seq = NL_AUTO_SEQ;  // it may have been sent before
  ::nl_complete_msg(socket_.get(), message);
  header->nlmsg_flags = static_cast<std::uint16_t>(acknowledged ? header->nlmsg_flags | NLM_F_ACK
                                                                : header->nlmsg_flags & ~NLM_F_ACK);
  const auto* bytes = reinterpret_cast<const std::byte*>(header);
  batch.bytes.insert(batch.bytes.end(), bytes, bytes + header->nlmsg_len);
  batch.bytes.resize(NLMSG_ALIGN(batch.bytes.size()));
  return header->nlmsg_seq;
}

namespace {

// As large as the kernel lets us: beyond its limit who has the right, else up to it.
void enlarge(int socket, int forced, int usual, std::size_t bytes) {
  const int size = static_cast<int>(std::min<std::size_t>(bytes, std::size_t{1} << 30));
  if (::setsockopt(socket, SOL_SOCKET, forced, &size, sizeof size) == 0) return;
  ::setsockopt(socket, SOL_SOCKET, usual, &size, sizeof size);
}

// What libnl gives a socket, and what an answer takes of it in the kernel's book-keeping.
constexpr std::size_t kBufferSize = 32768, kAnswerSize = 2048;

}  // namespace

Result<void> Netlink::send(const Batch& batch, std::size_t answers) {
  const int socket = ::nl_socket_get_fd(socket_.get());
  const std::size_t size = batch.bytes.size();
  if (size > kBufferSize) enlarge(socket, SO_SNDBUFFORCE, SO_SNDBUF, size);
  if (answers * kAnswerSize > kBufferSize) {
    enlarge(socket, SO_RCVBUFFORCE, SO_RCVBUF, answers * kAnswerSize);
  }
  auto* bytes = const_cast<std::byte*>(batch.bytes.data());
  if (::nl_sendto(socket_.get(), bytes, size) < 0) return fail_errno("{}", kTalk);
  return {};
}

Result<void> Netlink::talk_all(std::span<const Request> requests, std::size_t* refused) {
  if (requests.empty()) return {};
  Batch batch;
  const std::uint32_t first = append(batch, requests.front(), true);
  std::uint32_t last = first;
  for (const Request& request : requests.subspan(1)) last = append(batch, request, true);
  TRY_VOID(send(batch, requests.size()));
  Exchange exchange{nullptr, first, last};
  TRY_VOID(collect(exchange));
  if (exchange.code == 0) return {};
  if (refused != nullptr) *refused = exchange.refused - first;
  return fail_code(exchange.code, "{}", kTalk);
}

namespace {

Result<Request> make_mark(int type, std::uint16_t subsystem) {
  return Request::make(type, 0, nfgenmsg{AF_UNSPEC, NFNETLINK_V0, htons(subsystem)});
}

}  // namespace

// Only the last request is acknowledged; a refusal always is told. What stops the whole is told of
// the first message, which says that a batch begins.
Result<void> Netlink::transact(std::uint16_t subsystem, std::span<const Request> requests,
                               std::size_t* refused) {
  if (requests.empty()) return {};
  TRY(const Request begin, make_mark(NFNL_MSG_BATCH_BEGIN, subsystem));
  TRY(const Request end, make_mark(NFNL_MSG_BATCH_END, subsystem));
  Batch batch;
  const std::uint32_t first = append(batch, begin, false);
  std::uint32_t last = first;
  for (const Request& request : requests) {
    last = append(batch, request, &request == &requests.back());
  }
  append(batch, end, false);
  TRY_VOID(send(batch, requests.size()));
  Exchange exchange{nullptr, first, last};
  TRY_VOID(collect(exchange));
  if (exchange.code == 0) return {};
  if (refused != nullptr && exchange.refused != first) *refused = exchange.refused - first - 1;
  return fail_code(exchange.code, "{}", kTalk);
}

}  // namespace mycontainer::runtime::network
