#include "cmd/options/spelling.h"

#include <gtest/gtest.h>

#include <array>

namespace mycontainer::cmd::options {
namespace {

Result<void> accept(int&, std::string_view) { return {}; }

constexpr Apply kAccept = apply_to<int, accept>;
constexpr std::array kTable = {
    Option{"interactive", 'i', "", "", kAccept}, Option{"tty", 't', "", "", kAccept},
    Option{"env", 'e', "list", "", kAccept},     Option{"entrypoint", 0, "string", "", kAccept},
    Option{"trace", 0, "[=file]", "", kAccept},
};

using Words = std::vector<std::string>;

Words words_of(const std::vector<const char*>& arguments) {
  auto spelled = spell(kTable, arguments);
  EXPECT_TRUE(spelled) << (spelled ? "" : spelled.error().message());
  return spelled ? spelled->words : Words{};
}

std::string error_of(const std::vector<const char*>& arguments) {
  auto spelled = spell(kTable, arguments);
  return spelled ? std::string() : spelled.error().operation;
}

std::size_t rest_of(const std::vector<const char*>& arguments) {
  auto spelled = spell(kTable, arguments);
  return spelled ? spelled->rest : arguments.size() + 1;
}

TEST(Spell, TakesShortFlagsTogetherInAnyOrder) {
  EXPECT_EQ(words_of({"-it"}), (Words{"--interactive", "--tty"}));
  EXPECT_EQ(words_of({"-ti"}), (Words{"--tty", "--interactive"}));
}

TEST(Spell, TakesAValueAttachedAfterEqualsOrFromTheNextWord) {
  const Words expected = {"--env", "K=V"};
  EXPECT_EQ(words_of({"-eK=V"}), expected);
  EXPECT_EQ(words_of({"-e=K=V"}), expected);
  EXPECT_EQ(words_of({"-e", "K=V"}), expected);
  EXPECT_EQ(words_of({"--env=K=V"}), expected);
  EXPECT_EQ(words_of({"--env", "K=V"}), expected);
}

TEST(Spell, TakesAValueAtTheEndOfShortFlags) {
  EXPECT_EQ(words_of({"-iteK=V"}), (Words{"--interactive", "--tty", "--env", "K=V"}));
  EXPECT_EQ(words_of({"-ite", "K=V"}), (Words{"--interactive", "--tty", "--env", "K=V"}));
}

TEST(Spell, TakesAnEmptyValue) {
  EXPECT_EQ(words_of({"--entrypoint="}), (Words{"--entrypoint", ""}));
  EXPECT_EQ(words_of({"--entrypoint", ""}), (Words{"--entrypoint", ""}));
}

TEST(Spell, TakesAValueThatLooksLikeAnOption) {
  EXPECT_EQ(words_of({"-e", "--tty"}), (Words{"--env", "--tty"}));
  EXPECT_EQ(words_of({"-e", "--"}), (Words{"--env", "--"}));
}

TEST(Spell, GivesAFlagItsValueAfterEqualsOnly) {
  EXPECT_EQ(words_of({"--tty=false"}), (Words{"--tty=false"}));
  EXPECT_EQ(words_of({"-t=false"}), (Words{"--tty=false"}));
  EXPECT_EQ(words_of({"-it=false"}), (Words{"--interactive", "--tty=false"}));
  EXPECT_EQ(words_of({"--trace", "file"}), (Words{"--trace"}));
  EXPECT_EQ(words_of({"--trace=file"}), (Words{"--trace=file"}));
}

TEST(Spell, EndsAtTheFirstWordThatIsNoOption) {
  EXPECT_EQ(rest_of({"-i", "alpine", "-t"}), 1u);
  EXPECT_EQ(rest_of({"-e", "A=1", "alpine"}), 2u);
  EXPECT_EQ(rest_of({"-"}), 0u);
  EXPECT_EQ(rest_of({""}), 0u);
  EXPECT_EQ(rest_of({}), 0u);
}

TEST(Spell, EndsAfterTwoDashes) {
  EXPECT_EQ(rest_of({"-i", "--", "-t"}), 2u);
  EXPECT_EQ(words_of({"-i", "--", "-t"}), (Words{"--interactive"}));
}

TEST(Spell, LeavesAMissingValueForTheParser) {
  EXPECT_EQ(words_of({"-e"}), (Words{"--env"}));
  EXPECT_EQ(words_of({"--env"}), (Words{"--env"}));
}

TEST(Spell, NotesEachOptionOnce) {
  const auto spelled = spell(kTable, std::vector<const char*>{"-eA=1", "-eB=2", "-i"});
  ASSERT_TRUE(spelled);
  ASSERT_EQ(spelled->used.size(), 2u);
  EXPECT_STREQ(spelled->used[0]->name, "env");
  EXPECT_STREQ(spelled->used[1]->name, "interactive");
}

TEST(Spell, RefusesWhatIsNotInTheTable) {
  EXPECT_EQ(error_of({"--foo"}), "unknown flag: --foo");
  EXPECT_EQ(error_of({"--foo=1"}), "unknown flag: --foo");
  EXPECT_EQ(error_of({"-itx"}), "unknown shorthand flag: 'x' in -itx");
  EXPECT_EQ(error_of({"---tty"}), "bad flag syntax: ---tty");
  EXPECT_EQ(error_of({"--=x"}), "bad flag syntax: --=x");
}

TEST(Spell, SuggestsTheNearestName) {
  const auto spelled = spell(kTable, std::vector<const char*>{"--entrypiont=/x"});
  ASSERT_FALSE(spelled);
  EXPECT_EQ(spelled.error().hint, "did you mean --entrypoint?");
}

}  // namespace
}  // namespace mycontainer::cmd::options
