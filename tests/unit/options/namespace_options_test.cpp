#include "cmd/options/namespace_options.h"

#include "tests/unit/options/parsing.h"

namespace mycontainer::cmd::options {
namespace {

using runtime::engine::UsernsMode;

TEST(Namespaces, AreTheContainersOwnUnlessToldOtherwise) {
  const auto request = request_with({});
  EXPECT_TRUE(request.networks.empty());
  EXPECT_EQ(request.userns, UsernsMode::kHost);
  EXPECT_FALSE(request.host_pid);
  EXPECT_FALSE(request.host_ipc);
  EXPECT_FALSE(request.host_uts);
}

TEST(Namespaces, AreSharedWithTheHostOnRequest) {
  EXPECT_TRUE(is_host_network(request_with({"--network", "host"})));
  EXPECT_TRUE(request_with({"--pid", "host"}).host_pid);
  EXPECT_TRUE(request_with({"--ipc=host"}).host_ipc);
  EXPECT_TRUE(request_with({"--uts", "host"}).host_uts);
  EXPECT_EQ(request_with({"--userns", "auto"}).userns, UsernsMode::kAuto);
}

TEST(Namespaces, TakeTheWordsForTheDefault) {
  EXPECT_FALSE(request_with({"--ipc=host", "--ipc=private"}).host_ipc);
  EXPECT_FALSE(request_with({"--pid=host", "--pid="}).host_pid);
  EXPECT_FALSE(request_with({"--uts=host", "--uts="}).host_uts);
  EXPECT_EQ(request_with({"--userns=auto", "--userns=host"}).userns, UsernsMode::kHost);
}

TEST(Namespaces, OfOtherKindsAreRefused) {
  expect_errors({{{"--pid", "container:x"}, "invalid PID mode"},
                 {{"--ipc", "shareable"}, "invalid IPC mode"},
                 {{"--uts", "private"}, "invalid UTS mode"},
                 {{"--userns", "keep-id"}, "invalid USER mode"}});
}

}  // namespace
}  // namespace mycontainer::cmd::options
