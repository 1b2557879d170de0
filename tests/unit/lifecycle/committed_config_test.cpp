#include <gtest/gtest.h>

#include "runtime/lifecycle/commit.h"

namespace mycontainer::runtime::lifecycle {
namespace {

using rootfs::image::ContainerConfig;

oci::Spec spec_of(std::vector<std::string> env, std::uint32_t uid = 0) {
  oci::Spec spec;
  spec.process.emplace();
  spec.process->env = std::move(env);
  spec.process->user.uid = spec.process->user.gid = uid;
  spec.process->cwd = "/";
  return spec;
}

TEST(CommittedConfig, HasTheContainersCommandAndLabels) {
  ContainerConfig base;
  base.cmd = {"sh"};
  base.volumes = {"/data"};
  state::Record record;
  record.entrypoint = {"/init"};
  record.command = {"serve"};
  record.labels = {{"a", "1"}};
  record.stop_signal = 2;
  const auto config = committed_config(base, record, spec_of({}));
  EXPECT_EQ(config.entrypoint, std::vector<std::string>{"/init"});
  EXPECT_EQ(config.cmd, std::vector<std::string>{"serve"});
  EXPECT_EQ(config.labels, record.labels);
  EXPECT_EQ(config.volumes, base.volumes);
  EXPECT_EQ(config.stop_signal, "SIGINT");
}

TEST(CommittedConfig, HasNoVariablesThatEveryContainerGets) {
  state::Record record;
  record.hostname = "0123";
  record.terminal = true;
  const auto spec = spec_of({"PATH=/bin", "HOSTNAME=0123", "TERM=xterm", "A=1", "HOME=/root"});
  EXPECT_EQ(committed_config({}, record, spec).env, (std::vector<std::string>{"PATH=/bin", "A=1"}));
}

TEST(CommittedConfig, KeepsVariablesThatTheImageOrTheUserSaid) {
  ContainerConfig base;
  base.env = {"HOME=/srv", "HOSTNAME=0123"};
  state::Record record;
  record.hostname = "0123";
  const auto spec = spec_of({"HOSTNAME=0123", "TERM=vt100", "HOME=/srv"});
  EXPECT_EQ(committed_config(base, record, spec).env, spec.process->env);
}

TEST(CommittedConfig, HasAUserOnlyWhenItIsNotRoot) {
  EXPECT_EQ(committed_config({}, {}, spec_of({})).user, "");
  EXPECT_EQ(committed_config({}, {}, spec_of({}, 7)).user, "7:7");
  ContainerConfig base;
  base.user = "ada";
  EXPECT_EQ(committed_config(base, {}, spec_of({}, 1000)).user, "ada");
  EXPECT_EQ(committed_config(base, {}, spec_of({}, 0)).user, "0");
}

}  // namespace
}  // namespace mycontainer::runtime::lifecycle
