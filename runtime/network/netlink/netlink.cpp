#include "runtime/network/netlink/netlink.h"

#include <netdb.h>
#include <netlink/attr.h>
#include <netlink/msg.h>
#include <netlink/netlink.h>
#include <netlink/socket.h>

#include <cerrno>
#include <cstring>

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

namespace {

// What one exchange has brought so far.
struct Exchange {
  const Netlink::Reply& reply;
  int code = 0;
  bool done = false;
};

int on_message(nl_msg* message, void* place) {
  const auto& reply = static_cast<Exchange*>(place)->reply;
  if (reply) reply(*::nlmsg_hdr(message));
  return NL_OK;
}

int on_end(nl_msg*, void* place) {
  static_cast<Exchange*>(place)->done = true;
  return NL_STOP;
}

int on_error(sockaddr_nl*, nlmsgerr* error, void* place) {
  auto* exchange = static_cast<Exchange*>(place);
  exchange->code = -error->error;
  exchange->done = true;
  return NL_STOP;
}

using Callbacks = std::unique_ptr<nl_cb, decltype(&::nl_cb_put)>;

Callbacks callbacks_for(Exchange& exchange) {
  Callbacks callbacks(::nl_cb_alloc(NL_CB_DEFAULT), ::nl_cb_put);
  if (!callbacks) return callbacks;
  ::nl_cb_set(callbacks.get(), NL_CB_VALID, NL_CB_CUSTOM, on_message, &exchange);
  ::nl_cb_set(callbacks.get(), NL_CB_ACK, NL_CB_CUSTOM, on_end, &exchange);
  ::nl_cb_set(callbacks.get(), NL_CB_FINISH, NL_CB_CUSTOM, on_end, &exchange);
  ::nl_cb_err(callbacks.get(), NL_CB_CUSTOM, on_error, &exchange);
  return callbacks;
}

}  // namespace

void Request::Free::operator()(nl_msg* message) const { ::nlmsg_free(message); }
void Netlink::Free::operator()(nl_sock* socket) const { ::nl_socket_free(socket); }

Result<Request> Request::make_raw(int type, int flags, std::span<const std::byte> header) {
  Request request(::nlmsg_alloc_simple(type, NLM_F_REQUEST | flags));
  if (!request.message_ ||
      ::nlmsg_append(request.message_.get(), const_cast<std::byte*>(header.data()), header.size(),
                     NLMSG_ALIGNTO) < 0) {
    return fail_code(ENOMEM, "make a netlink message");
  }
  return request;
}

Result<void> Request::add(int attribute, std::span<const std::byte> bytes) {
  if (::nla_put(message_.get(), attribute, static_cast<int>(bytes.size()), bytes.data()) == 0) {
    return {};
  }
  return fail_code(ENOMEM, "make a netlink message");
}

Result<void> Request::add(int attribute, std::uint32_t value) {
  return add(attribute, std::as_bytes(std::span(&value, 1)));
}

Result<void> Request::add(int attribute, const std::string& text) {
  return add(attribute, std::as_bytes(std::span(text.c_str(), text.size() + 1)));
}

std::span<const std::byte> find_attribute(const nlmsghdr& message, std::size_t header_size,
                                          int attribute) {
  nlattr* found =
      ::nlmsg_find_attr(const_cast<nlmsghdr*>(&message), static_cast<int>(header_size), attribute);
  if (found == nullptr) return {};
  return {static_cast<const std::byte*>(::nla_data(found)),
          static_cast<std::size_t>(::nla_len(found))};
}

Result<Netlink> Netlink::open() {
  Netlink netlink(::nl_socket_alloc());
  if (!netlink.socket_) return fail_code(ENOMEM, "open a netlink socket");
  if (const int refused = ::nl_connect(netlink.socket_.get(), NETLINK_ROUTE); refused < 0) {
    return fail("open a netlink socket: {}", ::nl_geterror(refused));
  }
  return netlink;
}

Result<void> Netlink::talk(const Request& request, const Reply& reply) {
  Exchange exchange{reply};
  const Callbacks callbacks = callbacks_for(exchange);
  if (!callbacks) return fail_code(ENOMEM, "talk to the kernel by netlink");
  int result = ::nl_send_auto(socket_.get(), request.message_.get());
  while (result >= 0 && !exchange.done) result = ::nl_recvmsgs(socket_.get(), callbacks.get());
  if (exchange.code != 0) return fail_code(exchange.code, "netlink");
  if (!exchange.done) return fail("netlink: {}", ::nl_geterror(result));
  return {};
}

}  // namespace mycontainer::runtime::network
