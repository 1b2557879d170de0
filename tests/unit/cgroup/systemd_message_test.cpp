#include "runtime/cgroup/systemd_message.h"

#include <gtest/gtest.h>

#include <cstring>

namespace mycontainer::runtime::cgroup {
namespace {

Call start_call() {
  ArgumentWriter arguments;
  arguments.text("c1.scope")
      .text("fail")
      .properties({{"Delegate", true},
                   {"MemoryMax", std::uint64_t{1} << 40},
                   {"PIDs", std::vector<std::uint32_t>{7, 8}}});
  arguments.no_auxiliary_units();
  return {"/org/x", "org.x.Manager", "StartTransientUnit", std::move(arguments)};
}

TEST(DBusMessage, IsReadAsItWasWritten) {
  const std::string bytes = encode(start_call(), "org.x", 5);
  EXPECT_EQ(message_size(bytes).value(), bytes.size());
  const auto message = decode(bytes);
  ASSERT_TRUE(message) << message.error().message();
  EXPECT_EQ(message->type, MessageType::kCall);
  EXPECT_EQ(message->interface, "org.x.Manager");
  EXPECT_EQ(message->member, "StartTransientUnit");
  EXPECT_EQ(message->signature, "ssa(sv)a(sa(sv))");
  EXPECT_EQ(argument(*message, 0).value(), "c1.scope");
  EXPECT_EQ(argument(*message, 1).value(), "fail");
  EXPECT_FALSE(argument(*message, 2));
}

TEST(DBusMessage, AlignsValuesAsTheSpecificationSays) {
  ArgumentWriter arguments;
  arguments.properties({{"ab", std::uint64_t{1}}});
  // Length, padding to 8, "ab" with its length and NUL, signature "t", padding to 8, the number.
  const std::string expected(
      "\x18\0\0\0\0\0\0\0"
      "\x02\0\0\0ab\0\x01"
      "t\0\0\0\0\0\0\0"
      "\x01\0\0\0\0\0\0\0",
      32);
  EXPECT_EQ(arguments.bytes(), expected);
}

TEST(DBusMessage, ThatEndsTooEarlyIsRefused) {
  const std::string bytes = encode(start_call(), "org.x", 5);
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    EXPECT_FALSE(decode(bytes.substr(0, size))) << size;
  }
}

TEST(DBusMessage, WithAnyByteChangedIsReadOrRefusedButNeverMore) {
  const std::string bytes = encode(start_call(), "org.x", 5);
  for (std::size_t at = 0; at < bytes.size(); ++at) {
    for (const char value : {'\0', '\x7f', '\xff'}) {
      std::string changed = bytes;
      changed[at] = value;
      const auto message = decode(changed);
      if (!message) continue;
      EXPECT_LE(message->body.size(), bytes.size());
      std::ignore = argument(*message, 3);
    }
  }
}

TEST(DBusMessage, OfTheOtherByteOrderOrTooLargeIsRefused) {
  std::string bytes = encode(start_call(), "org.x", 5);
  bytes[0] = bytes[0] == 'l' ? 'B' : 'l';
  EXPECT_FALSE(message_size(bytes));
  bytes = encode(start_call(), "org.x", 5);
  const std::uint32_t huge = 1 << 30;
  std::memcpy(bytes.data() + 4, &huge, sizeof(huge));
  EXPECT_FALSE(message_size(bytes));
  EXPECT_EQ(message_size("l").value(), 0u);
}

}  // namespace
}  // namespace mycontainer::runtime::cgroup
