#include "runtime/lifecycle/update.h"

#include <array>

#include "cmd/options/limit_options.h"
#include "cmd/options/members.h"
#include "cmd/options/restart_policy.h"
#include "cmd/options/run_draft.h"
#include "cmd/verbs.h"

namespace mycontainer::cmd {
namespace {

using options::Option;

struct Typed {
  options::RunDraft limits;  // of which only request.resources is used
  std::optional<runtime::state::RestartPolicy> restart;
  bool any = false, cpus = false, cpu_time = false;
};

using Limit = Result<void> (*)(options::RunDraft&, std::string_view);

template <Limit Function>
Result<void> set_limit(Typed& typed, std::string_view value) {
  typed.any = true;
  return Function(typed.limits, value);
}

Result<void> set_cpus(Typed& typed, std::string_view value) {
  typed.cpus = true;
  return set_limit<options::set_cpus>(typed, value);
}

template <Limit Function>
Result<void> set_cpu_time(Typed& typed, std::string_view value) {
  typed.cpu_time = true;
  return set_limit<Function>(typed, value);
}

Result<void> set_restart(Typed& typed, std::string_view value) {
  typed.any = true;
  TRY(typed.restart, options::parse_restart_policy(value));
  return {};
}

template <Result<void> (*Function)(Typed&, std::string_view)>
constexpr options::Apply on = options::apply<Typed, Function>;
template <Limit Function>
constexpr options::Apply limit = on<set_limit<Function>>;

constexpr std::array kOptions = {
    Option{"blkio-weight", 0, "uint16",
           "Block IO (relative weight), between 10 and 1000, or 0 to disable (default 0)",
           limit<options::set_blkio_weight>},
    Option{"cpu-period", 0, "int", "Limit CPU CFS (Completely Fair Scheduler) period",
           on<set_cpu_time<options::set_cpu_period>>},
    Option{"cpu-quota", 0, "int", "Limit CPU CFS (Completely Fair Scheduler) quota",
           on<set_cpu_time<options::set_cpu_quota>>},
    Option{"cpu-shares", 'c', "int", "CPU shares (relative weight)",
           limit<options::set_cpu_shares>},
    Option{"cpus", 0, "decimal", "Number of CPUs", on<set_cpus>},
    Option{"cpuset-cpus", 0, "string", "CPUs in which to allow execution (0-3, 0,1)",
           limit<options::set_cpuset_cpus>},
    Option{"cpuset-mems", 0, "string", "MEMs in which to allow execution (0-3, 0,1)",
           limit<options::set_cpuset_mems>},
    Option{"memory", 'm', "bytes", "Memory limit", limit<options::set_memory>},
    Option{"memory-reservation", 0, "bytes", "Memory soft limit",
           limit<options::set_memory_reservation>},
    Option{"memory-swap", 0, "bytes",
           "Swap limit equal to memory plus swap: -1 to enable unlimited swap",
           limit<options::set_memory_swap>},
    Option{"pids-limit", 0, "int", "Tune container pids limit (set -1 for unlimited)",
           limit<options::set_pids_limit>},
    Option{"restart", 0, "string", "Restart policy to apply when a container exits",
           on<set_restart>},
};

}  // namespace

Result<int> update_verb(const VerbCall& call) {
  Typed typed;
  TRY(const auto words, parse_verb(call, kOptions, &typed, {.least = 1}));
  if (!words) return 0;
  if (!typed.any) return fail("you must provide one or more flags when using this command");
  if (typed.cpus && typed.cpu_time) {
    return fail("Conflicting options: --cpus and --cpu-period or --cpu-quota cannot both be set");
  }
  const runtime::lifecycle::UpdateRequest request{typed.limits.request.resources, typed.restart};
  return for_each_container(call, *words, true, [&](const auto& roots, const std::string& id) {
    return runtime::lifecycle::update(roots, id, request);
  });
}

}  // namespace mycontainer::cmd
