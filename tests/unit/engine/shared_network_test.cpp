#include "runtime/engine/shared_network.h"

#include <gtest/gtest.h>
#include <unistd.h>

namespace mycontainer::runtime::engine {
namespace {

const state::Roots kRoots{"/nonexistent", "/nonexistent"};

state::Record record_of(const std::string& network) {
  state::Record record;
  record.network = network;
  record.networks = {{.network = network}};
  return record;
}

oci::Spec spec_with_namespaces() {
  oci::Spec spec;
  spec.linux_config.namespaces = {{"user", {}}, {"network", {}}};
  return spec;
}

TEST(SharedNetwork, IsNothingForWhoHasOneOfHisOwn) {
  oci::Spec spec = spec_with_namespaces();
  for (const char* network : {"none", "host", "bridge", "pasta"}) {
    const auto shared = join_network(record_of(network), kRoots, spec);
    ASSERT_TRUE(shared) << network;
    EXPECT_TRUE(shared->namespaces.empty());
  }
  EXPECT_EQ(spec.linux_config.namespaces[1].path, "");
}

TEST(SharedNetwork, IsKeptOpenAndNamedByItsDescriptor) {
  oci::Spec spec = spec_with_namespaces();
  const auto shared = join_network(record_of("ns:/proc/self/ns/net"), kRoots, spec);
  ASSERT_TRUE(shared) << shared.error().message();
  ASSERT_EQ(shared->namespaces.size(), 1u);
  const std::string path = spec.linux_config.namespaces[1].path;
  EXPECT_EQ(path, fmt::format("/proc/self/fd/{}", shared->namespaces.front().get()));
  EXPECT_EQ(spec.linux_config.namespaces[0].path, "");
  EXPECT_EQ(::access(path.c_str(), R_OK), 0);
}

// Nobody but root enters the host's.
TEST(SharedNetwork, OfTheHostIsNotForOrdinaryUsers) {
  oci::Spec spec = spec_with_namespaces();
  state::Record record = record_of("ns:/proc/self/ns/net");
  record.rootless = true;
  const auto shared = join_network(record, kRoots, spec);
  ASSERT_FALSE(shared);
  EXPECT_NE(shared.error().message().find("takes root to join"), std::string::npos);
  EXPECT_NE(shared.error().hint.find("--network host"), std::string::npos);
}

TEST(SharedNetwork, RefusesWhatIsNone) {
  oci::Spec spec = spec_with_namespaces();
  for (const char* path : {"/dev/null", "/proc/self/ns/uts", "/proc/self/status"}) {
    const auto shared = join_network(record_of("ns:" + std::string(path)), kRoots, spec);
    ASSERT_FALSE(shared) << path;
    EXPECT_EQ(shared.error().message(), fmt::format("{} is not a network namespace", path));
  }
  const auto missing = join_network(record_of("ns:/nonexistent"), kRoots, spec);
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().code, ENOENT);
}

TEST(SharedNetwork, TakesAContainerThatRuns) {
  oci::Spec spec = spec_with_namespaces();
  const auto shared = join_network(record_of("container:abc"), kRoots, spec);
  ASSERT_FALSE(shared);
  EXPECT_EQ(shared.error().message(), "cannot join network of a non running container: abc");
}

}  // namespace
}  // namespace mycontainer::runtime::engine
