// DNS messages for tests.
#pragma once

#include <arpa/nameser.h>
#include <gtest/gtest.h>

#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/network/dns/message.h"

namespace mycontainer::runtime::network::test {

inline std::string wire_name(const std::string& name) {
  std::string bytes;
  for (std::size_t at = 0; at < name.size();) {
    const std::size_t end = std::min(name.find('.', at), name.size());
    bytes += static_cast<char>(end - at);
    bytes += name.substr(at, end - at);
    at = end + 1;
  }
  return bytes + std::string(1, '\0');
}

inline std::string words(std::initializer_list<unsigned> values) {
  std::string bytes;
  for (const unsigned value : values) {
    bytes += static_cast<char>(value >> 8 & 0xff);
    bytes += static_cast<char>(value & 0xff);
  }
  return bytes;
}

// A recursive query of id 0x1234.
inline std::string query(const std::string& name, unsigned type) {
  return words({0x1234, 0x0100, 1, 0, 0, 0}) + wire_name(name) + words({type, ns_c_in});
}

inline std::string query_with_edns(const std::string& name, unsigned type, unsigned room) {
  return words({0x1234, 0x0100, 1, 0, 0, 1}) + wire_name(name) + words({type, ns_c_in}) +
         std::string(1, '\0') + words({ns_t_opt, room, 0, 0, 0});
}

inline Packet packet(const std::string& bytes) {
  return {reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size()};
}

struct Answered {
  unsigned id = 0, flags = 0, code = 0;
  bool truncated = false;
  std::string question;
  std::vector<std::string> records;  // "A 10.0.0.2", "PTR web.net"
};

inline Answered read_answer(const std::string& bytes) {
  Answered answered;
  ns_msg message;
  const auto* data = reinterpret_cast<const unsigned char*>(bytes.data());
  if (ns_initparse(data, static_cast<int>(bytes.size()), &message) < 0) {
    ADD_FAILURE() << "an answer of " << bytes.size() << " bytes that is none";
    return answered;
  }
  answered.id = ns_msg_id(message);
  answered.flags = ns_get16(data + 2);
  answered.code = answered.flags & 0xf;
  answered.truncated = (answered.flags & 0x0200) != 0;
  EXPECT_NE(answered.flags & 0x8000, 0U);
  ns_rr record;
  if (ns_msg_count(message, ns_s_qd) == 1 && ns_parserr(&message, ns_s_qd, 0, &record) == 0) {
    answered.question = ns_rr_name(record);
  }
  for (int i = 0; i < ns_msg_count(message, ns_s_an); ++i) {
    EXPECT_EQ(ns_parserr(&message, ns_s_an, i, &record), 0);
    EXPECT_EQ(std::string(ns_rr_name(record)), answered.question);
    const auto* rdata = reinterpret_cast<const std::byte*>(ns_rr_rdata(record));
    if (ns_rr_type(record) == ns_t_ptr) {
      std::array<char, NS_MAXDNAME> name{};
      ns_name_uncompress(data, data + bytes.size(), ns_rr_rdata(record), name.data(), name.size());
      answered.records.push_back(std::string("PTR ") + name.data());
    } else {
      const auto address =
          Address::from_bytes({rdata, static_cast<std::size_t>(ns_rr_rdlen(record))});
      answered.records.push_back((address.is_v6() ? "AAAA " : "A ") + address.to_text());
    }
  }
  return answered;
}

}  // namespace mycontainer::runtime::network::test
