#!/usr/bin/env bats
# cgroup limits: in force before the program starts, and told apart from other deaths.
load helpers

# What a cgroup file says inside, of whichever hierarchy has it.
inside_cgroup() { # inside_cgroup V2-FILE V1-CONTROLLER/V1-FILE OPTION...
  mc run --rm "${@:3}" busybox sh -c "cat /sys/fs/cgroup/$1 2>/dev/null || cat /sys/fs/cgroup/$2"
}

@test "limit: -m bounds the memory, and an OOM kill is reported as such" {
  require_controller memory
  inside -m 32m -- allocate 8
  assert_status 0
  assert_seen allocated 8
  inside -m 32m --memory-swap 32m -- allocate 200
  assert_status 137
  [[ ${stderr,,} == *memory* ]] || fail "the memory limit is not named"
}

@test "limit: -m is what the cgroup says" {
  require_controller memory
  inside_cgroup memory.max memory/memory.limit_in_bytes -m 64m
  assert_status 0
  assert_output 67108864
}

@test "limit: --memory-reservation is what the cgroup says" {
  require_controller memory
  inside_cgroup memory.low memory/memory.soft_limit_in_bytes -m 64m --memory-reservation 32m
  assert_output 33554432
}

@test "limit: --pids-limit stops a fork bomb" {
  require_controller pids
  inside --pids-limit 20 -- fork 100
  assert_status 0
  assert_seen fork EAGAIN
  (($(seen forked) <= 20)) || fail "$(seen forked) children in spite of the limit"
}

@test "--pids-limit -1 means no limit" {
  inside --pids-limit -1 -- fork 100
  assert_seen forked 100
}

@test "limit: --cpus is what the cgroup says" {
  require_controller cpu
  inside_cgroup cpu.max cpu/cpu.cfs_quota_us --cpus 0.5
  assert_status 0
  [[ $output == "50000 100000" || $output == 50000 ]] || fail "quota: $output"
}

@test "limit: --cpus holds the program back" {
  require_controller cpu
  [[ -z ${SLOW_MACHINE-} ]] || skip "needs a machine with steady time"
  local loop='i=0; while [ $i -lt 60000 ]; do i=$((i + 1)); done'
  mc_shell "TIMEFORMAT='%R %U'; time '$MYCONTAINER' run --rm --cpus 0.2 busybox sh -c '$loop'"
  assert_status 0
  # 0.2 processors: the wall clock is a multiple of the time used.
  awk '{ exit !($1 > 2 * $2) }' <<<"$stderr" || fail "real and user time: $stderr"
}

@test "limit: --cpu-shares is what the cgroup says" {
  require_controller cpu
  inside_cgroup cpu.weight cpu/cpu.shares --cpu-shares 512
  [[ $output == 20 || $output == 512 || $output == 50 || $output == 59 ]] || fail "weight: $output"
}

@test "limit: --cpuset-cpus binds to a processor" {
  require_controller cpuset
  inside --cpuset-cpus 0 -- show status_Cpus_allowed_list
  assert_status 0
  assert_seen status_Cpus_allowed_list 0
}

@test "limit: --cpuset-mems is what the cgroup says" {
  require_controller cpuset
  inside --cpuset-cpus 0 --cpuset-mems 0 -- show status_Mems_allowed_list
  assert_status 0
  assert_seen status_Mems_allowed_list 0
}

@test "--oom-score-adj is set before the program starts" {
  inside --oom-score-adj 500 -- show oom_score_adj
  assert_seen oom_score_adj 500
}

@test "limit: a limit that the machine has not (processor 999) is refused, and nothing is left" {
  require_controller cpuset
  remember_what_is_there
  mc run --rm --cpuset-cpus 999 /bin/true
  assert_refused 999
  assert_nothing_left
}

@test "the container sees its cgroup as the root, read-only" {
  inside -- show cgroup
  assert_status 0
  local path
  while read -r path; do
    equal / "${path##*:}" "cgroup path in $path"
  done <<<"$(seen cgroup)"
  mc run --rm busybox sh -c 'd=/sys/fs/cgroup; test -d $d/unified && d=$d/unified; mkdir $d/sub 2>/dev/null || echo refused'
  assert_output refused
}

@test "as root: --cgroup-parent puts the container's cgroup below another" {
  require_root
  remember_what_is_there
  mc_shell "exec 3< <(exec '$MYCONTAINER' run --rm --cgroup-parent /mctest-$$ --init /bin/sh -c 'echo ready; exec sleep 30')
    pid=\$!; read -r line <&3
    find /sys/fs/cgroup -type d -path '*/mctest-$$/*' | head -n 1
    kill -TERM \$pid; wait \$pid"
  assert_contains "mctest-$$"
  find /sys/fs/cgroup -type d -name "mctest-$$" -exec rmdir {} + 2>/dev/null || true
  assert_nothing_left
}

@test "limit: --cpu-period and --cpu-quota are what the cgroup says" {
  require_controller cpu
  mc run --rm --cpu-period 50000 --cpu-quota 25000 /bin/sh -c \
    'cat /sys/fs/cgroup/cpu/cpu.cfs_quota_us /sys/fs/cgroup/cpu/cpu.cfs_period_us 2>/dev/null || cat /sys/fs/cgroup/cpu.max'
  assert_status 0
  [[ $output == $'25000\n50000' || $output == "25000 50000" ]]
}
