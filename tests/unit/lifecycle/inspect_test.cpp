#include "runtime/lifecycle/inspect.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include "reexec/sys/file.h"
#include "runtime/lifecycle/disk_usage.h"
#include "runtime/lifecycle/mount_points.h"
#include "runtime/lifecycle/utc_time.h"
#include "runtime/oci/defaults.h"

namespace mycontainer::runtime::lifecycle {
namespace {

constexpr state::Nanoseconds kSecond = 1'000'000'000, kTime = 1'795'192'559 * kSecond;

oci::Mount bind(const char* source, const char* destination,
                std::vector<std::string> options = {"rbind", "rprivate"}) {
  oci::Mount mount;
  mount.type = "bind";
  mount.source = source;
  mount.destination = destination;
  mount.options = std::move(options);
  return mount;
}

struct Scene {
  state::Roots roots{"/data", "/state"};
  state::Record record;
  oci::Spec spec;
  std::string status = "running";

  Scene() {
    record.id = "0123";
    record.name = "web";
    record.image = "busybox";
    record.created = kTime;
    record.args = {"/bin/sh", "-c", "true"};
    record.command = {"-c", "true"};
    record.entrypoint = {"/bin/sh"};
    record.state.status = state::Status::kRunning;
    record.state.pid = 4711;
    record.state.started = kTime + 5;
    spec.process.emplace();
    spec.process->env = {"A=1"};
    spec.mounts = oci::default_mounts();
  }
  [[nodiscard]] nlohmann::ordered_json document(
      std::optional<std::uint64_t> size = std::nullopt) const {
    return inspect_document({roots, record, record.state, status, spec, size});
  }
};

TEST(InspectDocument, BeginsAsDockersDoes) {
  const auto document = Scene().document();
  std::vector<std::string> keys;
  for (const auto& [key, value] : document.items()) keys.push_back(key);
  EXPECT_EQ((std::vector<std::string>(keys.begin(), keys.begin() + 5)),
            (std::vector<std::string>{"Id", "Created", "Path", "Args", "State"}));
  EXPECT_EQ(keys.back(), "NetworkSettings");
  EXPECT_EQ(document["Created"], "2026-11-20T16:35:59Z");
  EXPECT_EQ(document["Path"], "/bin/sh");
  EXPECT_EQ(document["Args"].dump(), R"(["-c","true"])");
  EXPECT_EQ(document["Name"], "/web");
  EXPECT_EQ(document["LogPath"], "/data/containers/0123/log.json");
}

TEST(InspectDocument, TellsTheState) {
  Scene scene;
  auto state = scene.document()["State"];
  EXPECT_EQ(state["Status"], "running");
  EXPECT_EQ(state["Running"], true);
  EXPECT_EQ(state["Pid"], 4711);
  EXPECT_EQ(state["StartedAt"], "2026-11-20T16:35:59.000000005Z");
  EXPECT_EQ(state["FinishedAt"], "0001-01-01T00:00:00Z");
  EXPECT_FALSE(state.contains("Health"));
  scene.status = "paused";
  state = scene.document()["State"];
  EXPECT_EQ(state["Running"], true);
  EXPECT_EQ(state["Paused"], true);
  scene.status = "exited";
  scene.record.state.exit_code = 137;
  scene.record.state.oom_killed = true;
  state = scene.document()["State"];
  EXPECT_EQ(state["Running"], false);
  EXPECT_EQ(state["Pid"], 0);
  EXPECT_EQ(state["ExitCode"], 137);
  EXPECT_EQ(state["OOMKilled"], true);
}

TEST(InspectDocument, TellsTheHealth) {
  Scene scene;
  scene.record.health_check.test = {"CMD", "true"};
  scene.record.state.health = {"healthy", 0, {{kTime, kTime + kSecond, 0, "fine\n"}}};
  const auto document = scene.document();
  EXPECT_EQ(document["State"]["Health"].dump(),
            R"({"Status":"healthy","FailingStreak":0,"Log":[{"Start":"2026-11-20T16:35:59Z",)"
            R"("End":"2026-11-20T16:36:00Z","ExitCode":0,"Output":"fine\n"}]})");
  EXPECT_EQ(document["Config"]["Healthcheck"].dump(), R"({"Test":["CMD","true"]})");
}

TEST(InspectDocument, TellsWhatWasAskedFor) {
  Scene scene;
  scene.record.labels = {{"team", "blue"}};
  scene.record.restart = {state::RestartKind::kOnFailure, 3};
  scene.record.stop_signal = 2;
  scene.spec.linux_config.namespaces = {{"pid", ""}, {"ipc", ""}};
  scene.spec.linux_config.resources.memory.emplace().limit = 64 << 20;
  auto& cpu = scene.spec.linux_config.resources.cpu.emplace();
  cpu.quota = 150'000;
  cpu.period = 100'000;
  scene.spec.mounts.push_back(bind("/srv", "/data", {"rbind", "rprivate", "rro"}));
  const auto document = scene.document(12);
  const auto& config = document["HostConfig"];
  EXPECT_EQ(config["RestartPolicy"].dump(), R"({"Name":"on-failure","MaximumRetryCount":3})");
  EXPECT_EQ(config["Memory"], 64 << 20);
  EXPECT_EQ(config["NanoCpus"], 1'500'000'000);
  EXPECT_EQ(config["Binds"].dump(), R"(["/srv:/data:ro"])");
  EXPECT_EQ(config["UTSMode"], "host");
  EXPECT_EQ(config["PidMode"], "");
  EXPECT_EQ(config["ShmSize"], 64 << 20);
  EXPECT_EQ(document["Config"]["Labels"].dump(), R"({"team":"blue"})");
  EXPECT_EQ(document["Config"]["StopSignal"], "SIGINT");
  EXPECT_EQ(document["Config"]["Cmd"].dump(), R"(["-c","true"])");
  EXPECT_EQ(document["Mounts"][0]["RW"], false);
  EXPECT_EQ(document["SizeRw"], 12);
}

TEST(InspectDocument, OfAnEmptyRecordIsWhole) {
  Scene scene;
  scene.record = state::Record{};
  scene.spec = oci::Spec{};
  EXPECT_EQ(scene.document()["Args"].dump(), "[]");
}

TEST(MountPoints, AreTheUsersAlone) {
  oci::Spec spec;
  spec.mounts = oci::default_mounts();
  spec.mounts.push_back(bind("/state/containers/0123/hosts", "/etc/hosts"));
  spec.mounts.push_back(bind("/dev/sda", "/dev/sda", {"bind", "rprivate"}));
  spec.mounts.push_back(bind("/sys", "/sys"));
  spec.mounts.push_back(bind("/my/hosts", "/etc/hosts", {"bind", "rshared", "ro"}));
  oci::Mount scratch;
  scratch.type = "tmpfs";
  scratch.destination = "/scratch";
  scratch.options = {"nosuid", "size=1m"};
  spec.mounts.push_back(scratch);
  const auto points = mount_points(spec, {}, {});
  ASSERT_EQ(points.size(), 1u);
  EXPECT_EQ(points[0].source, "/my/hosts");
  EXPECT_EQ(points[0].propagation, "rshared");
  EXPECT_FALSE(points[0].writable);
  EXPECT_FALSE(points[0].recursive);
  EXPECT_EQ(tmpfs_mounts(spec),
            (std::map<std::string, std::string>{{"/scratch", "nosuid,size=1m"}}));
}

TEST(MountPoints, OfVolumesHaveTheirNames) {
  oci::Spec spec;
  spec.mounts.push_back(
      bind("/d/volumes/data/_data", "/x",
           {"rbind", "rprivate", "ro", "x-mycontainer-volume", "x-mycontainer-subpath=a\\,b"}));
  oci::Mount scratch;
  scratch.type = "tmpfs";
  scratch.destination = "/t";
  scratch.options = {"x-mycontainer-volume"};
  spec.mounts.push_back(scratch);
  state::Record record;
  record.volumes = {{"0a", "/t", true, false}, {"data", "/x", false, true}};
  const auto points = mount_points(spec, record, {"/d", "/s"});
  ASSERT_EQ(points.size(), 2u);
  EXPECT_EQ(points[0].type, "volume");
  EXPECT_EQ(points[0].name, "data");
  EXPECT_EQ(points[0].subpath, "a,b");
  EXPECT_FALSE(points[0].writable);
  EXPECT_FALSE(points[0].anonymous);
  EXPECT_EQ(points[1].source, "/d/volumes/0a/_data");
  EXPECT_TRUE(points[1].anonymous);
  EXPECT_TRUE(tmpfs_mounts(spec).empty());
}

TEST(UtcTime, IsGos) {
  EXPECT_EQ(utc_time(kTime), "2026-11-20T16:35:59Z");
  EXPECT_EQ(utc_time(kTime + 120'000'000), "2026-11-20T16:35:59.12Z");
  EXPECT_EQ(utc_time(0), "0001-01-01T00:00:00Z");
  EXPECT_EQ(utc_time(-1), "1969-12-31T23:59:59.999999999Z");
}

TEST(TreeSize, CountsFilesOnceAndFollowsNothing) {
  char base[] = "/tmp/tree_size.XXXXXX";
  const std::string path = ::mkdtemp(base);
  EXPECT_EQ(tree_size(path), 0u);
  ASSERT_TRUE(sys::write_file_at(AT_FDCWD, path + "/a", "12345", O_WRONLY | O_CREAT, 0600));
  ASSERT_EQ(::link((path + "/a").c_str(), (path + "/b").c_str()), 0);
  ASSERT_EQ(::symlink("/usr", (path + "/l").c_str()), 0);  // four bytes itself
  EXPECT_EQ(tree_size(path), 9u);
  EXPECT_EQ(tree_size(path + "/none"), 0u);
  ASSERT_TRUE(sys::remove_tree_at(AT_FDCWD, path));
}

// Deeper than a path can be long.
TEST(TreeSize, OfADeepTree) {
  char base[] = "/tmp/tree_size.XXXXXX";
  const std::string path = ::mkdtemp(base);
  const std::string name(200, 'd');
  UniqueFd directory(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  for (int depth = 0; depth < 60; ++depth) {
    ASSERT_EQ(::mkdirat(directory.get(), name.c_str(), 0700), 0);
    directory.reset(::openat(directory.get(), name.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  }
  ASSERT_TRUE(sys::write_file_at(directory.get(), "f", "123", O_WRONLY | O_CREAT, 0600));
  EXPECT_EQ(tree_size(path), 3u);
  ASSERT_TRUE(sys::remove_tree_at(AT_FDCWD, path));
}

}  // namespace
}  // namespace mycontainer::runtime::lifecycle
