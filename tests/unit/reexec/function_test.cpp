#include "reexec/function.h"

#include <gtest/gtest.h>
#include <poll.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>

#include "tests/unit/reexec/entries.h"

namespace mycontainer::reexec::testing {
namespace {

TEST(Function, ReturnsItsValueFromAnotherProcess) {
  const auto sum = kAdd(2, 3);
  ASSERT_TRUE(sum) << sum.error().message();
  EXPECT_EQ(*sum, 5);
  const auto look = kLook();
  ASSERT_TRUE(look) << look.error().message();
  EXPECT_NE(look->pid, ::getpid());
}

TEST(Function, ReturnsItsErrorWithCodeAndHint) {
  const auto quotient = kDivide(1, 0);
  ASSERT_FALSE(quotient);
  EXPECT_EQ(quotient.error().operation, "divide by zero");
  EXPECT_EQ(quotient.error().code, EDOM);
  EXPECT_EQ(quotient.error().hint, "choose another divisor");
  EXPECT_EQ(quotient.error().exit_status, 3);
}

TEST(Function, MayReturnNothing) {
  EXPECT_TRUE(kRefuse(std::string()));
  const auto refused = kRefuse(std::string("not today"));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().operation, "not today");
  const std::string path = "/tmp/mycontainer-touch-" + std::to_string(::getpid());
  EXPECT_TRUE(kTouch(path));
  EXPECT_TRUE(std::filesystem::remove(path));
}

TEST(Function, CarriesLargeValuesBothWays) {
  const std::string text(1 << 20, 'x');
  const auto copies = kRepeat(text, 5u);
  ASSERT_TRUE(copies) << copies.error().message();
  EXPECT_EQ(copies->size(), 5u);
  EXPECT_EQ(copies->back(), text);
}

TEST(Function, SaysHowItsChildDiedWithoutAnAnswer) {
  const auto result = kCrash(SIGSEGV);
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().message(),
            "call crash: no answer, the child was killed by signal 11 (SEGV)");
}

TEST(Function, RefusesWrongArgumentsAtCompileTime) {
  static_assert(std::is_invocable_v<decltype(kAdd), int, int>);
  static_assert(!std::is_invocable_v<decltype(kAdd), int>);
  static_assert(!std::is_invocable_v<decltype(kAdd), int, std::string>);
  static_assert(!std::is_invocable_v<decltype(kRepeat), int, int>);
  static_assert(std::is_same_v<decltype(kDivide(1, 2)), Result<int>>);
}

TEST(Function, RunsManyTimesAtOnce) {
  std::vector<Call<int>> calls;
  for (int i = 0; i < 50; ++i) {
    auto call = kAdd.start(i, 1000);
    ASSERT_TRUE(call) << call.error().message();
    calls.push_back(std::move(*call));
  }
  for (int i = 0; i < 50; ++i) {
    const auto sum = calls[static_cast<std::size_t>(i)].wait();
    ASSERT_TRUE(sum) << sum.error().message();
    EXPECT_EQ(*sum, i + 1000);
  }
}

TEST(Function, OffersADescriptorToPollForItsAnswer) {
  auto call = kAdd.start(1, 1);
  ASSERT_TRUE(call);
  pollfd ready{call->fd(), POLLIN, 0};
  EXPECT_EQ(::poll(&ready, 1, 10000), 1);
  EXPECT_EQ(call->wait().value_or(0), 2);
}

}  // namespace
}  // namespace mycontainer::reexec::testing
