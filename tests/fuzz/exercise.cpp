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

// The container that exec's process joins.
runtime::oci::Spec container() {
  runtime::oci::Spec spec;
  spec.root.path = "rootfs";
  spec.linux_config.namespaces = {{"pid", "/proc/1/ns/pid"}, {"mount", "/proc/1/ns/mnt"}};
  return spec;
}

// What the child would do, and as the bytes it would get.
struct Planned {
  InitPlan plan;
  std::string bytes;
};

using Planner = decltype(&runtime::launch::plan_init);

Result<Planned> plan(const runtime::oci::Spec& spec, Planner planner) {
  runtime::launch::InitFacts facts;
  facts.cgroup_mounts = cgroup_mounts();
  if (const auto& seccomp = spec.linux_config.seccomp) {
    TRY(facts.seccomp_filter, runtime::security::compile_seccomp(*seccomp));
    TRY(facts.seccomp_flags, runtime::security::seccomp_flags(*seccomp));
  }
  TRY(const auto start, runtime::launch::plan_start(spec));
  TRY(auto init, planner(spec, start, facts));
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

Outcome exercise_plan(const runtime::oci::Spec& spec, const runtime::oci::Spec& again,
                      Planner planner) {
  const auto planned = plan(spec, planner);
  const auto planned_again = plan(again, planner);
  if (planned.has_value() != planned_again.has_value()) return found("planned only once of twice");
  if (!planned) return refused(planned.error());
  if (planned->bytes != planned_again->bytes) return found("to_json loses what the plan needs");
  return found(check_plan(*planned));
}

Outcome exercise_linux(const runtime::oci::Linux& config) {
  if (config.seccomp) {
    const auto filter = runtime::security::compile_seccomp(*config.seccomp);
    if (!filter) return refused(filter.error());
    if (std::string finding = check_filter(*config.seccomp, *filter); !finding.empty())
      return found(std::move(finding));
  }
  const auto cgroup = plan_cgroup(config.resources);
  return cgroup ? Outcome{} : refused(cgroup.error());
}

// A configuration, or a part of it, there and back again; `value` is what was read of the text.
template <class T>
struct Codec {
  Result<T> (*read)(std::string_view);
  Result<void> (*validate)(const T&);
};

template <class T>
Outcome exercise_text(const T& value, const Codec<T>& codec, T& again) {
  const std::string written = runtime::oci::to_json(value);
  auto read = codec.read(written);
  if (!read) return found("to_json wrote what is refused: " + read.error().message());
  if (runtime::oci::to_json(*read) != written) return found("to_json and back is not the same");
  again = *std::move(read);
  const auto valid = codec.validate(value), valid_again = codec.validate(again);
  if (valid.has_value() != valid_again.has_value()) return found("valid only once of twice");
  return valid ? Outcome{} : refused(valid.error());
}

bool ended(const Outcome& outcome) { return !outcome.finding.empty() || !outcome.refusal.empty(); }

}  // namespace

Outcome exercise_config(std::string_view text) {
  using namespace runtime::oci;
  const auto spec = from_json(text);
  if (!spec) return refused(spec.error());
  Resources resources;
  Outcome outcome = exercise_text<Resources>(spec->linux_config.resources,
                                             {resources_from_json, validate_resources}, resources);
  if (ended(outcome)) return outcome;
  Spec again;
  outcome = exercise_text<Spec>(*spec, {from_json, validate}, again);
  if (!ended(outcome)) outcome = exercise_plan(*spec, again, runtime::launch::plan_init);
  return ended(outcome) ? outcome : exercise_linux(spec->linux_config);
}

Outcome exercise_process(std::string_view text) {
  using namespace runtime::oci;
  auto process = process_from_json(text);
  if (!process) return refused(process.error());
  Process process_again;
  Outcome outcome =
      exercise_text<Process>(*process, {process_from_json, validate_process}, process_again);
  if (ended(outcome)) return outcome;
  Spec spec = container(), again = container();
  spec.process = *std::move(process);
  again.process = std::move(process_again);
  return exercise_plan(spec, again, runtime::launch::plan_exec);
}

}  // namespace mycontainer::fuzz
