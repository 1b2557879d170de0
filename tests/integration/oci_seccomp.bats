#!/usr/bin/env bats
# linux.seccomp of a configuration, asked from inside: the probe makes calls by their numbers (those
# of x86, where these tests run).
load oci

setup() {
  [[ $(uname -m) == x86_64 ]] || skip "the numbers are those of x86-64"
}

profile() { edit ".linux.seccomp = $1"; }

# A profile that allows all but what the rules say.
rules() { profile "{defaultAction: \"SCMP_ACT_ALLOW\", syscalls: $1}"; }

@test "oci seccomp: every action does what it says" {
  bundle
  rules '[{names: ["getuid"], action: "SCMP_ACT_ERRNO"},
    {names: ["getgid"], action: "SCMP_ACT_ERRNO", errnoRet: 5},
    {names: ["geteuid"], action: "SCMP_ACT_KILL"},
    {names: ["getegid"], action: "SCMP_ACT_KILL_THREAD"},
    {names: ["getppid"], action: "SCMP_ACT_KILL_PROCESS"},
    {names: ["getpgrp"], action: "SCMP_ACT_TRAP"},
    {names: ["getpgid"], action: "SCMP_ACT_TRACE"},
    {names: ["getsid"], action: "SCMP_ACT_LOG"}]'
  look call native:102 native:104 native:107 native:108 native:110 native:111 native:121 \
    native:124 native:186
  assert_status 0
  assert_seen native:102 EPERM
  assert_seen native:104 EIO
  assert_seen native:107 "signal 31"
  assert_seen native:108 "signal 31"
  assert_seen native:110 "signal 31"
  assert_seen native:111 "signal 31"
  assert_seen native:121 ENOSYS # no tracer
  assert_seen native:124 ok
  assert_seen native:186 ok
}

@test "oci seccomp: what no rule names meets the default action and its errno" {
  bundle
  shell 'true'
  assert_status 0
  profile '{defaultAction: "SCMP_ACT_ERRNO", defaultErrnoRet: 95, syscalls: [
    {names: ["execve", "exit_group", "exit", "brk", "arch_prctl", "mmap", "munmap", "mprotect",
      "fork", "clone", "clone3", "wait4", "write", "writev", "fstat", "newfstatat", "set_tid_address",
      "set_robust_list", "rseq", "prlimit64", "readlink", "readlinkat", "getrandom", "read", "openat",
      "close", "rt_sigaction", "rt_sigprocmask", "uname", "futex", "ioctl", "capset", "prctl"],
      action: "SCMP_ACT_ALLOW"}]}'
  look call native:102 native:3
  assert_status 0
  assert_seen native:102 EOPNOTSUPP
  assert_seen native:3 ok
}

@test "oci seccomp: arguments are compared by every operator" {
  local op
  bundle
  for op in EQ:EOPNOTSUPP:EBADF:EBADF NE:EBADF:EOPNOTSUPP:EOPNOTSUPP GT:EBADF:EOPNOTSUPP:EBADF \
    GE:EOPNOTSUPP:EOPNOTSUPP:EBADF LT:EBADF:EBADF:EOPNOTSUPP LE:EOPNOTSUPP:EBADF:EOPNOTSUPP; do
    IFS=: read -r op same above below <<<"$op"
    rules "[{names: [\"dup\"], action: \"SCMP_ACT_ERRNO\", errnoRet: 95,
      args: [{index: 0, value: 1000, op: \"SCMP_CMP_$op\"}]}]"
    look call native:32,1000 native:32,1001 native:32,999
    assert_seen native:32,1000 "$same"
    assert_seen native:32,1001 "$above"
    assert_seen native:32,999 "$below"
  done
}

@test "oci seccomp: MASKED_EQ compares the bits of value with valueTwo" {
  bundle
  rules '[{names: ["dup"], action: "SCMP_ACT_ERRNO", errnoRet: 95,
    args: [{index: 0, value: 240, valueTwo: 32, op: "SCMP_CMP_MASKED_EQ"}]}]'
  look call native:32,0x120 native:32,0x12f native:32,0x130
  assert_seen native:32,0x120 EOPNOTSUPP
  assert_seen native:32,0x12f EOPNOTSUPP
  assert_seen native:32,0x130 EBADF
}

@test "oci seccomp: without architectures only native calls are answered" {
  bundle
  rules '[]'
  look call native:39 i386:20 x32:39
  assert_seen native:39 ok
  assert_seen i386:20 "signal 31"
  assert_seen x32:39 "signal 31"
}

