// Questions and answers of the domain name system (RFC 1035, EDNS: RFC 6891) as bytes. Reading is
// libresolv's work (ns_initparse(3) and its like): the packets are hostile. Pure; child side; private
// to dns.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "runtime/network/address/address.h"

namespace mycontainer::runtime::network {

using Packet = std::span<const unsigned char>;

// The header (12 bytes) and the longest message there is.
inline constexpr std::size_t kHeaderSize = 12, kLongestMessage = 65535;

enum class Rcode : std::uint8_t {
  kNoError = 0,
  kFormErr = 1,
  kServFail = 2,
  kNxDomain = 3,
  kNotImp = 4,
  kRefused = 5,
  kBadVers = 16
};

struct Question {
  std::string header;   // the query's, 12 bytes
  std::string section;  // the question as it was asked: name, type and class
  std::string name;     // as ns_name_ntop(3) writes it, without the last dot; the root is empty
  std::uint16_t type = 0, klass = 0;
  std::size_t room = 512;  // how long an answer over UDP may be
  bool edns = false;
};

struct Reading {
  std::optional<Question> question;
  Rcode refusal = Rcode::kNoError;  // without a question: what to answer
  bool drop = false;                // or that nothing is to be answered at all
};

// A query with one question that is not compressed. An answer is dropped, so that two services never
// talk to each other for ever; so is what has no whole header. All else that is no such query is
// kFormErr, an operation other than a query kNotImp.
Reading read_question(Packet packet);

// The address that "2.0.0.10.in-addr.arpa" or its like under ip6.arpa asks about.
std::optional<Address> reverse_address(std::string_view name);

// The query's id; a refusal of what could not be read, with nothing but the header.
std::uint16_t id_of(Packet packet);
std::string refusal_of(Packet packet, Rcode code);

// An answer being written: the question as it was asked, then records of its name.
class Answer {
 public:
  Answer(const Question& question, Rcode code, std::size_t room);
  // A or AAAA, PTR. What does not fit in the room is left out, and the answer says so (TC).
  void add(const Address& address);
  void add_pointer(const std::string& name);
  [[nodiscard]] std::string take() &&;

 private:
  void add_record(std::uint16_t type, std::string_view data);

  std::string bytes_;
  std::size_t room_;
  std::uint16_t records_ = 0;
  bool edns_ = false, full_ = false;
  unsigned extended_code_ = 0;
};

// Whether `answer` is one to this query: the same question, case aside, as an answer.
bool answers(Packet answer, const Question& question);
// The message gets another id.
void set_id(std::string& message, std::uint16_t id);

}  // namespace mycontainer::runtime::network
