#include "cmd/options/security_options.h"

#include <filesystem>

#include "tests/unit/options/parsing.h"

namespace mycontainer::cmd::options {
namespace {

using runtime::engine::SeccompRequest;
using Words = std::vector<std::string>;

TEST(Capabilities, AreNamedWithOrWithoutTheirPrefixInAnyCase) {
  const auto request =
      request_with({"--cap-add", "NET_ADMIN", "--cap-add", "cap_sys_ptrace", "--cap-add", "all",
                    "--cap-drop", "CAP_CHOWN", "--cap-drop=ALL"});
  EXPECT_EQ(request.cap_add, (Words{"CAP_NET_ADMIN", "CAP_SYS_PTRACE", "ALL"}));
  EXPECT_EQ(request.cap_drop, (Words{"CAP_CHOWN", "ALL"}));
}

TEST(Capabilities, MustBeKnown) {
  expect_errors({{{"--cap-add", "FOO"}, "unknown capability: \"FOO\""},
                 {{"--cap-drop", "CAP_"}, "unknown capability: \"CAP_\""},
                 {{"--cap-add", ""}, "unknown capability: \"\""},
                 {{"--cap-add", "CAP_CAP_CHOWN"}, "unknown capability"}});
}

TEST(SecurityOpt, ChoosesTheSeccompProfile) {
  EXPECT_EQ(request_with({}).seccomp.kind, SeccompRequest::Kind::kDefault);
  EXPECT_EQ(request_with({"--security-opt", "seccomp=unconfined"}).seccomp.kind,
            SeccompRequest::Kind::kUnconfined);
  EXPECT_EQ(request_with({"--security-opt", "seccomp:unconfined"}).seccomp.kind,
            SeccompRequest::Kind::kUnconfined);
  const auto file = request_with({"--security-opt", "seccomp=/etc/a=b.json"}).seccomp;
  EXPECT_EQ(file.kind, SeccompRequest::Kind::kFile);
  EXPECT_EQ(file.file, "/etc/a=b.json");
  const auto builtin =
      request_with({"--security-opt=seccomp=/x", "--security-opt=seccomp=builtin"});
  EXPECT_EQ(builtin.seccomp.kind, SeccompRequest::Kind::kDefault);
  EXPECT_EQ(builtin.seccomp.file, "");
}

TEST(SecurityOpt, TakesARelativeProfileFromTheWorkingDirectory) {
  const std::string here = std::filesystem::current_path();
  EXPECT_EQ(request_with({"--security-opt", "seccomp=x.json"}).seccomp.file, here + "/x.json");
}

TEST(SecurityOpt, ForbidsNewPrivileges) {
  EXPECT_FALSE(request_with({}).no_new_privileges);
  EXPECT_TRUE(request_with({"--security-opt", "no-new-privileges"}).no_new_privileges);
  EXPECT_TRUE(request_with({"--security-opt", "no-new-privileges:true"}).no_new_privileges);
  EXPECT_TRUE(request_with({"--security-opt", "no-new-privileges=true"}).no_new_privileges);
  EXPECT_FALSE(request_with({"--security-opt", "no-new-privileges=false"}).no_new_privileges);
}

TEST(SecurityOpt, NamesAnAppArmorProfile) {
  EXPECT_EQ(request_with({"--security-opt", "apparmor=docker-default"}).apparmor_profile,
            "docker-default");
  EXPECT_EQ(request_with({"--security-opt", "apparmor:unconfined"}).apparmor_profile, "unconfined");
}

TEST(SecurityOpt, RefusesTheRest) {
  expect_errors({{{"--security-opt", "foo"}, "Invalid --security-opt: \"foo\""},
                 {{"--security-opt", "foo=bar"}, "Invalid --security-opt: \"foo=bar\""},
                 {{"--security-opt", ""}, "Invalid --security-opt: \"\""},
                 {{"--security-opt", "label=disable"}, "SELinux labels are not supported"},
                 {{"--security-opt", "seccomp="}, "needs a FILE"},
                 {{"--security-opt", "apparmor="}, "needs the name of a profile"},
                 {{"--security-opt", "no-new-privileges=x"}, "neither true nor false"}});
}

TEST(Sysctl, BelongsToANamespaceOfTheContainers) {
  const auto sysctls = request_with({"--sysctl", "net.ipv4.ip_forward=1", "--sysctl",
                                     "kernel.msgmax=9", "--sysctl", "fs.mqueue.msg_max=a=b"})
                           .sysctls;
  EXPECT_EQ(sysctls, (runtime::oci::StringMap{{"net.ipv4.ip_forward", "1"},
                                              {"kernel.msgmax", "9"},
                                              {"fs.mqueue.msg_max", "a=b"}}));
}

TEST(Sysctl, OfTheHostIsRefused) {
  for (const char* bad : {"kernel.panic=1", "net.core.x", "vm.swappiness=1", "", "=1",
                          "net.../../kernel=1", "net./../kernel/panic=1"}) {
    EXPECT_EQ(
        error_with({"--sysctl", bad}),
        fmt::format("invalid argument \"{}\" for \"--sysctl\" flag: sysctl '{}' is not allowed",
                    bad, bad));
  }
}

TEST(Sysctl, OfASharedNamespaceIsRefused) {
  expect_errors({{{"--network", "host", "--sysctl", "net.ipv4.ip_forward=1"},
                  "sysctl 'net.ipv4.ip_forward' not allowed in host network namespace"},
                 {{"--ipc", "host", "--sysctl", "kernel.msgmax=1"},
                  "sysctl 'kernel.msgmax' not allowed in host ipc namespace"},
                 {{"--sysctl", "fs.mqueue.msg_max=1", "--ipc=host"}, "host ipc namespace"}});
}

}  // namespace
}  // namespace mycontainer::cmd::options
