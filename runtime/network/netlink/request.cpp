#include "runtime/network/netlink/request.h"

#include <arpa/inet.h>
#include <endian.h>
#include <netlink/attr.h>
#include <netlink/msg.h>

#include <limits>

namespace mycontainer::runtime::network {

namespace {

template <class Number>
std::span<const std::byte> bytes_of(const Number& number) {
  return std::as_bytes(std::span(&number, 1));
}

}  // namespace

void Request::Free::operator()(nl_msg* message) const { ::nlmsg_free(message); }

Result<Request> Request::make_raw(int type, int flags, std::span<const std::byte> header) {
  Request request(::nlmsg_alloc_simple(type, NLM_F_REQUEST | flags));
  if (!request.message_) return fail_code(ENOMEM, "make a netlink message");
  TRY_VOID(request.append(header));
  return request;
}

// Twice as large, so that many small attributes do not move it each.
Result<void> Request::grow(std::size_t more) {
  const std::size_t now = ::nlmsg_get_max_size(message_.get());
  if (size() + NLMSG_ALIGN(more) <= now) return {};
  if (::nlmsg_expand(message_.get(), now * 2 + NLMSG_ALIGN(more)) == 0) return {};
  return fail_code(ENOMEM, "make a netlink message");
}

Result<void> Request::append(std::span<const std::byte> bytes) {
  TRY_VOID(grow(bytes.size()));
  if (::nlmsg_append(message_.get(), const_cast<std::byte*>(bytes.data()), bytes.size(),
                     NLMSG_ALIGNTO) == 0) {
    return {};
  }
  return fail_code(ENOMEM, "make a netlink message");
}

Result<void> Request::add(int attribute, std::span<const std::byte> bytes) {
  if (bytes.size() > std::numeric_limits<std::uint16_t>::max() - NLA_HDRLEN) {
    return fail_code(EMSGSIZE, "make a netlink message");
  }
  TRY_VOID(grow(NLA_HDRLEN + bytes.size()));
  if (::nla_put(message_.get(), attribute, static_cast<int>(bytes.size()), bytes.data()) == 0) {
    return {};
  }
  return fail_code(ENOMEM, "make a netlink message");
}

Result<void> Request::add(int attribute, std::uint32_t value) {
  return add(attribute, bytes_of(value));
}

Result<void> Request::add(int attribute, const std::string& text) {
  return add(attribute, std::as_bytes(std::span(text.c_str(), text.size() + 1)));
}

Result<void> Request::add_u8(int attribute, std::uint8_t value) {
  return add(attribute, bytes_of(value));
}

Result<void> Request::add_u16(int attribute, std::uint16_t value) {
  return add(attribute, bytes_of(value));
}

Result<void> Request::add_flag(int attribute) {
  return add(attribute, std::span<const std::byte>{});
}

Result<void> Request::add_be16(int attribute, std::uint16_t value) {
  return add_u16(attribute, htons(value));
}

Result<void> Request::add_be32(int attribute, std::uint32_t value) {
  return add(attribute, htonl(value));
}

Result<void> Request::add_be64(int attribute, std::uint64_t value) {
  const std::uint64_t swapped = htobe64(value);
  return add(attribute, bytes_of(swapped));
}

// By its place and not its address: the message moves when it grows.
Result<void> Request::begin(int attribute) {
  open_.push_back(size());
  return add(attribute | NLA_F_NESTED, std::span<const std::byte>{});
}

Result<void> Request::end() {
  auto* start = reinterpret_cast<std::byte*>(::nlmsg_hdr(message_.get())) + open_.back();
  const std::size_t length = size() - open_.back();
  open_.pop_back();
  if (length > std::numeric_limits<std::uint16_t>::max()) {
    return fail_code(EMSGSIZE, "make a netlink message");
  }
  reinterpret_cast<nlattr*>(start)->nla_len = static_cast<std::uint16_t>(length);
  return {};
}

std::size_t Request::size() const { return NLMSG_ALIGN(::nlmsg_hdr(message_.get())->nlmsg_len); }

std::span<const std::byte> find_attribute(const nlmsghdr& message, std::size_t header_size,
                                          int attribute) {
  nlattr* found =
      ::nlmsg_find_attr(const_cast<nlmsghdr*>(&message), static_cast<int>(header_size), attribute);
  if (found == nullptr) return {};
  return {static_cast<const std::byte*>(::nla_data(found)),
          static_cast<std::size_t>(::nla_len(found))};
}

std::span<const std::byte> find_attribute(std::span<const std::byte> attributes, int attribute) {
  std::span<const std::byte> found;
  for_each_attribute(attributes, [&](int type, std::span<const std::byte> bytes) {
    if (type == attribute && found.data() == nullptr) found = bytes;
  });
  return found;
}

void for_each_attribute(std::span<const std::byte> attributes,
                        const std::function<void(int, std::span<const std::byte>)>& visit) {
  auto* next = reinterpret_cast<nlattr*>(const_cast<std::byte*>(attributes.data()));
  int left = static_cast<int>(attributes.size());
  for (; ::nla_ok(next, left) != 0; next = ::nla_next(next, &left)) {
    visit(::nla_type(next), {static_cast<const std::byte*>(::nla_data(next)),
                             static_cast<std::size_t>(::nla_len(next))});
  }
}

}  // namespace mycontainer::runtime::network
