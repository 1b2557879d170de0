#include "tests/fuzz/exercise.h"

#include <utility>

#include "reexec/wire.h"
#include "runtime/cgroup/device_program.h"
#include "runtime/cgroup/resources.h"
#include "runtime/launch/plan.h"
#include "runtime/oci/json.h"
#include "runtime/oci/validate.h"
#include "tests/fuzz/check_filter.h"
#include "tests/fuzz/strings.h"

namespace mycontainer::fuzz {
namespace {

using runtime::init::InitPlan;

Outcome refused(const Error& error) { return {error.message(), {}}; }
Outcome found(std::string what) { return {{}, std::move(what)}; }

// A host with one writable hierarchy and one that is not: what "type": "cgroup" unfolds to.
std::vector<runtime::oci::Mount> cgroup_mounts() {
  return {{"/sys/fs/cgroup", "tmpfs", "tmpfs", {"mode=755"}, {}, {}},
          {"/sys/fs/cgroup/pids", "bind", "/sys/fs/cgroup/pids/x", {"bind", "ro"}, {}, {}}};
}

// The configuration as the child would get it: the plan's bytes.
struct Planned {
  InitPlan plan;
  std::string bytes;
};

Result<Planned> plan(const runtime::oci::Spec& spec) {
  runtime::launch::InitFacts facts;
  facts.cgroup_mounts = cgroup_mounts();
  if (const auto& seccomp = spec.linux_config.seccomp) {
    TRY(facts.seccomp_filter, runtime::security::compile_seccomp(*seccomp));
    TRY(facts.seccomp_flags, runtime::security::seccomp_flags(*seccomp));
  }
  TRY(const auto start, runtime::launch::plan_start(spec));
  TRY(auto init, runtime::launch::plan_init(spec, start, facts));
  std::string bytes = reexec::encode(init);
  return Planned{std::move(init), std::move(bytes)};
}

Result<void> plan_cgroup(const runtime::oci::Resources& resources) {
  using namespace runtime::cgroup;
  for (const Version version : {Version::kV1, Version::kV2})
    TRY_VOID(settings_of(resources, version));
  TRY_VOID(device_settings(resources.devices));
  TRY_VOID(device_program(resources.devices));
  return {};
}

// Over the channel and back; and a message that was cut off, which must not pass for a whole one.
std::string check_channel(const Planned& planned) {
  const auto arrived = reexec::decode<InitPlan>(planned.bytes);
  if (!arrived) return "the plan cannot be decoded: " + arrived.error().message();
  if (reexec::encode(*arrived) != planned.bytes) return "the plan changed on the channel";
  const std::string_view half = std::string_view(planned.bytes).substr(0, planned.bytes.size() / 2);
  if (reexec::decode<InitPlan>(half)) return "half a plan was decoded";
  return {};
}

std::string check_plan(Planned planned) {
  if (std::string finding = check_channel(planned); !finding.empty()) return finding;
  planned.plan.identity.seccomp_filter.clear();  // bytes, not text
  if (holds_nul(planned.plan)) return "a string of the plan holds a NUL byte";
  return {};
}

Outcome exercise_plan(const runtime::oci::Spec& spec, const runtime::oci::Spec& again) {
  const auto planned = plan(spec);
  const auto planned_again = plan(again);
  if (planned.has_value() != planned_again.has_value()) return found("planned only once of twice");
  if (!planned) return refused(planned.error());
  if (planned->bytes != planned_again->bytes) return found("to_json loses what the plan needs");
  if (std::string finding = check_plan(*planned); !finding.empty()) return found(finding);
  if (const auto& seccomp = spec.linux_config.seccomp) {
    std::string finding = check_filter(*seccomp, planned->plan.identity.seccomp_filter);
    if (!finding.empty()) return found(std::move(finding));
  }
  if (const auto cgroup = plan_cgroup(spec.linux_config.resources); !cgroup)
    return refused(cgroup.error());
  return {};
}

}  // namespace

Outcome exercise_config(std::string_view text) {
  const auto spec = runtime::oci::from_json(text);
  if (!spec) return refused(spec.error());
  const std::string written = runtime::oci::to_json(*spec);
  const auto again = runtime::oci::from_json(written);
  if (!again) return found("to_json wrote what from_json refuses: " + again.error().message());
  if (runtime::oci::to_json(*again) != written) return found("to_json and back is not the same");
  const auto valid = runtime::oci::validate(*spec);
  const auto valid_again = runtime::oci::validate(*again);
  if (valid.has_value() != valid_again.has_value()) return found("valid only once of twice");
  if (!valid) return refused(valid.error());
  return exercise_plan(*spec, *again);
}

// process.json is what a config.json has below "process".
Outcome exercise_process(std::string_view text) {
  std::string config = R"({"ociVersion": "1.2.0", "root": {"path": "rootfs"}, "process": )";
  return exercise_config(config.append(text).append("}"));
}

}  // namespace mycontainer::fuzz
