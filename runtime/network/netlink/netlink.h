// A conversation with the kernel by netlink(7): with its routing (rtnetlink(7)) or its packet filter
// (nfnetlink). Framing, sequence numbers and acknowledgements are libnl's work; what the messages
// say is the caller's. Parent side; private to runtime/network.
#pragma once

#include <linux/netlink.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <span>

#include "reexec/sys/error.h"
#include "runtime/network/netlink/request.h"

struct nl_sock;

namespace mycontainer::runtime::network {

// A socket in the network namespace that the calling thread is in when it is opened.
class Netlink {
 public:
  using Reply = std::function<void(const nlmsghdr&)>;

  // `protocol`: NETLINK_ROUTE, NETLINK_NETFILTER. EPROTONOSUPPORT: the kernel has it not.
  static Result<Netlink> open(int protocol = NETLINK_ROUTE);

  // Sends, calls `reply` for every message of the answer, and waits for the acknowledgement or the
  // end of the dump. The kernel's refusal is an error with its errno.
  Result<void> talk(const Request& request, const Reply& reply = {});

  // Several requests by one sendmsg(2). The kernel does them in order and, also when one is
  // refused, to the last. The error is that of the first refused, whose number goes to `*refused`.
  Result<void> talk_all(std::span<const Request> requests, std::size_t* refused = nullptr);

  // Several requests of one nfnetlink subsystem (NFNL_SUBSYS_NFTABLES) as one transaction: all are done
  // or none. The error is that of the first refused; `*refused` is left alone when the whole was.
  Result<void> transact(std::uint16_t subsystem, std::span<const Request> requests,
                        std::size_t* refused = nullptr);

  [[nodiscard]] int fd() const;

 private:
  struct Free {
    void operator()(nl_sock* socket) const;
  };
  struct Exchange;
  struct Batch;
  struct Callbacks;
  explicit Netlink(nl_sock* socket) : socket_(socket) {}
  std::uint32_t append(Batch& batch, const Request& request, bool acknowledged);
  Result<void> send(const Batch& batch, std::size_t answers);
  Result<void> collect(Exchange& exchange);

  std::unique_ptr<nl_sock, Free> socket_;
};

}  // namespace mycontainer::runtime::network
