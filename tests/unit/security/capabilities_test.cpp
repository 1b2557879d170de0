#include "runtime/security/capabilities.h"

#include <gtest/gtest.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <functional>

namespace mycontainer::runtime::security {
namespace {

using Names = std::vector<std::string>;

CapabilityMask resolved(const CapabilityRequest& request,
                        CapabilityMask available = kAllCapabilities) {
  const auto capabilities = resolve(request, available);
  EXPECT_TRUE(capabilities) << capabilities.error().message();
  return parse_capabilities(*capabilities).sets.bounding;
}

// What `body` returns in a child of its own, because capabilities cannot be had back.
int in_child(const std::function<int()>& body) {
  const pid_t child = ::fork();
  if (child == 0) ::_exit(body());
  int status = 0;
  EXPECT_EQ(::waitpid(child, &status, 0), child);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

struct Held {
  CapabilityMask effective, permitted, inheritable;
};
Held held() {
  __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
  __user_cap_data_struct data[2] = {};
  ::syscall(SYS_capget, &header, data);
  const auto join = [](std::uint32_t low, std::uint32_t high) {
    return CapabilityMask{high} << 32 | low;
  };
  return {join(data[0].effective, data[1].effective), join(data[0].permitted, data[1].permitted),
          join(data[0].inheritable, data[1].inheritable)};
}

TEST(Capabilities, HaveDockersFourteenByDefault) {
  const Names expected = {"CAP_CHOWN",       "CAP_DAC_OVERRIDE", "CAP_FOWNER",
                          "CAP_FSETID",      "CAP_KILL",         "CAP_SETGID",
                          "CAP_SETUID",      "CAP_SETPCAP",      "CAP_NET_BIND_SERVICE",
                          "CAP_NET_RAW",     "CAP_SYS_CHROOT",   "CAP_MKNOD",
                          "CAP_AUDIT_WRITE", "CAP_SETFCAP"};
  const auto capabilities = resolve({}, kAllCapabilities);
  ASSERT_TRUE(capabilities);
  EXPECT_EQ(capabilities->bounding, expected);
  EXPECT_EQ(capabilities->effective, expected);
  EXPECT_EQ(capabilities->permitted, expected);
  EXPECT_TRUE(capabilities->inheritable.empty());
  EXPECT_TRUE(capabilities->ambient.empty());
}

TEST(Capabilities, AreAddedAndDroppedInAnySpelling) {
  EXPECT_EQ(resolved({{"net_admin", "CAP_SYS_TIME"}, {"chown", "cap_kill"}, false}),
            (kDefaultCapabilities | capability_bit(CAP_NET_ADMIN) | capability_bit(CAP_SYS_TIME)) &
                ~capability_bit(CAP_CHOWN) & ~capability_bit(CAP_KILL));
}

TEST(Capabilities, TreatAllAsDockerDoes) {
  EXPECT_EQ(resolved({{"ALL"}, {}, false}), kAllCapabilities);
  EXPECT_EQ(resolved({{"all"}, {"SYS_ADMIN"}, false}),
            kAllCapabilities & ~capability_bit(CAP_SYS_ADMIN));
  EXPECT_EQ(resolved({{}, {"ALL"}, false}), 0u);
  EXPECT_EQ(resolved({{"CHOWN"}, {"ALL"}, false}), capability_bit(CAP_CHOWN));
  EXPECT_EQ(resolved({{"ALL"}, {"ALL"}, false}), kAllCapabilities);
  EXPECT_EQ(resolved({{}, {"CHOWN"}, true}), kAllCapabilities);
}

TEST(Capabilities, AreAddedWhenAlsoDropped) {
  EXPECT_EQ(resolved({{"CHOWN"}, {"CHOWN"}, false}), kDefaultCapabilities);
}

TEST(Capabilities, NeverExceedWhatIsAvailable) {
  const CapabilityMask available = kAllCapabilities & ~capability_bit(CAP_SYS_RESOURCE);
  EXPECT_EQ(resolved({{}, {}, true}, available), available);
  EXPECT_EQ(resolved({{"ALL"}, {}, false}, available), available);
  EXPECT_EQ(resolved({}, capability_bit(CAP_CHOWN)), capability_bit(CAP_CHOWN));
  const auto refused = resolve({{"SYS_RESOURCE"}, {}, false}, available);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().message(), "--cap-add: CAP_SYS_RESOURCE is not available here");
}

TEST(Capabilities, RefuseUnknownNames) {
  for (const char* name :
       {"", "CAP_", "CAP_NOPE", "CAP_ALL", "CAP_CAP_CHOWN", "CHOWN ", "41", "CAP_CHOWNX"}) {
    EXPECT_FALSE(resolve({{name}, {}, false}, kAllCapabilities)) << name;
    EXPECT_FALSE(resolve({{}, {name}, false}, kAllCapabilities)) << name;
  }
  EXPECT_EQ(resolve({{}, {"NOPE"}, false}, kAllCapabilities).error().message(),
            "--cap-drop: unknown capability NOPE");
}

TEST(Capabilities, HaveOneNameForEachNumber) {
  for (int number = 0; number < static_cast<int>(kCapabilityNames.size()); ++number)
    EXPECT_EQ(capability_number(capability_name(number)), number);
  EXPECT_EQ(capability_names(0), Names{});
}

TEST(Capabilities, OfASpecificationMayBeUnknown) {
  oci::Capabilities spec;
  spec.bounding = {"CAP_CHOWN", "CAP_FUTURE"};
  spec.effective = {"CAP_FUTURE", "CAP_OTHER"};
  const ParsedCapabilities parsed = parse_capabilities(spec);
  EXPECT_EQ(parsed.sets.bounding, capability_bit(CAP_CHOWN));
  EXPECT_EQ(parsed.sets.effective, 0u);
  EXPECT_EQ(parsed.unknown, (Names{"CAP_FUTURE", "CAP_OTHER"}));
}

TEST(Capabilities, AllOfTheKernelAreThereInANewUserNamespace) {
  EXPECT_EQ(available_capabilities(true), (capability_bit(last_capability()) << 1) - 1);
  EXPECT_EQ(available_capabilities(false), held().permitted & kAllCapabilities);
}

class ChildCapabilities : public testing::Test {
 protected:
  void SetUp() override {
    if ((held().effective & capability_bit(CAP_SETPCAP)) == 0) GTEST_SKIP() << "needs CAP_SETPCAP";
  }
};

TEST_F(ChildCapabilities, AreExactlyThoseAskedFor) {
  EXPECT_EQ(0, in_child([] {
              CapabilitySets sets;
              sets.bounding = sets.effective = sets.permitted = kDefaultCapabilities;
              if (!drop_bounding(sets.bounding) || !set_capabilities(sets)) return 1;
              if (held().permitted != sets.permitted || held().effective != sets.effective)
                return 2;
              if (held().inheritable != 0) return 3;
              for (int number = 0; number <= last_capability(); ++number) {
                const int expected = (sets.bounding & capability_bit(number)) ? 1 : 0;
                if (::prctl(PR_CAPBSET_READ, number, 0, 0, 0) != expected) return 4;
              }
              return 0;
            }));
}

TEST_F(ChildCapabilities, NotHeldAreLeftOutWithoutAnError) {
  EXPECT_EQ(0, in_child([] {
              CapabilitySets none_of_admin;
              none_of_admin.permitted = none_of_admin.effective =
                  kDefaultCapabilities & ~capability_bit(CAP_CHOWN);
              if (!set_capabilities(none_of_admin)) return 1;
              CapabilitySets more;
              more.permitted = more.effective = more.ambient = kAllCapabilities;
              if (!set_capabilities(more)) return 2;
              return held().permitted == none_of_admin.permitted ? 0 : 3;
            }));
}

TEST_F(ChildCapabilities, CanBeAmbientWhenPermittedAndInheritable) {
  EXPECT_EQ(0, in_child([] {
              CapabilitySets sets;
              sets.permitted = sets.effective =
                  capability_bit(CAP_CHOWN) | capability_bit(CAP_KILL);
              sets.inheritable = capability_bit(CAP_CHOWN);
              sets.ambient = sets.permitted;
              if (!set_capabilities(sets)) return 1;
              if (::prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_IS_SET, CAP_CHOWN, 0, 0) != 1) return 2;
              if (::prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_IS_SET, CAP_KILL, 0, 0) != 0) return 3;
              return 0;
            }));
}

TEST_F(ChildCapabilities, SurviveTheChangeOfUserWhenKept) {
  EXPECT_EQ(0, in_child([] {
              const CapabilityMask before = held().permitted;
              if (!keep_capabilities() || ::setresuid(1000, 1000, 1000) != 0) return 1;
              if (held().permitted != before || held().effective != 0) return 2;
              if (!raise_permitted()) return 3;
              return held().effective == before ? 0 : 4;
            }));
}

}  // namespace
}  // namespace mycontainer::runtime::security
