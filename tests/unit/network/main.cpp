// The test program is also the name service that start_name_service() starts.
#include <gtest/gtest.h>

#include "reexec/registry.h"
#include "runtime/network/dns/service.h"

namespace {

namespace network = mycontainer::runtime::network;

constexpr auto kEntries = mycontainer::reexec::table(
    mycontainer::reexec::Entry{network::kNameServiceEntry, network::run_name_service, ""});

}  // namespace

int main(int argc, char** argv) {
  if (const auto code = mycontainer::reexec::dispatch(argc, argv, kEntries)) return *code;
  ::testing::InitGoogleTest(&argc, argv);
  return RUN_ALL_TESTS();
}
