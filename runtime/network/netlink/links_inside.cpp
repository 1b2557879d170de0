#include <linux/if_addr.h>
#include <net/if.h>

#include "runtime/network/netlink/links.h"
#include "runtime/network/netlink/links_internal.h"

namespace mycontainer::runtime::network {

namespace {

Failure explain(std::string_view what, const std::string& device, Error error) {
  error.operation = fmt::format("{} {} inside the container", what, device);
  return Failure(std::move(error));
}

rtmsg default_route(Family family) {
  rtmsg header{};
  header.rtm_family = family_of(family);
  header.rtm_table = RT_TABLE_MAIN;
  header.rtm_protocol = RTPROT_BOOT;
  header.rtm_scope = RT_SCOPE_UNIVERSE;
  header.rtm_type = RTN_UNICAST;
  return header;
}

}  // namespace

Result<Request> default_route_request(int index, const Address& gateway) {
  rtmsg header = default_route(gateway.family());
  const bool direct = gateway.is_unspecified();
  if (direct && !gateway.is_v6()) header.rtm_scope = RT_SCOPE_LINK;
  TRY(Request request, Request::make(RTM_NEWROUTE, kCreate, header));
  if (!direct) TRY_VOID(request.add(RTA_GATEWAY, gateway.bytes()));
  TRY_VOID(request.add(RTA_OIF, static_cast<std::uint32_t>(index)));
  return request;
}

Result<void> Links::set_up_inside(const InsideRequest& wanted) {
  auto index = index_of(netlink_, wanted.inside);
  if (!index) return explain("find", wanted.inside, std::move(index).error());
  std::vector<Request> requests;
  requests.reserve(wanted.addresses.size() + wanted.gateways.size() + 1);
  for (const Subnet& address : wanted.addresses) {
    TRY(Request request, address_request(*index, address, kCreate));
    requests.push_back(std::move(request));
  }
  // A gateway can be reached only through a device that is up.
  TRY(Request up, Request::make(RTM_NEWLINK, NLM_F_ACK, link_header(*index, true)));
  requests.push_back(std::move(up));
  for (const Address& gateway : wanted.gateways) {
    TRY(Request request, default_route_request(*index, gateway));
    requests.push_back(std::move(request));
  }
  auto done = netlink_.talk_all(requests);
  if (!done) return explain("set up", wanted.inside, std::move(done).error());
  return {};
}

Result<void> Links::set_default_routes(const std::string& device,
                                       const std::vector<Address>& gateways) {
  auto index = index_of(netlink_, device);
  if (!index) return explain("find", device, std::move(index).error());
  for (const Address& gateway : gateways) {
    TRY_VOID(remove_default_routes(gateway.family()));
    TRY(const Request request, default_route_request(*index, gateway));
    auto done = netlink_.talk(request);
    if (!done) return explain("set the default route of", device, std::move(done).error());
  }
  return {};
}

Result<void> Links::remove_default_routes(Family family) {
  rtmsg header = default_route(family);
  header.rtm_protocol = RTPROT_UNSPEC;  // whoever made it
  header.rtm_scope = RT_SCOPE_NOWHERE;  // and whatever its scope
  TRY(const Request request, Request::make(RTM_DELROUTE, NLM_F_ACK, header));
  constexpr int kMost = 100;  // one each time
  for (int removed = 0; removed < kMost; ++removed) {
    auto done = netlink_.talk(request);
    if (done) continue;
    if (done.error().code == ESRCH || done.error().code == ENOENT) return {};
    return within("remove the default route", std::move(done).error());
  }
  return {};
}

}  // namespace mycontainer::runtime::network
