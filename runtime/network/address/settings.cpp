#include "runtime/network/address/settings.h"

namespace mycontainer::runtime::network {

Kind kind_of(const std::vector<EndpointSettings>& endpoints) {
  if (endpoints.empty()) return Kind::kNone;
  const std::string_view word = endpoints.front().network;
  if (word == kNoneNetwork) return Kind::kNone;
  if (word == kHostNetwork) return Kind::kHost;
  if (word == kPasta || word == kSlirp) return Kind::kUserMode;
  if (word.starts_with(kContainerPrefix)) return Kind::kContainer;
  if (word.starts_with(kNamespacePrefix)) return Kind::kNamespace;
  return Kind::kMember;
}

std::string_view to_text(Protocol protocol) {
  switch (protocol) {
    case Protocol::kTcp:
      return "tcp";
    case Protocol::kUdp:
      return "udp";
    case Protocol::kSctp:
      return "sctp";
  }
  return "tcp";
}

}  // namespace mycontainer::runtime::network
