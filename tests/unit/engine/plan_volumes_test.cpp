#include "runtime/engine/plan_volumes.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "runtime/state/volumes.h"
#include "tests/support/temporary_directory.h"

namespace mycontainer::runtime::engine {
namespace {

using rootfs::volume::VolumeStore;

struct PlanVolumes : testing::Test {
  test::TemporaryDirectory directory;
  state::Roots roots{directory / "data", directory / "state"};
  VolumeStore store = VolumeStore::open(roots.data).value();
  RunRequest request;

  void ask(const std::string& name, const std::string& destination) {
    MountRequest mount;
    mount.kind = MountRequest::Kind::kVolume;
    mount.source = name;
    mount.destination = destination;
    request.mounts.push_back(std::move(mount));
  }
  VolumePlan plan(const std::vector<std::string>& of_image = {}) {
    auto planned = plan_volumes(request, of_image, roots);
    EXPECT_TRUE(planned) << planned.error().message();
    return planned ? *std::move(planned) : VolumePlan{};
  }
};

TEST(ImageVolume, IsNeverAPlaceThatMattersToTheContainer) {
  for (const char* path : {"/", "/.", "//", "/proc", "/proc/", "/proc/self/attr", "/sys",
                           "/sys/fs/cgroup", "/dev", "/dev/shm", "/x/..", "/..", "/a/../proc",
                           "/a/../../etc", "relative", "", "..", "//proc//x", "/./sys"}) {
    EXPECT_FALSE(image_volume_path(path)) << path;
  }
  EXPECT_EQ(image_volume_path("/var/lib//data/").value(), "/var/lib/data");
  EXPECT_EQ(image_volume_path("/process").value(), "/process");
  EXPECT_EQ(image_volume_path("/a..b").value(), "/a..b");
}

TEST_F(PlanVolumes, MakesNothing) {
  ask("data", "/x");
  const VolumePlan planned = plan();
  ASSERT_EQ(planned.volumes.size(), 1U);
  EXPECT_EQ(planned.mounts[0].volume.data, store.data("data"));
  EXPECT_EQ(planned.record[0].name, "data");
  EXPECT_TRUE(planned.record[0].copy_up);
  EXPECT_FALSE(std::filesystem::exists(roots.data));
}

TEST_F(PlanVolumes, OfAnImageAreAnonymousUnlessSomethingElseIsThere) {
  ask("data", "/x");
  MountRequest scratch;
  scratch.kind = MountRequest::Kind::kTmpfs;
  scratch.destination = "/tmpfs";
  request.mounts.push_back(scratch);
  const VolumePlan planned = plan({"/x", "/tmpfs/", "/y", "/y/"});
  ASSERT_EQ(planned.record.size(), 2U);
  EXPECT_EQ(planned.record[1].destination, "/y");
  EXPECT_TRUE(planned.record[1].anonymous);
  EXPECT_EQ(planned.record[1].name.size(), 64U);
  EXPECT_FALSE(plan_volumes(request, {"/proc/self"}, roots));
}

TEST_F(PlanVolumes, AVolumeThatIsThereSaysItselfWhatItIs) {
  rootfs::volume::Volume volume;
  volume.name = "fast";
  volume.options = {{"type", "tmpfs"}, {"device", "tmpfs"}};
  ASSERT_TRUE(store.create(volume));
  ask("fast", "/x");
  const VolumePlan planned = plan();
  EXPECT_EQ(planned.mounts[0].volume.options.at("type"), "tmpfs");
  EXPECT_FALSE(planned.record[0].copy_up) << "there is nothing on the disk to fill";
}

TEST_F(PlanVolumes, ADriverThatIsNotThereIsAnError) {
  ask("data", "/x");
  request.mounts[0].volume.driver = "nfs";
  EXPECT_FALSE(plan_volumes(request, {}, roots));
  request.mounts[0].volume.driver = "local";
  EXPECT_TRUE(plan_volumes(request, {}, roots));
}

TEST_F(PlanVolumes, AnonymousOnesGoWithTheContainerThatDoesNotStay) {
  ask("data", "/x");
  ask("", "/y");
  const VolumePlan planned = plan();
  state::Record record;
  record.id = "0123";
  record.volumes = planned.record;
  {
    const auto made = NewVolumes::make(planned.volumes, record, roots);
    ASSERT_TRUE(made) << made.error().message();
    EXPECT_EQ(store.list()->size(), 2U);
  }
  ASSERT_EQ(store.list()->size(), 1U);
  EXPECT_EQ(store.list()->front().name, "data");
  {
    auto made = NewVolumes::make(planned.volumes, record, roots);
    ASSERT_TRUE(made);
    made->keep();
  }
  EXPECT_EQ(store.list()->size(), 2U);
}

TEST_F(PlanVolumes, OfAnotherContainerMustBeThere) {
  ask("data", "/x");
  request.mounts[0].volume.must_exist = true;
  const VolumePlan planned = plan();
  EXPECT_FALSE(planned.record[0].copy_up);
  const state::Record record;
  const auto made = NewVolumes::make(planned.volumes, record, roots);
  ASSERT_FALSE(made);
  EXPECT_EQ(made.error().message(), "no such volume: data");
  EXPECT_FALSE(store.find("data"));
}

}  // namespace
}  // namespace mycontainer::runtime::engine
