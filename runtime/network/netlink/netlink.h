// A conversation with the kernel's routing netlink (rtnetlink(7)). Framing, sequence numbers and
// acknowledgements are libnl's work; what the messages say is the caller's. Parent side; private
// to runtime/network.
#pragma once

#include <linux/netlink.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>

#include "reexec/sys/error.h"

struct nl_msg;
struct nl_sock;

namespace mycontainer::runtime::network {

// One request being written: a header of type `Header` (ifinfomsg, ifaddrmsg), then attributes.
class Request {
 public:
  template <class Header>
  static Result<Request> make(int type, int flags, const Header& header) {
    return make_raw(type, flags, {reinterpret_cast<const std::byte*>(&header), sizeof header});
  }

  Result<void> add(int attribute, std::span<const std::byte> bytes);
  Result<void> add(int attribute, std::uint32_t value);
  Result<void> add(int attribute, const std::string& text);  // ends with a NUL byte

 private:
  friend class Netlink;
  struct Free {
    void operator()(nl_msg* message) const;
  };
  explicit Request(nl_msg* message) : message_(message) {}
  static Result<Request> make_raw(int type, int flags, std::span<const std::byte> header);

  std::unique_ptr<nl_msg, Free> message_;
};

// The first attribute of this type behind a header of `header_size` bytes; empty when there is
// none.
std::span<const std::byte> find_attribute(const nlmsghdr& message, std::size_t header_size,
                                          int attribute);

// A socket in the network namespace that the calling thread is in when it is opened.
class Netlink {
 public:
  using Reply = std::function<void(const nlmsghdr&)>;

  static Result<Netlink> open();

  // Sends, calls `reply` for every message of the answer, and waits for the acknowledgement or the
  // end of the dump. The kernel's refusal is an error with its errno.
  Result<void> talk(const Request& request, const Reply& reply = {});

 private:
  struct Free {
    void operator()(nl_sock* socket) const;
  };
  explicit Netlink(nl_sock* socket) : socket_(socket) {}

  std::unique_ptr<nl_sock, Free> socket_;
};

}  // namespace mycontainer::runtime::network
