// Every attribute, seen from inside the child.
#include "reexec/attributes.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <linux/capability.h>
#include <sched.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>

#include "reexec/sys/file.h"
#include "tests/unit/reexec/entries.h"
#include "tests/unit/reexec/support.h"

namespace mycontainer::reexec::testing {
namespace {

Result<Look> look_with(Attributes attributes) {
  Command command = kLook.command();
  command.attributes(std::move(attributes));
  TRY(auto call, kLook.start_with(command));
  return call.wait();
}

#define NEEDS_ROOT() \
  if (::geteuid() != 0) GTEST_SKIP() << "needs root"

TEST(Attributes, NewNamespacesAreNew) {
  NEEDS_ROOT();
  Attributes wanted;
  wanted.new_namespaces =
      CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWNET | CLONE_NEWCGROUP;
  const auto look = look_with(wanted);
  ASSERT_TRUE(look) << look.error().message();
  EXPECT_EQ(look->pid, 1);
  for (const char* name : {"mnt", "pid", "uts", "ipc", "net", "cgroup"}) {
    EXPECT_NE(look->namespaces.at(name), own_namespace(name)) << name;
  }
  EXPECT_EQ(look->namespaces.at("user"), own_namespace("user"));
}

TEST(Attributes, NothingIsNewUnlessAskedFor) {
  const auto look = look_with({});
  ASSERT_TRUE(look);
  for (const auto& [name, link] : look->namespaces) EXPECT_EQ(link, own_namespace(name)) << name;
  EXPECT_EQ(look->ppid, ::getpid());
  EXPECT_EQ(look->session, ::getsid(0));
  EXPECT_EQ(look->group, ::getpgrp());
}

// A child in namespaces of its own, for another to join.
struct Home {
  Command command = Command::entry("wait-for-close");
  Process process;
  explicit Home(std::uint64_t namespaces) : process(start(namespaces)) {}
  Process start(std::uint64_t namespaces) {
    command.attributes().new_namespaces = namespaces;
    if ((namespaces & CLONE_NEWUSER) != 0) {
      command.attributes().uid_map = {{0, 0, 100000}};
      command.attributes().gid_map = {{0, 0, 100000}};
    }
    return std::move(*command.start());
  }
  UniqueFd of(const std::string& name) const {
    const std::string path = "/proc/" + std::to_string(process.pid()) + "/ns/" + name;
    return UniqueFd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  }
};

TEST(Attributes, JoinsNamespacesByDescriptor) {
  NEEDS_ROOT();
  const Home home(CLONE_NEWUTS | CLONE_NEWNET);
  const UniqueFd uts = home.of("uts");
  const UniqueFd net = home.of("net");
  Attributes wanted;
  wanted.join = {{uts.get(), CLONE_NEWUTS}, {net.get(), CLONE_NEWNET}};
  const auto look = look_with(wanted);
  ASSERT_TRUE(look) << look.error().message();
  EXPECT_NE(look->namespaces.at("uts"), own_namespace("uts"));
  EXPECT_NE(look->namespaces.at("net"), own_namespace("net"));
  EXPECT_EQ(look->namespaces.at("ipc"), own_namespace("ipc"));
}

TEST(Attributes, AJoinedPidNamespaceHoldsTheStartedProcess) {
  NEEDS_ROOT();
  const Home home(CLONE_NEWPID | CLONE_NEWUSER);
  const UniqueFd user = home.of("user");
  const UniqueFd pid = home.of("pid");
  Command command = kLook.command();
  command.attributes().join = {{user.get(), CLONE_NEWUSER}, {pid.get(), CLONE_NEWPID}};
  command.attributes().credentials = Credentials{};
  command.attributes().new_namespaces = CLONE_NEWUTS;
  auto call = kLook.start_with(command);
  ASSERT_TRUE(call) << call.error().message();
  EXPECT_GT(call->process().pid(), 2);  // our number for it
  const auto look = call->wait();
  ASSERT_TRUE(look) << look.error().message();
  EXPECT_NE(look->namespaces.at("uts"), own_namespace("uts"));
  EXPECT_EQ(look->pid, 2);      // its home is 1; the process between was never in there
  EXPECT_EQ(child_count(), 1);  // only the home: the first process was reaped
}

TEST(Attributes, AFailureBehindAJoinedPidNamespaceLeavesNoZombie) {
  NEEDS_ROOT();
  const Home home(CLONE_NEWPID);
  const UniqueFd pid = home.of("pid");
  Command command = Command::program("/missing");
  command.attributes().join = {{pid.get(), CLONE_NEWPID}};
  EXPECT_EQ(command.run().error().message(), "exec /missing: No such file or directory (ENOENT)");
  EXPECT_EQ(child_count(), 1);
}

TEST(Attributes, AJoinOfTheWrongTypeIsAnError) {
  NEEDS_ROOT();
  const UniqueFd uts(::open("/proc/self/ns/uts", O_RDONLY | O_CLOEXEC));
  Attributes wanted;
  wanted.join = {{uts.get(), CLONE_NEWNET}};
  EXPECT_EQ(look_with(wanted).error().message(),
            "start look: enter namespace: Invalid argument (EINVAL)");
}

TEST(Attributes, MapsIdsAndBecomesRootOfTheNamespaceWithAllItsCapabilities) {
  NEEDS_ROOT();
  Attributes wanted;
  wanted.new_namespaces = CLONE_NEWUSER;
  wanted.uid_map = {{0, 100000, 1000}, {1000, 500000, 1}};
  wanted.gid_map = {{0, 200000, 1000}};
  const auto look = look_with(wanted);
  ASSERT_TRUE(look) << look.error().message();
  EXPECT_NE(look->namespaces.at("user"), own_namespace("user"));
  EXPECT_NE(look->uid_map.find("100000"), std::string::npos);
  EXPECT_NE(look->uid_map.find("500000"), std::string::npos);
  EXPECT_NE(look->gid_map.find("200000"), std::string::npos);
  EXPECT_EQ(look->setgroups, "allow\n");
  EXPECT_EQ(look->status.at("Uid"), "0\t0\t0\t0");
  EXPECT_EQ(look->status.at("Gid"), "0\t0\t0\t0");
  EXPECT_EQ(mask_of(*look, "CapEff"), mask_of(*look, "CapBnd"));
  EXPECT_NE(mask_of(*look, "CapEff"), 0u);
}

TEST(Attributes, DeniesSetgroupsWhenAskedTo) {
  NEEDS_ROOT();
  Attributes wanted;
  wanted.new_namespaces = CLONE_NEWUSER;
  wanted.uid_map = {{0, 0, 1}};
  wanted.gid_map = {{0, 0, 1}};
  wanted.deny_setgroups = true;
  const auto look = look_with(wanted);
  ASSERT_TRUE(look) << look.error().message();
  EXPECT_EQ(look->setgroups, "deny\n");
}

TEST(Attributes, RefusesMapsThatTheKernelRefusesAndLeavesNothing) {
  NEEDS_ROOT();
  Attributes wanted;
  wanted.new_namespaces = CLONE_NEWUSER;
  wanted.uid_map = {{0, 0, 10}, {5, 100, 10}};  // overlapping
  const auto look = look_with(wanted);
  ASSERT_FALSE(look);
  EXPECT_EQ(look.error().code, EINVAL);
  EXPECT_NE(look.error().operation.find("uid_map"), std::string::npos) << look.error().message();
  EXPECT_EQ(child_count(), 0);
  wanted.new_namespaces = 0;
  EXPECT_EQ(look_with(wanted).error().operation, "start look: id maps need a new user namespace");
}

Result<Look> as_ordinary_user(bool range, const std::string& path) {
  Command command = kLookInUserNamespace.command();
  command.attributes().credentials = Credentials{1000, 1000};
  TRY(auto call, kLookInUserNamespace.start_with(command, range, path));
  return call.wait();
}

TEST(Attributes, AnOrdinaryUserMapsItsOwnIdWithoutAnyHelper) {
  NEEDS_ROOT();
  const auto look = as_ordinary_user(false, "/nowhere");
  ASSERT_TRUE(look) << look.error().message();
  EXPECT_EQ(look->status.at("Uid"), "0\t0\t0\t0");
  EXPECT_EQ(look->setgroups, "deny\n");
  EXPECT_EQ(mask_of(*look, "CapEff"), mask_of(*look, "CapBnd"));
}

TEST(Attributes, AnOrdinaryUsersRangesGoThroughTheHelpersWhichAreQuoted) {
  NEEDS_ROOT();
  const TemporaryDirectory directory;
  ASSERT_EQ(::chmod(directory.path().c_str(), 0755), 0);
  const std::string helper = directory.path() + "/newgidmap";
  ASSERT_TRUE(sys::write_file_at(AT_FDCWD, helper, "#!/bin/sh\nshift; echo no: $@; exit 1\n",
                                 O_WRONLY | O_CREAT, 0755));
  const auto refused = as_ordinary_user(true, directory.path());
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().message(),
            "start look: newgidmap exited with code 1: no: 0 1000 1 1 100000 5");
  const auto absent = as_ordinary_user(true, "/nowhere");
  ASSERT_FALSE(absent);
  EXPECT_EQ(absent.error().operation, "start look: start newgidmap: find the program in PATH");
}

TEST(Attributes, SetsCredentialsAndGroups) {
  NEEDS_ROOT();
  Attributes wanted;
  wanted.credentials = Credentials{12345, 23456, std::vector<gid_t>{7, 8}};
  const auto look = look_with(wanted);
  ASSERT_TRUE(look) << look.error().message();
  EXPECT_EQ(look->status.at("Uid"), "12345\t12345\t12345\t12345");
  EXPECT_EQ(look->status.at("Gid"), "23456\t23456\t23456\t23456");
  EXPECT_EQ(look->status.at("Groups"), "7 8 ");
  EXPECT_EQ(mask_of(*look, "CapEff"), 0u);
}

TEST(Attributes, DropsAllSupplementaryGroupsUnlessTold) {
  NEEDS_ROOT();
  Attributes wanted;
  wanted.credentials = Credentials{1, 1};
  const auto look = look_with(wanted);
  ASSERT_TRUE(look);
  EXPECT_EQ(look->status.at("Groups"), "");
}

TEST(Attributes, SetsAllFiveCapabilitySets) {
  NEEDS_ROOT();
  constexpr std::uint64_t kChown = 1u << CAP_CHOWN;
  constexpr std::uint64_t kBind = 1u << CAP_NET_BIND_SERVICE;
  Attributes wanted;
  wanted.credentials = Credentials{1000, 1000};
  wanted.capabilities =
      CapabilitySets{kChown | kBind, kChown | kBind, kChown | kBind, kBind, kBind};
  const auto look = look_with(wanted);
  ASSERT_TRUE(look) << look.error().message();
  EXPECT_EQ(mask_of(*look, "CapBnd"), kChown | kBind);
  EXPECT_EQ(mask_of(*look, "CapInh"), kBind);
  EXPECT_EQ(mask_of(*look, "CapAmb"), kBind);
  // An ordinary user's execve keeps the ambient ones (capabilities(7)).
  EXPECT_EQ(mask_of(*look, "CapPrm"), kBind);
  EXPECT_EQ(mask_of(*look, "CapEff"), kBind);
}

TEST(Attributes, NoNewPrivileges) {
  EXPECT_EQ(look_with({}).value().status.at("NoNewPrivs"), "0");
  Attributes wanted;
  wanted.no_new_privs = true;
  EXPECT_EQ(look_with(wanted).value().status.at("NoNewPrivs"), "1");
}

TEST(Attributes, SessionAndProcessGroup) {
  Attributes wanted;
  wanted.new_session = true;
  auto look = look_with(wanted);
  ASSERT_TRUE(look);
  EXPECT_EQ(look->session, look->pid);
  EXPECT_EQ(look->group, look->pid);
  wanted = {};
  wanted.process_group = 0;
  look = look_with(wanted);
  ASSERT_TRUE(look);
  EXPECT_EQ(look->session, ::getsid(0));
  EXPECT_EQ(look->group, look->pid);
}

TEST(Attributes, Chroot) {
  NEEDS_ROOT();
  const TemporaryDirectory directory;
  ASSERT_EQ(::mkdir((directory.path() + "/only-this").c_str(), 0755), 0);
  // Our binary needs its libraries in the development build: a static one shows it.
  std::filesystem::copy_file("/bin/busybox", directory.path() + "/busybox");
  Command command = Command::program("/busybox", {"ls", "/"});
  command.attributes().chroot = directory.path();
  const auto output = command.output();
  ASSERT_TRUE(output) << output.error().message();
  EXPECT_EQ(output->out, "busybox\nonly-this\n");
  Command missing = Command::program("/busybox");
  missing.attributes().chroot = "/missing";
  EXPECT_EQ(missing.run().error().message(),
            "start /busybox: chroot: No such file or directory (ENOENT)");
}

TEST(Attributes, LimitsUmaskAndOomScore) {
  Attributes wanted;
  wanted.limits = {{RLIMIT_NOFILE, {100, 200}}, {RLIMIT_CORE, {0, 0}}};
  wanted.umask = 027;
  wanted.oom_score_adj = 567;
  const auto look = look_with(wanted);
  ASSERT_TRUE(look) << look.error().message();
  EXPECT_EQ(look->limits.at(RLIMIT_NOFILE), (std::pair<std::uint64_t, std::uint64_t>(100, 200)));
  EXPECT_EQ(look->limits.at(RLIMIT_CORE), (std::pair<std::uint64_t, std::uint64_t>(0, 0)));
  EXPECT_EQ(look->umask, 027);
  EXPECT_EQ(look->oom_score_adj, "567\n");
  EXPECT_NE(read_text("/proc/self/oom_score_adj"), "567\n");  // memory is shared, the score is not
}

TEST(Attributes, ABadLimitIsNamed) {
  Attributes wanted;
  wanted.limits = {{RLIMIT_NOFILE, {200, 100}}};
  EXPECT_EQ(look_with(wanted).error().message(),
            "start look: set resource limit: Invalid argument (EINVAL)");
}

TEST(Attributes, SignalsAreAllDefaultAndUnblockedWhateverTheParentDid) {
  struct sigaction before {};
  struct sigaction ignore {};
  ignore.sa_handler = SIG_IGN;
  ::sigaction(SIGPIPE, &ignore, &before);
  sigset_t blocked;
  sigset_t mask;
  ::sigemptyset(&blocked);
  ::sigaddset(&blocked, SIGTERM);
  ::sigprocmask(SIG_BLOCK, &blocked, &mask);
  const auto look = look_with({});
  Attributes keep;
  keep.keep_dispositions = true;
  keep.signal_mask = blocked;
  const auto kept = look_with(keep);
  ::sigprocmask(SIG_SETMASK, &mask, nullptr);
  ::sigaction(SIGPIPE, &before, nullptr);
  ASSERT_TRUE(look && kept);
  EXPECT_EQ(mask_of(*look, "SigIgn"), 0u);
  EXPECT_EQ(mask_of(*look, "SigBlk"), 0u);
  EXPECT_EQ(mask_of(*kept, "SigIgn") >> (SIGPIPE - 1) & 1, 1u);
  EXPECT_EQ(mask_of(*kept, "SigBlk"), std::uint64_t{1} << (SIGTERM - 1));
}

TEST(Attributes, IgnoresTheSignalsItIsToldTo) {
  Attributes wanted;
  wanted.ignored_signals = {SIGHUP, SIGUSR1};
  const auto look = look_with(wanted);
  ASSERT_TRUE(look);
  EXPECT_EQ(mask_of(*look, "SigIgn"), (1u << (SIGHUP - 1)) | (1u << (SIGUSR1 - 1)));
}

TEST(Attributes, TheDeathSignalSurvivesACredentialChange) {
  NEEDS_ROOT();
  Attributes wanted;
  wanted.parent_death_signal = SIGUSR2;
  wanted.credentials = Credentials{1000, 1000};
  wanted.new_namespaces = CLONE_NEWPID;  // where getppid() is 0 in any case
  const auto look = look_with(wanted);
  ASSERT_TRUE(look) << look.error().message();
  EXPECT_EQ(look->ppid, 0);
  EXPECT_EQ(look->death_signal, SIGUSR2);
}

// A cgroup directory of our own, removed afterwards.
struct Cgroup {
  std::string path;
  explicit Cgroup(const std::string& hierarchy)
      : path(hierarchy + "/mycontainer-test-" + std::to_string(::getpid())) {
    usable = ::mkdir(path.c_str(), 0755) == 0;
    fd.reset(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  }
  ~Cgroup() { ::rmdir(path.c_str()); }
  bool usable = false;
  UniqueFd fd;
};

void expect_to_be_born_in(const std::string& hierarchy) {
  const Cgroup cgroup(hierarchy);
  if (!cgroup.usable) GTEST_SKIP() << "no writable cgroup hierarchy at " << hierarchy;
  Attributes wanted;
  wanted.cgroup_fd = cgroup.fd.get();
  auto look = look_with(wanted);
  ASSERT_TRUE(look) << look.error().message();
  const std::string name = cgroup.path.substr(cgroup.path.rfind('/'));
  EXPECT_NE(look->cgroup.find(name), std::string::npos) << look->cgroup;
  // The root of its cgroup namespace is the cgroup it was born in, not the one we are in.
  wanted.new_namespaces = CLONE_NEWCGROUP;
  look = look_with(wanted);
  ASSERT_TRUE(look) << look.error().message();
  EXPECT_EQ(look->cgroup.find(name), std::string::npos) << look->cgroup;
  EXPECT_EQ(look->cgroup.find(".."), std::string::npos) << look->cgroup;
}

TEST(Attributes, ACgroupOfVersionTwoAtBirth) {
  NEEDS_ROOT();
  const bool pure = std::filesystem::exists("/sys/fs/cgroup/cgroup.procs");
  expect_to_be_born_in(pure ? "/sys/fs/cgroup" : "/sys/fs/cgroup/unified");
}

TEST(Attributes, ACgroupOfVersionOneByMovingThere) {
  NEEDS_ROOT();
  expect_to_be_born_in("/sys/fs/cgroup/pids");
}

}  // namespace
}  // namespace mycontainer::reexec::testing
