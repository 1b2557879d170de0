// One rule being written: its expressions in the order they are done, each named as `nft
// --debug=netlink` names it. Parent side; private to runtime/network/firewall.
//
// Expressions hand values on in registers. `word`: the place of a value there, in units of four
// bytes; a concatenation is values side by side from word 0 on. All tests look at word 0.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>

#include "runtime/network/address/address.h"
#include "runtime/network/firewall/message.h"

namespace mycontainer::runtime::network {

class Rule {
 public:
  Rule(const TableName& table, const std::string& chain);

  // Loads.
  Rule& incoming(int word = 0);  // the name of the device it came by: four words
  Rule& outgoing(int word = 0);
  Rule& source_network();       // the first byte of an IPv4 address
  Rule& destination_network();  // the same
  Rule& source(Family family);
  Rule& destination(Family family);
  Rule& protocol(int word = 0);
  Rule& source_port(int word = 0);
  Rule& destination_port(int word = 0);
  Rule& immediate(std::span<const std::byte> bytes, int word = 0);

  // Tests: the rule ends here when they fail.
  Rule& is(std::span<const std::byte> bytes);
  Rule& is_not(std::span<const std::byte> bytes);
  Rule& is_family(Family family);
  Rule& is_to_this_host();
  Rule& is_from_others();  // not from an address of this host
  // Sent by this host, or handed from port to port of a bridge (net.bridge.bridge-nf-call-iptables).
  Rule& came_by_no_device();
  Rule& in(const std::string& set);
  Rule& not_in(const std::string& set);
  Rule& connection_is(std::uint32_t states);   // any of these bits of `ct state`
  Rule& connection_was(std::uint32_t status);  // any of these bits of `ct status`
  Rule& map(const std::string& map);           // word 0 on becomes what it maps to

  // What becomes of the packet.
  // A port is written over with what word 0 holds, and the checksum of that protocol follows.
  Rule& set_source_port(std::uint8_t protocol);
  Rule& set_destination_port(std::uint8_t protocol);
  Rule& dnat(Family family, int port_word);  // to the address at word 0 and that port
  Rule& masquerade();
  Rule& accept();
  Rule& drop();
  Rule& jump(const std::string& chain);

  Result<Request> take();

 private:
  Rule& meta(std::uint32_t key, int word);
  Rule& payload(std::uint32_t base, std::uint32_t offset, std::uint32_t length, int word);
  Rule& write_port(std::uint32_t offset, std::uint8_t protocol);
  Rule& compare(std::uint32_t operation, std::span<const std::byte> bytes);
  Rule& address_type(std::uint32_t of);
  Rule& lookup(const std::string& set, std::uint32_t flags, bool is_map);
  Rule& conntrack(std::uint32_t key, std::uint32_t mask);
  Rule& verdict(std::uint32_t code, const std::string& chain);
  Rule& expression(const char* name, const std::function<void()>& fill);
  Message message_;
};

}  // namespace mycontainer::runtime::network
