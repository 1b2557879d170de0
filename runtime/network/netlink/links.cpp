#include "runtime/network/netlink/links.h"

#include <fcntl.h>
#include <linux/if_link.h>
#include <net/if.h>
#include <sched.h>
#include <sys/stat.h>

#include <algorithm>
#include <map>

#include "reexec/sys/file.h"
#include "runtime/network/netlink/links_internal.h"

namespace mycontainer::runtime::network {

namespace {

// Of what a device is asked about: not its counters, which make most of the answer.
constexpr std::uint32_t kWithoutCounters = RTEXT_FILTER_SKIP_STATS;

std::string text_in(std::span<const std::byte> bytes) {
  if (bytes.empty()) return {};
  const char* begin = reinterpret_cast<const char*>(bytes.data());
  return {begin, ::strnlen(begin, bytes.size())};
}

Link link_in(const nlmsghdr& message) {
  ifinfomsg header{};
  std::memcpy(&header, NLMSG_DATA(&message), sizeof header);
  Link link;
  link.index = header.ifi_index;
  link.up = (header.ifi_flags & IFF_UP) != 0;
  link.running = (header.ifi_flags & IFF_RUNNING) != 0;
  link.name = text_in(find_attribute(message, sizeof header, IFLA_IFNAME));
  link.mtu = number_in(find_attribute(message, sizeof header, IFLA_MTU)).value_or(0);
  const auto info = find_attribute(message, sizeof header, IFLA_LINKINFO);
  link.kind = text_in(find_attribute(info, IFLA_INFO_KIND));
  return link;
}

Result<std::optional<Link>> ask(Netlink& netlink, Request request) {
  TRY_VOID(request.add(IFLA_EXT_MASK, kWithoutCounters));
  std::optional<Link> link;
  const auto done = netlink.talk(request, [&link](const nlmsghdr& message) {
    if (message.nlmsg_type == RTM_NEWLINK) link = link_in(message);
  });
  if (!done && done.error().code != ENODEV) return Failure(done.error());
  return link;
}

Result<std::optional<Link>> find_index(Netlink& netlink, int index) {
  TRY(Request request, Request::make(RTM_GETLINK, NLM_F_ACK, link_header(index, false)));
  return ask(netlink, std::move(request));
}

// Those that packets are held against; broadcast and multicast ones come with the others.
bool leads_somewhere(const rtmsg& header) {
  switch (header.rtm_type) {
    case RTN_UNICAST:
    case RTN_LOCAL:
    case RTN_BLACKHOLE:
    case RTN_UNREACHABLE:
    case RTN_PROHIBIT:
      return (header.rtm_flags & RTM_F_CLONED) == 0;
    default:
      return false;
  }
}

// Of a route with several ways the first.
int device_of(const nlmsghdr& message) {
  const auto only = number_in(find_attribute(message, sizeof(rtmsg), RTA_OIF));
  if (only) return static_cast<int>(*only);
  const auto ways = find_attribute(message, sizeof(rtmsg), RTA_MULTIPATH);
  rtnexthop first{};
  if (ways.size() < sizeof first) return 0;
  std::memcpy(&first, ways.data(), sizeof first);
  return first.rtnh_ifindex;
}

std::optional<Route> route_in(const nlmsghdr& message) {
  if (message.nlmsg_type != RTM_NEWROUTE) return {};
  rtmsg header{};
  std::memcpy(&header, NLMSG_DATA(&message), sizeof header);
  const std::uint32_t table =
      number_in(find_attribute(message, sizeof header, RTA_TABLE)).value_or(header.rtm_table);
  const bool known = header.rtm_family == AF_INET || header.rtm_family == AF_INET6;
  if (!known || !leads_somewhere(header)) return {};
  if (table != RT_TABLE_MAIN && table != RT_TABLE_LOCAL) return {};
  Address base(header.rtm_family == AF_INET6 ? Family::kIpv6 : Family::kIpv4);
  const auto bytes = find_attribute(message, sizeof header, RTA_DST);
  if (!bytes.empty()) base = Address::from_bytes(bytes);
  return Route{Subnet(base, header.rtm_dst_len),
               device_of(message),
               {},
               number_in(find_attribute(message, sizeof header, RTA_PRIORITY)).value_or(0)};
}

}  // namespace

Result<int> index_of(Netlink& netlink, const std::string& name) {
  TRY(Request request, Request::make(RTM_GETLINK, NLM_F_ACK, ifinfomsg{}));
  TRY_VOID(request.add(IFLA_IFNAME, name));
  TRY(const auto link, ask(netlink, std::move(request)));
  if (!link) return fail_code(ENODEV, "find the network device {}", name);
  return link->index;
}

Result<Links> Links::open() {
  TRY(Netlink netlink, Netlink::open());
  return Links(std::move(netlink));
}

namespace {

bool is_same_file(const UniqueFd& one, const UniqueFd& other) {
  struct stat first {
  }, second{};
  return ::fstat(one.get(), &first) == 0 && ::fstat(other.get(), &second) == 0 &&
         first.st_dev == second.st_dev && first.st_ino == second.st_ino;
}

}  // namespace

// A socket stays in the namespace it was opened in.
Result<Links> Links::open_in(pid_t pid, const std::function<Result<void>()>& inside) {
  TRY(const UniqueFd here, sys::open_at(AT_FDCWD, "/proc/thread-self/ns/net", O_RDONLY));
  TRY(const UniqueFd there, sys::open_at(AT_FDCWD, fmt::format("/proc/{}/ns/net", pid), O_RDONLY));
  if (is_same_file(here, there)) return fail_code(ESRCH, "enter the network namespace of {}", pid);
  if (::setns(there.get(), CLONE_NEWNET) < 0) return fail_errno("enter the network namespace");
  auto netlink = Netlink::open();
  auto done = netlink && inside ? inside() : Result<void>();
  if (::setns(here.get(), CLONE_NEWNET) < 0) return fail_errno("return to the network namespace");
  if (!netlink) return Failure(std::move(netlink).error());
  if (!done) return Failure(std::move(done).error());
  return Links(std::move(*netlink));
}

Result<std::optional<Link>> Links::find(const std::string& name) {
  TRY(Request request, Request::make(RTM_GETLINK, NLM_F_ACK, ifinfomsg{}));
  TRY_VOID(request.add(IFLA_IFNAME, name));
  return ask(netlink_, std::move(request));
}

Result<std::vector<Route>> Links::routes() {
  std::vector<Route> routes;
  TRY(const Request request, Request::make(RTM_GETROUTE, NLM_F_DUMP, rtmsg{}));
  TRY_VOID(netlink_.talk(request, [&routes](const nlmsghdr& message) {
    if (auto route = route_in(message)) routes.push_back(std::move(*route));
  }));
  std::map<int, std::string> names;
  for (Route& route : routes) {
    if (route.index == 0) continue;
    if (!names.contains(route.index)) {
      TRY(const auto link, find_index(netlink_, route.index));
      names[route.index] = link ? link->name : std::string();
    }
    route.device = names[route.index];
  }
  return routes;
}

Result<std::optional<Link>> Links::uplink() {
  TRY(const auto all, routes());
  const Route* best = nullptr;
  const auto rank = [](const Route& route) {
    return std::pair(route.destination.family(), route.metric);
  };
  for (const Route& route : all) {
    if (route.destination.length() != 0 || route.index == 0 || route.device == "lo") continue;
    if (best == nullptr || rank(route) < rank(*best)) best = &route;
  }
  if (best == nullptr) return std::optional<Link>();
  return find_index(netlink_, best->index);
}

}  // namespace mycontainer::runtime::network
