#include "runtime/oci/state.h"

#include <gtest/gtest.h>

namespace mycontainer::runtime::oci {
namespace {

State running() { return {"1.2.0", "box", "running", 4422, "/containers/box", {{"key", "value"}}}; }

TEST(StateDocument, HasTheSpecificationsProperties) {
  EXPECT_EQ(to_json(running()), R"({"ociVersion":"1.2.0","id":"box","status":"running","pid":4422,)"
                                R"("bundle":"/containers/box","annotations":{"key":"value"}})");
}

TEST(StateDocument, LeavesOutThePidOfNobody) {
  State state = running();
  state.status = "stopped";
  state.pid = 0;
  state.annotations.clear();
  EXPECT_EQ(to_json(state),
            R"({"ociVersion":"1.2.0","id":"box","status":"stopped","bundle":"/containers/box"})");
}

TEST(StateDocument, IsIndentedWhenAskedAndSurvivesStrangeBytes) {
  State state{"1.2.0", "a", "creating", 0, "/\xff\"\n", {}};
  EXPECT_EQ(to_json(state, 2),
            "{\n  \"ociVersion\": \"1.2.0\",\n  \"id\": \"a\",\n  \"status\": \"creating\",\n"
            "  \"bundle\": \"/\xef\xbf\xbd\\\"\\n\"\n}");
}

TEST(ContainerProcessState, NamesTheDescriptorAndHoldsTheContainersState) {
  const ContainerProcessState state{"1.2.0", {kSeccompFdName}, 4423, "MKNOD=/dev/null", running()};
  EXPECT_EQ(to_json(state),
            R"({"ociVersion":"1.2.0","fds":["seccompFd"],"pid":4423,"metadata":"MKNOD=/dev/null",)"
            R"("state":)" +
                to_json(running()) + "}");
}

}  // namespace
}  // namespace mycontainer::runtime::oci