@test "oci seccomp: a listed architecture has the rules by its own numbers" {
  bundle
  look call i386:20
  [[ $(seen i386:20) == ok ]] || skip "this kernel runs no 32-bit programs"
  profile '{defaultAction: "SCMP_ACT_ALLOW", architectures: ["SCMP_ARCH_X86"],
    syscalls: [{names: ["getppid"], action: "SCMP_ACT_ERRNO"}]}'
  look call native:110 native:64 i386:64 i386:110 i386:20 x32:39
  assert_seen native:110 EPERM
  [[ $(seen native:64) != EPERM ]] || fail "native 64 is not getppid"
  assert_seen i386:64 EPERM
  [[ $(seen i386:110) != EPERM ]] || fail "i386 110 is not getppid"
  assert_seen i386:20 ok
  assert_seen x32:39 "signal 31"
}

@test "oci seccomp: all architectures of a profile for many machines are taken" {
  bundle
  profile '{defaultAction: "SCMP_ACT_ALLOW",
    architectures: ["SCMP_ARCH_X86_64", "SCMP_ARCH_X86", "SCMP_ARCH_X32", "SCMP_ARCH_AARCH64",
      "SCMP_ARCH_ARM", "SCMP_ARCH_MIPS64", "SCMP_ARCH_PPC64LE", "SCMP_ARCH_S390X",
      "SCMP_ARCH_RISCV64"],
    syscalls: [{names: ["getppid", "no_such_call"], action: "SCMP_ACT_ERRNO"}]}'
  look call native:110 x32:110 native:39
  assert_status 0
  assert_seen native:110 EPERM
  assert_seen x32:110 EPERM
  assert_seen native:39 ok
}

@test "oci seccomp: the filter is there with and without noNewPrivileges" {
  local no_new_privileges
  bundle
  rules '[{names: ["getppid"], action: "SCMP_ACT_ERRNO"}]'
  for no_new_privileges in true false; do
    is_root || [[ $no_new_privileges == true ]] || continue
    edit ".process.noNewPrivileges = $no_new_privileges"
    look call native:110 native:39
    assert_seen native:110 EPERM
    assert_seen native:39 ok
  done
}

@test "oci seccomp: known flags are taken" {
  bundle
  rules '[{names: ["getppid"], action: "SCMP_ACT_ERRNO"}]'
  edit '.linux.seccomp.flags = ["SECCOMP_FILTER_FLAG_TSYNC", "SECCOMP_FILTER_FLAG_LOG",
    "SECCOMP_FILTER_FLAG_SPEC_ALLOW"]'
  look call native:110
  assert_status 0
  assert_seen native:110 EPERM
}

@test "oci seccomp: what is wrong is refused by its JSON path" {
  bundle
  edit '.process.args = ["/bin/true"]'
  refused() { # refused FILTER MESSAGE
    rules '[{names: ["read"], action: "SCMP_ACT_LOG",
      args: [{index: 0, value: 1, op: "SCMP_CMP_EQ"}]}]'
    edit ".linux.seccomp$1"
    oci create --bundle "$bundle" "$(fresh_id)"
    assert_config_refused "linux.seccomp$2"
  }
  refused '.defaultAction = "ALLOW"' '.defaultAction: unknown "ALLOW"'
  refused '.architectures = ["X86"]' '.architectures[0]: unknown "X86"'
  refused '.flags = ["SECCOMP_FILTER_FLAG_X"]' '.flags[0]: unknown "SECCOMP_FILTER_FLAG_X"'
  refused '.syscalls[0].action = "X"' '.syscalls[0].action: unknown "X"'
  refused '.syscalls[0].errnoRet = 1' '.syscalls[0].errnoRet: SCMP_ACT_LOG does not take an errno'
  refused '.syscalls[0].args[0].op = "=="' '.syscalls[0].args[0].op: unknown "=="'
  refused '.syscalls[0].args[0].index = 6' '.syscalls[0].args[0].index: above 5'
  refused '.syscalls[0].action = "SCMP_ACT_NOTIFY"' '.listenerPath: missing'
  refused '.listenerMetadata = "x"' '.listenerMetadata: needs listenerPath'
}

# --- SCMP_ACT_NOTIFY ---------------------------------------------------------------------------

