#include "runtime/network/dns/decision.h"

#include <arpa/nameser.h>

#include <algorithm>

#include "runtime/network/dns/names.h"

namespace mycontainer::runtime::network {

namespace {

bool asks_for(const Question& question, const Address& address) {
  return question.type == ns_t_any || question.type == (address.is_v6() ? ns_t_aaaa : ns_t_a);
}

bool in_internet(const Question& question) {
  return question.klass == ns_c_in || question.klass == ns_c_any;
}

std::string empty_answer(const Question& question, Rcode code, std::size_t room) {
  return Answer(question, code, room).take();
}

// What is not told to strangers.
std::optional<Rcode> refusal(const Question& question,
                             const std::vector<Members::Network>& networks, bool has_servers) {
  if (question.type == ns_t_axfr || question.type == ns_t_ixfr) return Rcode::kRefused;
  const bool way_out = std::ranges::any_of(
      networks, [](const Members::Network& network) { return !network.internal; });
  if (!way_out || !has_servers) return Rcode::kNxDomain;
  const bool for_address = question.type == ns_t_a || question.type == ns_t_aaaa;
  const bool one_label = !question.name.empty() && question.name.find('.') == question.name.npos;
  if (for_address && one_label) return Rcode::kNxDomain;
  return {};
}

}  // namespace

std::string Decider::addresses_answer(const Question& question, std::vector<Address> addresses,
                                      std::size_t room) {
  std::erase_if(addresses, [&](const Address& address) { return !asks_for(question, address); });
  std::ranges::sort(addresses);
  addresses.erase(std::unique(addresses.begin(), addresses.end()), addresses.end());
  if (!addresses.empty()) {
    const auto begin = static_cast<std::ptrdiff_t>(turn_++ % addresses.size());
    std::rotate(addresses.begin(), addresses.begin() + begin, addresses.end());
  }
  Answer answer(question, Rcode::kNoError, room);
  for (const Address& address : addresses) answer.add(address);
  return std::move(answer).take();
}

std::optional<std::string> Decider::own_answer(const Question& question,
                                               const std::vector<Members::Network>& networks,
                                               std::size_t room) {
  if (!in_internet(question)) return {};
  const auto name = dns_name(question.name);
  if (!name) return {};
  if (auto addresses = members_.find(networks, *name)) {
    return addresses_answer(question, std::move(*addresses), room);
  }
  const auto address = reverse_address(*name);
  const auto called = address ? members_.name_of(networks, *address) : std::nullopt;
  if (!called) return {};
  Answer answer(question, Rcode::kNoError, room);
  if (question.type == ns_t_ptr || question.type == ns_t_any) answer.add_pointer(*called);
  return std::move(answer).take();
}

Decision Decider::decide(Packet packet, Transport transport) {
  Reading reading = read_question(packet);
  if (reading.drop) return {};
  if (!reading.question) return {refusal_of(packet, reading.refusal), {}};
  Question& question = *reading.question;
  const std::size_t room = transport == Transport::kTcp ? kLongestMessage : question.room;
  if (reading.refusal != Rcode::kNoError) {
    return {empty_answer(question, reading.refusal, room), {}};
  }
  const auto networks = members_.networks();
  if (auto answer = own_answer(question, networks, room)) return {std::move(*answer), {}};
  if (const auto code = refusal(question, networks, has_servers_)) {
    return {empty_answer(question, *code, room), {}};
  }
  return {{}, std::move(question)};
}

}  // namespace mycontainer::runtime::network
