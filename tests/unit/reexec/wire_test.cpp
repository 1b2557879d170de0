#include "reexec/wire.h"

#include <gtest/gtest.h>

#include <random>

namespace mycontainer::reexec {
namespace {

enum class Colour : std::uint8_t { kRed, kGreen };

struct Inner {
  int number = 0;
  std::optional<std::string> note{};
  template <class Self>
  static auto fields(Self& self) {
    return std::tie(self.number, self.note);
  }
};

struct Everything {
  bool flag = false;
  std::int64_t big = 0;
  double ratio = 0;
  Colour colour = Colour::kRed;
  std::string text{};
  std::vector<Inner> inners{};
  std::map<std::string, std::uint32_t> table{};
  std::pair<char, std::tuple<short, bool>> mixed{};
  std::array<int, 3> fixed{};
  std::vector<bool> bits{};
  template <class Self>
  static auto fields(Self& self) {
    return std::tie(self.flag, self.big, self.ratio, self.colour, self.text, self.inners,
                    self.table, self.mixed, self.fixed, self.bits);
  }
};

// A type that contains itself: the depth is the bytes' choice.
struct Tree {
  std::vector<Tree> children{};
  template <class Self>
  static auto fields(Self& self) {
    return std::tie(self.children);
  }
};

Everything example() {
  Everything value;
  value.flag = true;
  value.big = -(std::int64_t{1} << 40);
  value.ratio = 0.5;
  value.colour = Colour::kGreen;
  value.text = std::string("nul\0inside", 10);
  value.inners = {{1, "one"}, {2, std::nullopt}};
  value.table = {{"a", 1}, {"b", 2}};
  value.mixed = {'x', {7, true}};
  value.fixed = {1, 2, 3};
  value.bits = {true, false, true};
  return value;
}

TEST(Wire, ReturnsEveryKindOfValueUnchanged) {
  const std::string bytes = encode(example());
  const auto value = decode<Everything>(bytes);
  ASSERT_TRUE(value) << value.error().message();
  EXPECT_EQ(encode(*value), bytes);
  EXPECT_EQ(value->text.size(), 10u);
  EXPECT_EQ(value->inners[0].note, "one");
  EXPECT_EQ(value->inners[1].note, std::nullopt);
  EXPECT_EQ(value->table.at("b"), 2u);
  EXPECT_EQ(value->bits, (std::vector<bool>{true, false, true}));
}

TEST(Wire, RefusesEveryTruncation) {
  const std::string bytes = encode(example());
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    const auto value = decode<Everything>(std::string_view(bytes).substr(0, size));
    ASSERT_FALSE(value) << "the first " << size << " bytes were taken for a whole value";
    EXPECT_EQ(value.error().code, EBADMSG);
  }
}

TEST(Wire, RefusesTrailingBytes) {
  EXPECT_FALSE(decode<int>(encode(1) + "x"));
  EXPECT_FALSE(decode<Everything>(encode(example()) + std::string(1, '\0')));
}

TEST(Wire, RefusesACountLargerThanWhatFollowsWithoutAllocating) {
  const std::string huge = encode(~std::uint64_t{0});
  EXPECT_FALSE(decode<std::string>(huge));
  EXPECT_FALSE(decode<std::vector<std::string>>(huge));
  EXPECT_FALSE((decode<std::map<int, int>>(huge)));
  EXPECT_FALSE(decode<std::vector<std::uint64_t>>(encode(std::uint64_t{9}) + std::string(9, 'x')));
}

TEST(Wire, RefusesABoolThatIsNeitherAndAKeyTwice) {
  EXPECT_FALSE(decode<bool>("\7"));
  EXPECT_FALSE(decode<std::optional<int>>(std::string("\2\1\0\0\0", 5)));
  const std::string pair = encode(1) + encode(2);
  EXPECT_FALSE((decode<std::map<int, int>>(encode(std::uint64_t{2}) + pair + pair)));
}

TEST(Wire, RefusesNestingWithoutEnd) {
  std::string bytes;
  for (int depth = 0; depth < 100000; ++depth)
    bytes += std::string(1, '\0') + encode(std::uint64_t{1});
  const auto tree = decode<Tree>(bytes);
  ASSERT_FALSE(tree);
  EXPECT_EQ(tree.error().code, EBADMSG);
}

TEST(Wire, SurvivesRandomBytes) {
  std::mt19937 random(1);
  const std::string good = encode(example());
  for (int round = 0; round < 20000; ++round) {
    std::string bytes = good;
    for (int change = 0; change < 1 + round % 8; ++change) {
      bytes[random() % bytes.size()] = static_cast<char>(random());
    }
    if (const auto value = decode<Everything>(bytes)) {
      EXPECT_EQ(encode(*value).size(), bytes.size());
    }
  }
}

TEST(Wire, CarriesAnErrorWhole) {
  const auto error = decode<Error>(encode(Error{"open x", 13, "try y", 126}));
  ASSERT_TRUE(error);
  EXPECT_EQ(error->operation, "open x");
  EXPECT_EQ(error->code, 13);
  EXPECT_EQ(error->hint, "try y");
  EXPECT_EQ(error->exit_status, 126);
}

}  // namespace
}  // namespace mycontainer::reexec
