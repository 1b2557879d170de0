#include "runtime/cgroup/systemd_unit.h"

#include <gtest/gtest.h>

namespace mycontainer::runtime::cgroup {
namespace {

std::string parsed(std::string_view path, bool rootless = false) {
  const auto unit = parse_systemd_path(path, rootless);
  if (!unit) return unit.error().message();
  return unit->name + " in " + unit->slice + (unit->is_slice ? " (slice)" : "");
}

TEST(SystemdPath, NamesAScopeInASlice) {
  EXPECT_EQ(parsed("machine.slice:libpod:c1"), "libpod-c1.scope in machine.slice");
  EXPECT_EQ(parsed("a-b.slice:cri-containerd:f00"), "cri-containerd-f00.scope in a-b.slice");
}

TEST(SystemdPath, WithoutASliceIsInThatOfTheSystemOrTheUser) {
  EXPECT_EQ(parsed(":p:c1"), "p-c1.scope in system.slice");
  EXPECT_EQ(parsed(":p:c1", true), "p-c1.scope in user.slice");
}

TEST(SystemdPath, WithoutAPrefixHasNoDash) {
  EXPECT_EQ(parsed("::c1"), "c1.scope in system.slice");
}

TEST(SystemdPath, MayNameASliceUnit) {
  EXPECT_EQ(parsed("a.slice:p:a-b.slice"), "a-b.slice in a.slice (slice)");
}

TEST(SystemdPath, OfAnotherFormIsRefused) {
  const std::string form = " is not of the form slice:prefix:name";
  for (const std::string path : {"/a/b", "a:b", "a.slice:b:c:d", ""}) {
    EXPECT_EQ(parsed(path), "linux.cgroupsPath: \"" + path + "\"" + form);
  }
  EXPECT_EQ(parsed("a.slice:b:"), "linux.cgroupsPath: \"a.slice:b:\" names no unit");
}

TEST(SystemdPath, WithNamesThatSystemdDoesNotTakeIsRefused) {
  EXPECT_EQ(parsed("a:b:c"), "linux.cgroupsPath: \"a\" is not the name of a slice");
  EXPECT_EQ(parsed("../x.slice:b:c"),
            "linux.cgroupsPath: \"../x.slice\" is not the name of a slice");
  EXPECT_NE(parsed("::a/b").find("not a name"), std::string::npos);
  EXPECT_NE(parsed("::" + std::string(250, 'a')).find("not a name"), std::string::npos);
}

std::string expanded(std::string_view slice) {
  const auto path = expand_slice(slice);
  return path ? "[" + *path + "]" : "refused";
}

TEST(Slice, LiesInThoseItsDashesName) {
  EXPECT_EQ(expanded("a.slice"), "[/a.slice]");
  EXPECT_EQ(expanded("a-b-c.slice"), "[/a.slice/a-b.slice/a-b-c.slice]");
  EXPECT_EQ(expanded("-.slice"), "[]");
}

TEST(Slice, OfABadNameIsRefused) {
  for (const char* name : {"", ".slice", "a", "a.scope", "-a.slice", "a-.slice", "a--b.slice",
                           "a/b.slice", "--.slice"}) {
    EXPECT_EQ(expanded(name), "refused") << name;
  }
}

}  // namespace
}  // namespace mycontainer::runtime::cgroup
