#include "tests/fuzz/exercise_dns.h"

#include <arpa/nameser.h>

#include "runtime/network/dns/message.h"
#include "runtime/network/dns/names.h"

namespace mycontainer::fuzz {
namespace {

using namespace runtime::network;

Packet as_packet(std::string_view bytes) {
  return {reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size()};
}
Outcome found(std::string what) { return {{}, std::move(what)}; }

bool is_message(const std::string& bytes) {
  ns_msg message;
  return ns_initparse(as_packet(bytes).data(), static_cast<int>(bytes.size()), &message) == 0;
}

Outcome exercise_answer(const Question& question) {
  Answer answer(question, Rcode::kNoError, question.room);
  const Address first = *Address::parse("10.0.0.0"), first6 = *Address::parse("fd00::");
  answer.add_pointer(question.name);
  for (unsigned i = 0; i < 100; ++i) {
    answer.add(first.plus(i));
    answer.add(first6.plus(i));
  }
  const std::string bytes = std::move(answer).take();
  if (bytes.size() > question.room) return found("an answer that is too long");
  if (!is_message(bytes)) return found("an answer that is none");
  if (!answers(as_packet(bytes), question)) return found("an answer to something else");
  if (!read_question(as_packet(bytes)).drop) return found("an answer that would be answered");
  return {};
}

}  // namespace

Outcome exercise_dns(std::string_view packet) {
  const Reading reading = read_question(as_packet(packet));
  if (reading.drop) return {reading.question ? "a question" : "dropped", ""};
  if (!reading.question) {
    if (reading.refusal == Rcode::kNoError) return found("no question and no refusal");
    if (!is_message(refusal_of(as_packet(packet), reading.refusal))) return found("no refusal");
    return {"refused", ""};
  }
  const Question& question = *reading.question;
  if (!packet.starts_with(question.header + question.section)) return found("another question");
  const auto name = dns_name(question.name);
  if (name && (name->find('/') != name->npos || name->front() == '.')) return found("a path");
  if (const auto address = reverse_address(question.name)) {
    if (Address::parse(address->to_text()) != address) return found("no address");
  }
  return exercise_answer(question);
}

}  // namespace mycontainer::fuzz
