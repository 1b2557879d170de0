#include "cmd/options/mount_options.h"

#include <filesystem>

#include "tests/unit/options/parsing.h"

namespace mycontainer::cmd::options {
namespace {

using runtime::engine::DeviceRequest;
using runtime::engine::MountRequest;
using Words = std::vector<std::string>;

MountRequest mount_of(std::vector<const char*> options) {
  const auto mounts = request_with(std::move(options)).mounts;
  EXPECT_EQ(mounts.size(), 1u);
  return mounts.empty() ? MountRequest{} : mounts.front();
}

DeviceRequest device_of(const char* value) {
  const auto devices = request_with({"--device", value}).devices;
  EXPECT_EQ(devices.size(), 1u);
  return devices.empty() ? DeviceRequest{} : devices.front();
}

TEST(Volume, BindsAHostDirectoryAndMakesItWhenMissing) {
  const MountRequest mount = mount_of({"-v", "/srv/data:/data"});
  EXPECT_EQ(mount.kind, MountRequest::Kind::kBind);
  EXPECT_EQ(mount.source, "/srv/data");
  EXPECT_EQ(mount.destination, "/data");
  EXPECT_FALSE(mount.readonly);
  EXPECT_TRUE(mount.recursive);
  EXPECT_TRUE(mount.create_source);
  EXPECT_EQ(mount.propagation, "");
}

TEST(Volume, TakesOptionsByCommas) {
  const MountRequest mount = mount_of({"--volume", "/a:/b:ro,rshared,Z"});
  EXPECT_TRUE(mount.readonly);
  EXPECT_EQ(mount.propagation, "rshared");
  EXPECT_FALSE(mount_of({"-v", "/a:/b:rw,cached"}).readonly);
}

TEST(Volume, TakesARelativeSourceFromTheWorkingDirectory) {
  const std::string here = std::filesystem::current_path();
  EXPECT_EQ(mount_of({"-v", "./x:/x"}).source, here + "/x");
  EXPECT_EQ(mount_of({"-v", ".:/x"}).source, here);
}

TEST(Volume, CleansBothPaths) {
  const MountRequest mount = mount_of({"-v", "/a//b/../c/:/x/./y/"});
  EXPECT_EQ(mount.source, "/a/c");
  EXPECT_EQ(mount.destination, "/x/y");
}

TEST(Volume, RefusesWhatItCannotMount) {
  expect_errors({{{"-v", ":/x"}, "invalid spec: :/x: empty section between colons"},
                 {{"-v", "/a:"}, "empty section between colons"},
                 {{"-v", ""}, "empty section between colons"},
                 {{"-v", "/a:/b:ro:x"}, "invalid volume specification: '/a:/b:ro:x'"},
                 {{"-v", "a"}, "mount path must be absolute"},
                 {{"-v", "d:/x"}, "too short"},
                 {{"-v", "da/ta:/x"}, "includes invalid characters for a local volume name"},
                 {{"-v", "/a:/x:nocopy"}, "invalid mode: nocopy"},
                 {{"-v", "data:/x:U"}, "invalid mode: U"},
                 {{"-v", "/a:x"}, "mount path must be absolute"},
                 {{"-v", "/a:/"}, "destination can't be '/'"},
                 {{"-v", "/a:/x/.."}, "destination can't be '/'"},
                 {{"-v", "/a:/proc"}, "destination can't be '/proc'"},
                 {{"-v", "/a:/b:foo"}, "invalid mode: foo"},
                 {{"-v", "/a:/b:ro,rw"}, "invalid mode: ro,rw"},
                 {{"-v", "/a:/b:shared,slave"}, "invalid mode: shared,slave"},
                 {{"-v", "/a:/b:ro,"}, "invalid mode: ro,"}});
}

TEST(Volume, OfANameOutlivesItsContainer) {
  const MountRequest mount = mount_of({"-v", "data:/x:ro,nocopy"});
  EXPECT_EQ(mount.kind, MountRequest::Kind::kVolume);
  EXPECT_EQ(mount.source, "data");
  EXPECT_EQ(mount.destination, "/x");
  EXPECT_TRUE(mount.readonly);
  EXPECT_TRUE(mount.volume.no_copy);
  EXPECT_FALSE(mount_of({"-v", "data:/x:z"}).volume.no_copy);
}

TEST(Volume, WithoutANameIsAnonymous) {
  const MountRequest mount = mount_of({"-v", "/x/"});
  EXPECT_EQ(mount.kind, MountRequest::Kind::kVolume);
  EXPECT_EQ(mount.source, "");
  EXPECT_EQ(mount.destination, "/x");
}

TEST(Volume, HasTheDriverThatWasNamedForAll) {
  EXPECT_EQ(mount_of({"-v", "data:/x", "--volume-driver", "nfs"}).volume.driver, "nfs");
  EXPECT_EQ(mount_of({"--volume-driver", "nfs", "--mount", "src=data,dst=/x,volume-driver=local"})
                .volume.driver,
            "local");
}

TEST(Mount, IsAVolumeUnlessItSaysOtherwise) {
  const MountRequest mount =
      mount_of({"--mount",
                "src=data,dst=/"
                "x,readonly,volume-nocopy,volume-label=a=b,volume-label=c,volume-opt=type=tmpfs,"
                "volume-subpath=d/e"});
  EXPECT_EQ(mount.kind, MountRequest::Kind::kVolume);
  EXPECT_EQ(mount.source, "data");
  EXPECT_TRUE(mount.readonly);
  EXPECT_TRUE(mount.volume.no_copy);
  EXPECT_EQ(mount.volume.labels, (runtime::oci::StringMap{{"a", "b"}, {"c", ""}}));
  EXPECT_EQ(mount.volume.options, (runtime::oci::StringMap{{"type", "tmpfs"}}));
  EXPECT_EQ(mount.volume.subpath, "d/e");
  EXPECT_EQ(mount_of({"--mount", "type=volume,dst=/x"}).source, "");
}

TEST(VolumesFrom, AreAskedForByContainer) {
  EXPECT_EQ(request_with({"--volumes-from", "a", "--volumes-from", "b:ro"}).volumes_from,
            (Words{"a", "b:ro"}));
}

TEST(Mount, BindsAnExistingSource) {
  const MountRequest mount =
      mount_of({"--mount", "type=bind,source=/a,target=/b,readonly,bind-propagation=rslave"});
  EXPECT_EQ(mount.kind, MountRequest::Kind::kBind);
  EXPECT_EQ(mount.source, "/a");
  EXPECT_EQ(mount.destination, "/b");
  EXPECT_TRUE(mount.readonly);
  EXPECT_FALSE(mount.create_source);
  EXPECT_TRUE(mount.recursive);
  EXPECT_EQ(mount.propagation, "rslave");
}

TEST(Mount, TakesEverySpellingOfItsKeys) {
  const MountRequest one = mount_of({"--mount", "dst=/b,src=/a,TYPE=bind,ro=false"});
  EXPECT_EQ(one.source, "/a");
  EXPECT_EQ(one.destination, "/b");
  EXPECT_FALSE(one.readonly);
  EXPECT_EQ(mount_of({"--mount", "type=bind,src=/a,destination=/b,ro"}).readonly, true);
}

TEST(Mount, BindsWithoutWhatIsMountedBelow) {
  EXPECT_FALSE(mount_of({"--mount", "type=bind,src=/a,dst=/b,bind-nonrecursive"}).recursive);
  EXPECT_FALSE(mount_of({"--mount", "type=bind,src=/a,dst=/b,bind-nonrecursive=true"}).recursive);
  EXPECT_TRUE(mount_of({"--mount", "type=bind,src=/a,dst=/b,bind-nonrecursive=0"}).recursive);
  EXPECT_FALSE(mount_of({"--mount", "type=bind,src=/a,dst=/b,bind-recursive=disabled"}).recursive);
}

TEST(Mount, ReadsQuotedFields) {
  const MountRequest mount = mount_of({"--mount", R"(type=bind,"src=/a,b ""c""",dst=/b)"});
  EXPECT_EQ(mount.source, R"(/a,b "c")");
}

TEST(Mount, MakesATmpfs) {
  const MountRequest mount =
      mount_of({"--mount", "type=tmpfs,target=/t,tmpfs-size=64m,tmpfs-mode=1770,ro"});
  EXPECT_EQ(mount.kind, MountRequest::Kind::kTmpfs);
  EXPECT_EQ(mount.destination, "/t");
  EXPECT_TRUE(mount.readonly);
  EXPECT_EQ(mount.options, (Words{"size=67108864", "mode=1770"}));
}

TEST(Mount, RefusesWhatItCannotMount) {
  expect_errors({
      {{"--mount", "type=bind"}, "target is required"},
      {{"--mount", ""}, "invalid field '' must be a key=value pair"},
      {{"--mount", "type=bind,src=/a,dst=/b,foo"}, "invalid field 'foo' must be a key=value pair"},
      {{"--mount", "type=bind,src=/a,dst=/b,foo=1"}, "unexpected key 'foo' in 'foo=1'"},
      {{"--mount", "type=bind,src=/a,dst=/b,bind-x=1"}, "unexpected key 'bind-x' in 'bind-x=1'"},
      {{"--mount", "type=tmpfs,dst=/b,tmpfs-x=1"}, "unexpected key 'tmpfs-x' in 'tmpfs-x=1'"},
      {{"--mount", "type=bind,dst=/b"}, "needs a source"},
      {{"--mount", "type=bind,src=a,dst=/b"}, "mount path must be absolute"},
      {{"--mount", "type=bind,src=/a,dst=b"}, "mount path must be absolute"},
      {{"--mount", "type=bind,src=/a,dst=/"}, "destination can't be '/'"},
      {{"--mount", "type=bind,src=/a,dst=/b,ro=maybe"}, "invalid value for ro: maybe"},
      {{"--mount", "type=bind,src=/a,dst=/b,bind-propagation=x"}, "bind-propagation: x"},
      {{"--mount", "type=bind,src=/a,dst=/b,bind-recursive=x"}, "bind-recursive: x"},
      {{"--mount", "type=bind,src=/a,dst=/b,tmpfs-size=1"}, "cannot mix 'tmpfs-*' options"},
      {{"--mount", "type=tmpfs,dst=/b,bind-nonrecursive"}, "cannot mix 'bind-*' options"},
      {{"--mount", "type=tmpfs,dst=/b,src=/a"}, "a tmpfs mount has no source"},
      {{"--mount", "type=tmpfs,dst=/b,tmpfs-mode=9"}, "invalid value for tmpfs-mode: 9"},
      {{"--mount", "type=tmpfs,dst=/b,tmpfs-mode=77777"}, "invalid value for tmpfs-mode: 77777"},
      {{"--mount", "type=tmpfs,dst=/b,tmpfs-size=x"}, "invalid value for tmpfs-size: x"},
      {{"--mount", "src=/a,dst=/b"}, "includes invalid characters for a local volume name"},
      {{"--mount", "src=data,dst=/b,bind-recursive=disabled"}, "cannot mix 'bind-*' options"},
      {{"--mount", "src=data,dst=/b,tmpfs-size=1"}, "cannot mix 'tmpfs-*' options"},
      {{"--mount", "type=bind,src=/a,dst=/b,volume-nocopy"}, "cannot mix 'volume-*' options"},
      {{"--mount", "src=data,dst=/b,volume-x=1"}, "unexpected key 'volume-x' in 'volume-x=1'"},
      {{"--mount", "src=data,dst=/b,volume-subpath=/x"}, "must be a relative path"},
      {{"--mount", "src=data,dst=/b,volume-subpath=a/../../x"}, "must be a relative path"},
      {{"--mount", "src=data,dst=/b,volume-opt==x"}, "invalid value for volume-opt: =x"},
      {{"--volumes-from", "c:rx"}, "invalid mode for volumes-from: rx"},
      {{"--volumes-from", ":ro"}, "invalid volumes-from specification"},
      {{"--mount", "type=npipe,dst=/b"}, "mount type 'npipe' is not known"},
      {{"--mount", "type=bind,sr\"c=/a"}, "bare \" in non-quoted field"},
      {{"--mount", "\"type=bind"}, "no closing \""},
      {{"--mount", "\"type=bind\"x"}, "after a quoted field's closing \""},
  });
}

TEST(Tmpfs, TakesMountOptions) {
  const MountRequest mount = mount_of({"--tmpfs", "/x:size=64m,exec"});
  EXPECT_EQ(mount.kind, MountRequest::Kind::kTmpfs);
  EXPECT_EQ(mount.destination, "/x");
  EXPECT_EQ(mount.options, (Words{"size=64m", "exec"}));
  EXPECT_TRUE(mount_of({"--tmpfs", "/x"}).options.empty());
}

TEST(Tmpfs, RefusesWhatItCannotMount) {
  expect_errors({{{"--tmpfs", "x"}, "mount path must be absolute"},
                 {{"--tmpfs", "/"}, "destination can't be '/'"},
                 {{"--tmpfs", "/x:foo"}, "Invalid tmpfs option [\"foo\"]"},
                 {{"--tmpfs", "/x:size="}, "Invalid tmpfs option [\"size=\"]"},
                 {{"--tmpfs", "/x:foo=1"}, "Invalid tmpfs option [\"foo=1\"]"},
                 {{"--tmpfs", "/x:exec,,ro"}, "Invalid tmpfs option [\"\"]"}});
}

TEST(Mounts, MayNotShareAPlace) {
  EXPECT_EQ(error_with({"-v", "/a:/x", "--mount", "type=tmpfs,dst=/x/"}),
            "Duplicate mount point: /x");
  EXPECT_EQ(error_with({"--tmpfs", "/x", "-v", "/a:/y/../x"}), "Duplicate mount point: /x");
  EXPECT_EQ(request_with({"-v", "/a:/x", "-v", "/a:/x/y"}).mounts.size(), 2u);
}

TEST(Device, AppearsWhereItIsUnlessToldOtherwise) {
  const DeviceRequest same = device_of("/dev/fuse");
  EXPECT_EQ(same.host_path, "/dev/fuse");
  EXPECT_EQ(same.container_path, "/dev/fuse");
  EXPECT_EQ(same.access, "rwm");
  EXPECT_EQ(device_of("/dev/sda:/dev/xvda").container_path, "/dev/xvda");
}

TEST(Device, HasTheAccessThatIsAskedFor) {
  const DeviceRequest both = device_of("/dev/sda:/dev/xvda:rw");
  EXPECT_EQ(both.container_path, "/dev/xvda");
  EXPECT_EQ(both.access, "rw");
  const DeviceRequest only = device_of("/dev/sda:mr");
  EXPECT_EQ(only.container_path, "/dev/sda");
  EXPECT_EQ(only.access, "mr");
}

TEST(Device, RefusesBadPathsAndModes) {
  expect_errors({{{"--device", "foo"}, "foo is not an absolute path"},
                 {{"--device", ""}, "bad format for path: "},
                 {{"--device", "/dev/a:"}, "bad format for path: /dev/a:"},
                 {{"--device", "/dev/a:dev/b"}, "dev/b is not an absolute path"},
                 {{"--device", "/dev/a:/dev/b:q"}, "bad mode specified: q"},
                 {{"--device", "/dev/a:/dev/b:rr"}, "bad mode specified: rr"},
                 {{"--device", "/dev/a:/dev/b:"}, "bad mode specified: "},
                 {{"--device", "/dev/a:/dev/b:r:w"}, "bad mode specified: r:w"}});
}

}  // namespace
}  // namespace mycontainer::cmd::options
