#include "runtime/network/user_mode/slirp.h"

#include <nlohmann/json.hpp>

namespace mycontainer::runtime::network {

std::vector<std::string> slirp_arguments(const Addressing& addressing, bool forwards_names,
                                         bool has_ports, pid_t pid) {
  std::vector<std::string> arguments{
      "--configure",
      "--mtu=65520",  // as large as it goes: to the outside it speaks by the host's own sockets
      "--disable-host-loopback",
      "--enable-sandbox",
      "--enable-seccomp",
      "--cidr=" + addressing.subnet.to_text(),
      "--macaddress=" + to_text(mac_of(addressing.address())),
      fmt::format("--ready-fd={}", kSlirpReadyFd),
      fmt::format("--exit-fd={}", kSlirpExitFd)};
  if (!forwards_names) arguments.emplace_back("--disable-dns");
  // The name of a UNIX socket is short (unix(7)), the live directory's need not be.
  if (has_ports) {
    arguments.push_back(
        fmt::format("--api-socket=/proc/self/fd/{}/{}", kSlirpDirectoryFd, kSlirpSocket));
  }
  arguments.push_back(std::to_string(pid));
  arguments.emplace_back("eth0");
  return arguments;
}

Result<std::string> slirp_request(const PublishedPort& port) {
  if (port.protocol == Protocol::kSctp) {
    return fail("slirp4netns cannot publish port {}/sctp: it has tcp and udp", port.container_port);
  }
  const nlohmann::json request{{"execute", "add_hostfwd"},
                               {"arguments",
                                {{"proto", to_text(port.protocol)},
                                 {"host_addr", port.host_address.to_text()},
                                 {"host_port", port.host_port},
                                 {"guest_addr", port.target.to_text()},
                                 {"guest_port", port.container_port}}}};
  return request.dump();
}

Result<void> read_slirp_answer(std::string_view answer, const PublishedPort& port) {
  const auto json = nlohmann::json::parse(answer, nullptr, false);
  if (json.is_object() && json.contains("return")) return {};
  std::string reason = "no answer";
  if (json.is_object() && json.contains("error") && json["error"].is_object()) {
    reason = json["error"].value("desc", "refused");
  }
  return fail("slirp4netns: publish port {}/{} on {}: {}", port.host_port, to_text(port.protocol),
              port.host_address.to_text(), reason);
}

}  // namespace mycontainer::runtime::network
