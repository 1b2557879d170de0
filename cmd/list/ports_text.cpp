#include "cmd/list/ports_text.h"

#include <fmt/core.h>

#include <string_view>

namespace mycontainer::cmd::list {
namespace {

using runtime::lifecycle::ContainerPort;
using runtime::lifecycle::HostPort;

// Ports in a row, of one protocol, all exposed or all published at one address.
struct Run {
  std::string address;  // in brackets where it has colons; empty: only exposed
  std::string_view protocol;
  std::uint16_t first = 0, last = 0;
  bool open = true;  // the next port may be its next
};

std::string bracketed(const std::string& address) {
  return address.find(':') == std::string::npos ? address : "[" + address + "]";
}

std::string text_of(const Run& run) {
  std::string ports = std::to_string(run.first);
  if (run.last != run.first) ports += fmt::format("-{}", run.last);
  if (!run.address.empty()) ports = fmt::format("{}:{}->{}", run.address, ports, ports);
  return fmt::format("{}/{}", ports, run.protocol);
}

void add(std::vector<Run>& runs, std::string address, const ContainerPort& port) {
  const std::string_view protocol = runtime::network::to_text(port.protocol);
  for (Run& run : runs) {
    if (!run.open || run.address != address || run.protocol != protocol) continue;
    if (run.last + 1 == port.port) {
      run.last = port.port;
      return;
    }
    run.open = false;
  }
  runs.push_back({std::move(address), protocol, port.port, port.port});
}

}  // namespace

std::string host_port_text(const HostPort& host) {
  return fmt::format("{}:{}", bracketed(host.address), host.port);
}

std::string ports_text(const std::vector<ContainerPort>& ports) {
  std::vector<Run> runs;
  std::vector<std::string> others;
  for (const ContainerPort& port : ports) {
    if (port.published.empty()) add(runs, {}, port);
    for (const HostPort& host : port.published) {
      if (host.port == port.port) {
        add(runs, bracketed(host.address), port);
      } else {
        others.push_back(fmt::format("{}->{}/{}", host_port_text(host), port.port,
                                     runtime::network::to_text(port.protocol)));
      }
    }
  }
  std::string text;
  const auto append = [&](const std::string& part) { text += (text.empty() ? "" : ", ") + part; };
  for (const Run& run : runs) append(text_of(run));
  for (const std::string& other : others) append(other);
  return text;
}

}  // namespace mycontainer::cmd::list