# start_agent ERRNO CALL [SOCKET]: answers at $agent_socket; what it says goes to $agent_log.
start_agent() {
  agent_socket=${3:-$(mktemp -u "/tmp/agent.XXXXXX")}
  agent_log=$(mktemp "$BATS_TEST_TMPDIR/agent.XXXXXX")
  "$AGENT" "$agent_socket" "$1" "$2" >"$agent_log" 3>&- &
  agent=$!
  for _ in {1..100}; do
    grep -q listening "$agent_log" && return
    sleep 0.05
  done
  fail "the agent does not listen"
}

# What the agent was told, once it was told.
agent_state() {
  for _ in {1..100}; do
    sed -n 2p "$agent_log" | grep . && return
    sleep 0.05
  done
}

stop_agent() {
  kill "$agent" 2>/dev/null || true
  wait "$agent" 2>/dev/null || true
  rm -f "$agent_socket"
}

notify() { # notify NAMES-JSON
  rules "[{names: $1, action: \"SCMP_ACT_NOTIFY\"}]"
  # shellcheck disable=SC2016
  edit '.linux.seccomp += {listenerPath: $path, listenerMetadata: "some data"}' \
    --arg path "$agent_socket"
}

@test "oci seccomp: an agent answers in the kernel's place, with the state in its hands" {
  local id no_new_privileges
  bundle
  edit '.annotations = {"key": "value"}'
  for no_new_privileges in true false; do
    is_root || [[ $no_new_privileges == true ]] || continue
    start_agent 95 110
    notify '["getppid", "getuid"]'
    edit ".process.noNewPrivileges = $no_new_privileges"
    look call native:110 native:102 native:39
    assert_status 0
    assert_seen native:110 EOPNOTSUPP
    assert_seen native:102 ok
    assert_seen native:39 ok
    output=$(agent_state)
    stop_agent
    equal '["seccompFd"] "some data" "creating" "value" true' "$(jq -r '[(.fds | tojson),
      (.metadata, .state.status, .state.annotations.key, (.pid == .state.pid and .pid > 1) | tojson)]
      | join(" ")' <<<"$output")" "the state"
    equal "$bundle" "$(jq -r .state.bundle <<<"$output")" "the bundle"
  done
}

@test "oci seccomp: an agent may answer every call there is" {
  bundle
  start_agent 95 110
  profile '{defaultAction: "SCMP_ACT_NOTIFY", syscalls: []}'
  # shellcheck disable=SC2016
  edit '.linux.seccomp.listenerPath = $path' --arg path "$agent_socket"
  look call native:110 native:39
  assert_status 0
  assert_seen native:110 EOPNOTSUPP
  assert_seen native:39 ok
  stop_agent
  grep -qx "call 59" "$agent_log" || fail "execve was not notified"
}

@test "oci seccomp: a created container has its agent before it is started" {
  local id
  id=$(fresh_id)
  bundle
  start_agent 95 110
  notify '["getppid", "sendmsg", "close", "write"]'
  edit '.process.args = ["/bin/sh", "-c", "true"]'
  oci create --bundle "$bundle" "$id"
  assert_status 0
  equal "$id" "$(agent_state | jq -r .state.id)" "the id the agent knows"
  oci start "$id"
  assert_status 0
  wait "$agent" || fail "the agent did not see the end"
  rm -f "$agent_socket"
}

@test "oci seccomp: exec has the filter, and an agent of its own" {
  local id container_agent
  id=$(fresh_id)
  bundle
  start_agent 95 110
  notify '["getppid"]'
  edit '.linux.seccomp.syscalls += [{names: ["getuid"], action: "SCMP_ACT_ERRNO", errnoRet: 5}]
    | .process.args = ["/bin/sleep", "100"]'
  oci create --bundle "$bundle" "$id"
  oci start "$id"
  assert_status 0
  agent_state >/dev/null
  container_agent=$agent
  rm "$agent_socket"
  start_agent 71 110 "$agent_socket"
  oci exec "$id" /probe call native:110 native:102
  assert_status 0
  assert_seen native:110 EPROTO
  assert_seen native:102 EIO
  equal "running" "$(agent_state | jq -r 'select(.pid != .state.pid) | .state.status')" "the state"
  kill "$container_agent"
  stop_agent
}

@test "oci seccomp: without the agent the container is not created" {
  bundle
  agent_socket=/tmp/no-agent-here
  notify '["getppid"]'
  edit '.process.args = ["/bin/true"]'
  oci create --bundle "$bundle" "$(fresh_id)"
  assert_config_refused "connect to the seccomp agent at /tmp/no-agent-here"
}
