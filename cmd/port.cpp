#include "cmd/options/values.h"
#include "cmd/verbs.h"
#include "runtime/lifecycle/existing.h"

namespace mycontainer::cmd {
namespace {

// "80", "80/tcp": as Docker names it, with its protocol.
Result<std::string> private_port(std::string_view word) {
  const std::size_t slash = word.find('/');
  const auto number = options::parse_integer<std::uint16_t>(word.substr(0, slash));
  const std::string_view protocol =
      slash == std::string_view::npos ? std::string_view("tcp") : word.substr(slash + 1);
  if (!number || *number == 0) return fail("invalid port: {}", word);
  if (protocol != "tcp" && protocol != "udp" && protocol != "sctp") {
    return fail("invalid protocol: {}", protocol);
  }
  return fmt::format("{}/{}", *number, protocol);
}

}  // namespace

// Nothing is published before there are networks: the list is empty, a port of one is an error.
Result<int> port_verb(const VerbCall& call) {
  TRY(const auto words, parse_verb(call, {}, nullptr, {1, 2}));
  if (!words) return 0;
  TRY(const auto roots, roots_of(call));
  TRY(const std::string id, runtime::state::find(roots, words->front()));
  TRY_VOID(runtime::lifecycle::record_of(roots, id));
  if (words->size() == 1) return 0;
  TRY(const std::string port, private_port(words->back()));
  return fail("no public port '{}' published for {}", port, words->front());
}

}  // namespace mycontainer::cmd
