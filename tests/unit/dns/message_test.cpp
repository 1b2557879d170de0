#include "runtime/network/dns/message.h"

#include <gtest/gtest.h>

#include "tests/unit/dns/queries.h"

namespace mycontainer::runtime::network {
namespace {

using test::packet;
using test::query;
using test::words;

Rcode refusal(const std::string& bytes) {
  const Reading reading = read_question(packet(bytes));
  EXPECT_FALSE(reading.drop);
  EXPECT_FALSE(reading.question);
  return reading.refusal;
}

TEST(Question, IsReadAsItWasAsked) {
  const std::string bytes = query("Web.Example", ns_t_a);
  const auto reading = read_question(packet(bytes));
  ASSERT_TRUE(reading.question);
  EXPECT_EQ(reading.question->name, "Web.Example");
  EXPECT_EQ(reading.question->type, ns_t_a);
  EXPECT_EQ(reading.question->room, 512U);
  EXPECT_EQ(reading.question->header + reading.question->section, bytes);
  EXPECT_EQ(read_question(packet(query("", ns_t_ns))).question->name, "");
}

TEST(Question, SaysHowLongTheAnswerMayBe) {
  const auto room = [](unsigned asked) {
    return read_question(packet(test::query_with_edns("web", ns_t_a, asked))).question->room;
  };
  EXPECT_EQ(room(1000), 1000U);
  EXPECT_EQ(room(65535), 1232U);
  EXPECT_EQ(room(0), 512U);
}

TEST(Question, OfAnUnknownVersionOfEdnsIsRefused) {
  std::string bytes = test::query_with_edns("web", ns_t_a, 1000);
  bytes[bytes.size() - 5] = 1;
  const auto reading = read_question(packet(bytes));
  ASSERT_TRUE(reading.question);
  EXPECT_EQ(reading.refusal, Rcode::kBadVers);
  const std::string answer = Answer(*reading.question, reading.refusal, 512).take();
  EXPECT_EQ(test::read_answer(answer).code, 0U);
  EXPECT_EQ(answer[answer.size() - 6], 1);  // the upper bits of the code
}

TEST(Question, ThatIsNoneIsDropped) {
  EXPECT_TRUE(read_question({}).drop);
  EXPECT_TRUE(read_question(packet(query("web", ns_t_a).substr(0, 11))).drop);
  std::string answer = query("web", ns_t_a);
  answer[2] = static_cast<char>(0x81);
  EXPECT_TRUE(read_question(packet(answer)).drop);
}

TEST(Question, ThatIsMalformedIsRefused) {
  const std::string whole = query("web.example", ns_t_a);
  for (std::size_t size = kHeaderSize; size < whole.size(); ++size) {
    EXPECT_EQ(refusal(whole.substr(0, size)), Rcode::kFormErr) << size;
  }
  EXPECT_EQ(refusal(whole + "x"), Rcode::kFormErr);
  const std::string end = words({ns_t_a, ns_c_in});
  EXPECT_EQ(refusal(words({1, 0, 1, 0, 0, 0}) + "\xc0\x0c" + end), Rcode::kFormErr);  // itself
  EXPECT_EQ(refusal(words({1, 0, 1, 0, 0, 0}) + std::string("\xc0\x00", 2) + end),
            Rcode::kFormErr);  // the header
  EXPECT_EQ(refusal(words({1, 0, 1, 0, 0, 0}) + "\x40" + std::string(64, 'a') +
                    std::string(1, '\0') + end),
            Rcode::kFormErr);
  std::string longest;
  for (int i = 0; i < 5; ++i) longest += std::string(60, 'a') + ".";
  EXPECT_EQ(refusal(query(longest + "b", ns_t_a)), Rcode::kFormErr);
  std::string two = whole;
  two[5] = 2;
  EXPECT_EQ(refusal(two + whole.substr(kHeaderSize)), Rcode::kFormErr);
  std::string update = whole;
  update[2] = 5 << 3;
  EXPECT_EQ(refusal(update), Rcode::kNotImp);
  EXPECT_EQ(refusal_of(packet(update), Rcode::kNotImp),
            words({0x1234, 0x8000 | 5 << 11 | 0x80 | 4, 0, 0, 0, 0}));
}

TEST(Answer, HasTheQuestionAndItsRecords) {
  const auto question = *read_question(packet(query("Web", ns_t_any))).question;
  Answer answer(question, Rcode::kNoError, 512);
  answer.add(*Address::parse("10.0.0.2"));
  answer.add(*Address::parse("fd00::2"));
  answer.add_pointer("web.net");
  const auto read = test::read_answer(std::move(answer).take());
  EXPECT_EQ(read.id, 0x1234U);
  EXPECT_EQ(read.flags, 0x8580U);
  EXPECT_EQ(read.question, "Web");
  EXPECT_EQ(read.records, (std::vector<std::string>{"A 10.0.0.2", "AAAA fd00::2", "PTR web.net"}));
}

TEST(Answer, ThatIsTooLongSaysSo) {
  const auto question = *read_question(packet(test::query_with_edns("web", ns_t_a, 512))).question;
  Answer answer(question, Rcode::kNoError, question.room);
  for (unsigned i = 1; i < 100; ++i) answer.add(Address::parse("10.0.0.0")->plus(i));
  const std::string bytes = std::move(answer).take();
  EXPECT_LE(bytes.size(), 512U);
  const auto read = test::read_answer(bytes);
  EXPECT_TRUE(read.truncated);
  EXPECT_GT(read.records.size(), 25U);
}

TEST(Answer, IsTakenOnlyToTheSameQuestion) {
  const auto question = *read_question(packet(query("web.example", ns_t_a))).question;
  std::string answer = query("WEB.example", ns_t_a);
  EXPECT_FALSE(answers(packet(answer), question));  // a question itself
  answer[2] = static_cast<char>(0x81);
  EXPECT_TRUE(answers(packet(answer), question));
  EXPECT_FALSE(answers(packet(answer.substr(0, answer.size() - 1)), question));
  answer[answer.size() - 3] = ns_t_aaaa;
  EXPECT_FALSE(answers(packet(answer), question));
}

TEST(ReverseName, IsAnAddress) {
  EXPECT_EQ(reverse_address("2.0.0.10.IN-addr.arpa"), Address::parse("10.0.0.2"));
  std::string v6 = "2";
  for (int i = 0; i < 27; ++i) v6 += ".0";
  EXPECT_EQ(reverse_address(v6 + ".0.0.D.f.ip6.arpa"), Address::parse("fd00::2"));
  for (const char* bad : {"", "in-addr.arpa", ".in-addr.arpa", "1.2.3.in-addr.arpa",
                          "256.0.0.10.in-addr.arpa", "+1.0.0.10.in-addr.arpa",
                          "1.1.1.1.1.in-addr.arpa", "..0.10.in-addr.arpa", "2.0.ip6.arpa"}) {
    EXPECT_EQ(reverse_address(bad), std::nullopt) << bad;
  }
}

}  // namespace
}  // namespace mycontainer::runtime::network
