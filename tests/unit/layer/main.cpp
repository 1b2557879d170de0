// The test program unpacks layers in copies of itself.
#include <gtest/gtest.h>

#include "reexec/registry.h"
#include "rootfs/layer/unpack_layer.h"

namespace {

constexpr auto kEntries = mycontainer::reexec::table(
    mycontainer::reexec::Entry{mycontainer::rootfs::layer::kUnpackLayerEntry,
                               mycontainer::rootfs::layer::unpack_layer_main, ""});

}  // namespace

int main(int argc, char** argv) {
  if (const auto code = mycontainer::reexec::dispatch(argc, argv, kEntries)) return *code;
  ::testing::InitGoogleTest(&argc, argv);
  return RUN_ALL_TESTS();
}
