#include "runtime/network/dns/message.h"

#include <arpa/nameser.h>

#include <algorithm>
#include <array>

namespace mycontainer::runtime::network {

namespace {

// In the two bytes of flags.
constexpr unsigned kIsAnswer = 0x8000, kTruncated = 0x0200, kOpcode = 0x7800,
                   kRecursionWanted = 0x0100, kAuthoritative = 0x0400, kRecursionAvailable = 0x0080;
constexpr std::size_t kFlags = 2, kAnswerCount = 6, kExtraCount = 10;
// Smaller would not hold a name, larger is broken into fragments.
constexpr std::size_t kLeastRoom = 512, kMostRoom = 1232;
constexpr std::size_t kOptSize = 11;
// Names lead to another address at any moment.
constexpr std::uint32_t kLifetime = 0;

unsigned get16(const unsigned char* at) { return ns_get16(at); }

void append16(std::string& bytes, std::uint32_t value) {
  bytes += static_cast<char>(value >> 8 & 0xff);
  bytes += static_cast<char>(value & 0xff);
}
void append32(std::string& bytes, std::uint32_t value) {
  append16(bytes, value >> 16);
  append16(bytes, value & 0xffff);
}
void put16(std::string& bytes, std::size_t at, std::uint32_t value) {
  bytes[at] = static_cast<char>(value >> 8 & 0xff);
  bytes[at + 1] = static_cast<char>(value & 0xff);
}

std::string text(const unsigned char* begin, std::size_t size) {
  return {reinterpret_cast<const char*>(begin), size};
}

unsigned header16(std::string_view header, std::size_t at) {
  return get16(reinterpret_cast<const unsigned char*>(header.data()) + at);
}

// False: a version of EDNS that nobody knows.
bool read_edns(ns_msg& message, Question& question) {
  for (int i = 0; i < ns_msg_count(message, ns_s_ar); ++i) {
    ns_rr record;
    if (ns_parserr(&message, ns_s_ar, i, &record) < 0) return true;
    if (ns_rr_type(record) != ns_t_opt) continue;
    question.edns = true;
    question.room = std::clamp<std::size_t>(static_cast<std::size_t>(ns_rr_class(record)),
                                            kLeastRoom, kMostRoom);
    return (ns_rr_ttl(record) >> 16 & 0xff) == 0;
  }
  return true;
}

// The question's name, which nothing stands before that it could be compressed with.
bool read_name(Packet packet, Question& question) {
  std::array<unsigned char, NS_MAXCDNAME> wire{};
  std::array<char, NS_MAXDNAME> name{};
  const unsigned char* begin = packet.data() + kHeaderSize;
  const unsigned char* end = packet.data() + packet.size();
  const int read = ns_name_unpack(packet.data(), end, begin, wire.data(), wire.size());
  if (read <= 0 || ns_name_ntop(wire.data(), name.data(), name.size()) < 0) return false;
  const auto size = static_cast<std::size_t>(read);
  if (!std::equal(begin, begin + size, wire.begin())) return false;
  constexpr std::size_t kTypeAndClass = 4;
  if (packet.size() - kHeaderSize - size < kTypeAndClass) return false;
  question.name = name.data();
  if (question.name == ".") question.name.clear();
  question.type = static_cast<std::uint16_t>(get16(begin + size));
  question.klass = static_cast<std::uint16_t>(get16(begin + size + 2));
  question.section = text(begin, size + kTypeAndClass);
  return true;
}

Reading refused(Rcode code) { return {{}, code, false}; }

}  // namespace

Reading read_question(Packet packet) {
  if (packet.size() < kHeaderSize || packet.size() > kLongestMessage) return {{}, {}, true};
  const unsigned flags = get16(packet.data() + kFlags);
  if ((flags & kIsAnswer) != 0) return {{}, {}, true};
  if ((flags & kOpcode) != 0) return refused(Rcode::kNotImp);
  ns_msg message;
  if (ns_initparse(packet.data(), static_cast<int>(packet.size()), &message) < 0) {
    return refused(Rcode::kFormErr);
  }
  if (ns_msg_count(message, ns_s_qd) != 1) return refused(Rcode::kFormErr);
  Question question;
  if (!read_name(packet, question)) return refused(Rcode::kFormErr);
  question.header = text(packet.data(), kHeaderSize);
  const bool known = read_edns(message, question);
  return {std::move(question), known ? Rcode::kNoError : Rcode::kBadVers, false};
}

std::uint16_t id_of(Packet packet) { return static_cast<std::uint16_t>(get16(packet.data())); }

void set_id(std::string& message, std::uint16_t id) { put16(message, 0, id); }

std::string refusal_of(Packet packet, Rcode code) {
  std::string bytes = text(packet.data(), kFlags);
  const unsigned asked = get16(packet.data() + kFlags) & (kOpcode | kRecursionWanted);
  append16(bytes, kIsAnswer | kRecursionAvailable | asked | static_cast<unsigned>(code));
  bytes.resize(kHeaderSize);
  return bytes;
}

Answer::Answer(const Question& question, Rcode code, std::size_t room)
    : bytes_(question.header + question.section),
      room_(room - (question.edns ? kOptSize : 0)),
      edns_(question.edns),
      extended_code_(static_cast<unsigned>(code) >> 4) {
  const unsigned asked = header16(bytes_, kFlags) & kRecursionWanted;
  put16(bytes_, kFlags,
        kIsAnswer | kAuthoritative | kRecursionAvailable | asked |
            (static_cast<unsigned>(code) & 0xf));
  for (std::size_t at = kAnswerCount; at < kHeaderSize; at += 2) put16(bytes_, at, 0);
}

void Answer::add_record(std::uint16_t type, std::string_view data) {
  constexpr std::size_t kFixed = 12;
  if (full_ || bytes_.size() + kFixed + data.size() > room_) {
    full_ = true;
    return;
  }
  append16(bytes_, 0xc000 | kHeaderSize);  // the name of the question
  append16(bytes_, type);
  append16(bytes_, ns_c_in);
  append32(bytes_, kLifetime);
  append16(bytes_, static_cast<std::uint32_t>(data.size()));
  bytes_ += data;
  ++records_;
}

void Answer::add(const Address& address) {
  const auto bytes = address.bytes();
  add_record(address.is_v6() ? ns_t_aaaa : ns_t_a,
             {reinterpret_cast<const char*>(bytes.data()), bytes.size()});
}

void Answer::add_pointer(const std::string& name) {
  std::array<unsigned char, NS_MAXCDNAME> wire{};
  if (ns_name_pton(name.c_str(), wire.data(), wire.size()) < 0) return;
  const auto* end = wire.data() + wire.size();
  const unsigned char* past = wire.data();
  if (ns_name_skip(&past, end) < 0) return;
  add_record(ns_t_ptr, text(wire.data(), static_cast<std::size_t>(past - wire.data())));
}

std::string Answer::take() && {
  put16(bytes_, kAnswerCount, records_);
  if (full_) put16(bytes_, kFlags, header16(bytes_, kFlags) | kTruncated);
  if (edns_) {
    put16(bytes_, kExtraCount, 1);
    bytes_ += '\0';  // the root
    append16(bytes_, ns_t_opt);
    append16(bytes_, kMostRoom);
    append32(bytes_, extended_code_ << 24);
    append16(bytes_, 0);
  }
  return std::move(bytes_);
}

bool answers(Packet answer, const Question& question) {
  if (answer.size() < kHeaderSize + question.section.size()) return false;
  if ((get16(answer.data() + kFlags) & kIsAnswer) == 0) return false;
  // No length of a label is a letter.
  const auto lower = [](unsigned char c) { return c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : int{c}; };
  return std::ranges::equal(
      question.section, answer.subspan(kHeaderSize, question.section.size()),
      [&](char a, unsigned char b) { return lower(static_cast<unsigned char>(a)) == lower(b); });
}

}  // namespace mycontainer::runtime::network
