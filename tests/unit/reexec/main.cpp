// The tests re-execute themselves: their hidden entries come first.
#include <gtest/gtest.h>

#include "tests/unit/reexec/entries.h"

int main(int argc, char** argv) {
  using mycontainer::reexec::dispatch;
  if (const auto code = dispatch(argc, argv, mycontainer::reexec::testing::kEntries)) return *code;
  ::testing::InitGoogleTest(&argc, argv);
  return RUN_ALL_TESTS();
}
