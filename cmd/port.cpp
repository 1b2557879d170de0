#include <optional>

#include "cmd/list/ports_text.h"
#include "cmd/verbs.h"
#include "runtime/lifecycle/existing.h"
#include "runtime/network/address/port_range.h"
#include "runtime/state/live.h"

namespace mycontainer::cmd {
namespace {

// "80", "80/tcp": as Docker names it, with its protocol.
Result<std::string> private_port(std::string_view word) {
  const auto port = runtime::network::parse_exposed(word);
  if (!port || port->ports.more() != 0) return fail("invalid port: {}", word);
  return runtime::network::port_text(port->ports.first, port->protocol);
}

// "80/tcp -> 0.0.0.0:8080"; of one port the right half alone.
std::string lines_of(const std::vector<runtime::lifecycle::ContainerPort>& ports,
                     const std::optional<std::string>& wanted) {
  std::string text;
  for (const auto& port : ports) {
    const std::string name = runtime::network::port_text(port.port, port.protocol);
    if (wanted && *wanted != name) continue;
    for (const auto& host : port.published) {
      if (!wanted) text += name + " -> ";
      text += list::host_port_text(host) + "\n";
    }
  }
  return text;
}

}  // namespace

Result<int> port_verb(const VerbCall& call) {
  TRY(const auto words, parse_verb(call, {}, nullptr, {1, 2}));
  if (!words) return 0;
  TRY(const auto roots, roots_of(call));
  TRY(const std::string id, runtime::state::find(roots, words->front()));
  TRY(const auto record, runtime::lifecycle::record_of(roots, id));
  runtime::network::Attachment attachment;
  if (runtime::state::is_supervised(roots, id)) {
    const std::string live = runtime::state::container_directory(roots.state, id);
    TRY(attachment, runtime::network::read_attachment(live));
  }
  std::optional<std::string> wanted;
  if (words->size() > 1) {
    TRY(wanted, private_port(words->back()));
  }
  const std::string text =
      lines_of(runtime::lifecycle::container_ports(record, attachment), wanted);
  if (wanted && text.empty()) {
    return fail("no public port '{}' published for {}", *wanted, words->front());
  }
  TRY_VOID(say(text));
  return 0;
}

}  // namespace mycontainer::cmd
