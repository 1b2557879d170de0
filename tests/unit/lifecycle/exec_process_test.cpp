#include "runtime/lifecycle/exec_process.h"

#include <gtest/gtest.h>

namespace mycontainer::runtime::lifecycle {
namespace {

using Env = std::vector<std::string>;

TEST(ExecEnvironment, WhatIsAskedForComesOverTheContainers) {
  ProcessRequest request;
  request.env = {"B=new", "C=3", "C=4"};
  EXPECT_EQ(environment_for(request, {"A=1", "B=2", "BB=5"}, ""),
            (Env{"A=1", "BB=5", "B=new", "C=4"}));
}

TEST(ExecEnvironment, AnotherUserDoesNotKeepTheHomeThatWasTheUsers) {
  ProcessRequest request;
  EXPECT_EQ(environment_for(request, {"A=1", "HOME=/root"}, "/root"), (Env{"A=1", "HOME=/root"}));
  request.user.emplace();
  EXPECT_EQ(environment_for(request, {"A=1", "HOME=/root"}, "/root"), (Env{"A=1"}));
}

TEST(ExecEnvironment, AHomeThatSomebodyChoseStays) {
  ProcessRequest request;
  request.user.emplace();
  EXPECT_EQ(environment_for(request, {"HOME=/chosen"}, "/root"), (Env{"HOME=/chosen"}));
  EXPECT_EQ(environment_for(request, {"HOME=/root", "A=1"}, "/root"), (Env{"HOME=/root", "A=1"}));
  request.env = {"HOME=/mine"};
  EXPECT_EQ(environment_for(request, {"A=1", "HOME=/root"}, "/root"), (Env{"A=1", "HOME=/mine"}));
}

TEST(ExecEnvironment, ATerminalHasAType) {
  ProcessRequest request;
  EXPECT_EQ(environment_for(request, {}, ""), Env{});
  request.terminal = true;
  EXPECT_EQ(environment_for(request, {}, ""), Env{"TERM=xterm"});
  EXPECT_EQ(environment_for(request, {"TERM=vt100"}, ""), Env{"TERM=vt100"});
}

TEST(NotStarted, HasDockersStatusWhereItHasNone) {
  EXPECT_EQ(not_started(Error{"x", 0, {}, 0}).value().exit_status, 126);
  EXPECT_EQ(not_started(Error{"x", 0, {}, 127}).value().exit_status, 127);
}

}  // namespace
}  // namespace mycontainer::runtime::lifecycle
