#include "runtime/oci/number_list.h"

#include <gtest/gtest.h>

namespace mycontainer::runtime::oci {
namespace {

using Mask = std::vector<std::uint64_t>;

TEST(NumberList, IsAMaskOfNumbersAndRanges) {
  EXPECT_EQ(parse_number_list("0-3,7").value(), Mask({0x8f}));
  EXPECT_EQ(parse_number_list(" 1 , 3-3\n").value(), Mask({0xa}));
  EXPECT_EQ(parse_number_list("63-64").value(), Mask({std::uint64_t{1} << 63, 1}));
  EXPECT_EQ(parse_number_list("").value(), Mask());
}

TEST(NumberList, RefusesWhatIsNotOne) {
  for (const char* bad :
       {",", "1,", "1,,2", "-1", "1-", "3-1", "a", "0x1", "8192", "1 2", "0-99999"})
    EXPECT_FALSE(parse_number_list(bad)) << bad;
}

}  // namespace
}  // namespace mycontainer::runtime::oci
