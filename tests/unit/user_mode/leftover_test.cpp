#include "runtime/network/user_mode/leftover.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <stdlib.h>

#include <chrono>
#include <csignal>

#include "reexec/command.h"
#include "reexec/sys/file.h"

namespace mycontainer::runtime::network {
namespace {

using namespace std::chrono_literals;

class Leftover : public testing::Test {
 protected:
  void SetUp() override {
    char name[] = "/tmp/leftover.XXXXXX";
    ASSERT_NE(::mkdtemp(name), nullptr);
    path_ = name;
    directory_ = *sys::open_at(AT_FDCWD, path_, O_RDONLY | O_DIRECTORY);
  }
  void TearDown() override { (void)sys::remove_tree_at(AT_FDCWD, path_); }

  std::string path_;
  UniqueFd directory_;
};

TEST_F(Leftover, WhatIsRecordedIsEnded) {
  auto process = reexec::Command::program("sleep", {"100"}).start();
  ASSERT_TRUE(process);
  ASSERT_TRUE(record_provider(directory_.get(), process->pid()));
  end_leftover_provider(path_);
  const auto status = process->wait_for(5s);
  ASSERT_TRUE(status && *status);
  EXPECT_EQ((*status)->value, SIGKILL);
}

TEST_F(Leftover, AnotherProcessOfTheSameNumberIsLeftAlone) {
  auto process = reexec::Command::program("sleep", {"100"}).start();
  ASSERT_TRUE(process);
  ASSERT_TRUE(sys::write_file_at(directory_.get(), "provider",
                                 fmt::format("{} 1\n", process->pid()), O_WRONLY | O_CREAT, 0600));
  end_leftover_provider(path_);
  const auto status = process->wait_for(200ms);
  ASSERT_TRUE(status);
  EXPECT_FALSE(*status);
}

TEST_F(Leftover, WhateverTheFileHoldsIsHarmless) {
  end_leftover_provider(path_);
  for (const char* text : {"", "x", "-1 5\n", "0 0\n", "1 1\n", "99999999999 1\n"}) {
    ASSERT_TRUE(
        sys::write_file_at(directory_.get(), "provider", text, O_WRONLY | O_CREAT | O_TRUNC, 0600));
    end_leftover_provider(path_);
  }
}

}  // namespace
}  // namespace mycontainer::runtime::network
