// Options that limit what the container may use. Pure.
//
// Zero means "no limit asked for" wherever it does for Docker. Rules that need two options
// together are check_limits()'s.
#pragma once

#include <string_view>

#include "cmd/options/run_draft.h"
#include "reexec/sys/error.h"

namespace mycontainer::cmd::options {

Result<void> set_memory(RunDraft& draft, std::string_view value);              // at least 6m
Result<void> set_memory_reservation(RunDraft& draft, std::string_view value);  // at least 6m
Result<void> set_memory_swap(RunDraft& draft, std::string_view value);         // -1: unlimited
// A decimal with at most nine digits after the point: quota over a period of 100 ms.
Result<void> set_cpus(RunDraft& draft, std::string_view value);
// Microseconds: 1,000 to 1,000,000; a quota from 1,000 on, or -1 for no limit.
Result<void> set_memory_swappiness(RunDraft& draft, std::string_view value);  // 0 to 100, -1: none
Result<void> set_oom_kill_disable(RunDraft& draft, std::string_view value);
Result<void> set_cpu_period(RunDraft& draft, std::string_view value);
Result<void> set_cpu_quota(RunDraft& draft, std::string_view value);
Result<void> set_cpu_shares(RunDraft& draft, std::string_view value);
Result<void> set_cpuset_cpus(RunDraft& draft, std::string_view value);   // "0-2,4"
Result<void> set_cpuset_mems(RunDraft& draft, std::string_view value);   // "0-2,4"
Result<void> set_pids_limit(RunDraft& draft, std::string_view value);    // 0 and -1: unlimited
Result<void> set_blkio_weight(RunDraft& draft, std::string_view value);  // 10 to 1000
Result<void> set_oom_score_adj(RunDraft& draft, std::string_view value);
Result<void> set_shm_size(RunDraft& draft, std::string_view value);
Result<void> set_cgroup_parent(RunDraft& draft, std::string_view value);
// "name=soft[:hard]", -1 for no limit; the last of a name wins.
Result<void> add_ulimit(RunDraft& draft, std::string_view value);

// Docker's rules for --memory, --memory-swap and --memory-reservation together; without
// --memory-swap a container may swap as much as it has memory.
Result<void> check_limits(RunDraft& draft);

}  // namespace mycontainer::cmd::options
