#!/usr/bin/env bats
# The properties below "process" of config.json, and those of "linux" about the process, each seen
# from inside.
load oci

setup() { bundle; }

@test "args, env and cwd reach the program" {
  edit '.process.env += ["COLOUR=blue", "EMPTY="] | .process.cwd = "/usr"'
  look show env_COLOUR env_EMPTY cwd
  assert_status 0
  assert_output $'env_COLOUR=blue\nenv_EMPTY=\ncwd=/usr'
}

@test "as root: the working directory may be one that only root can enter" {
  require_root
  mkdir -m 700 "$bundle/rootfs/private"
  edit '.process.cwd = "/private" | .process.user = {"uid": 1000, "gid": 1000}'
  look show cwd uid
  assert_status 0
  assert_seen cwd /private
}

@test "hostname and domainname are the container's own" {
  edit '.domainname = "example.org"'
  look show hostname domainname
  assert_output $'hostname=bundle\ndomainname=example.org'
}

@test "as root: user: ids, additional groups and umask" {
  require_root
  edit '.process.user = {"uid": 1000, "gid": 1001, "additionalGids": [5, 7], "umask": 63}'
  look show uid gid groups umask
  assert_seen uid "1000 1000 1000"
  assert_seen gid "1001 1001 1001"
  assert_seen groups "5 7"
  assert_seen umask 0077
}

@test "capabilities: each set is what was asked for, and unknown names are passed over" {
  edit '.process.capabilities = {"bounding": ["CAP_CHOWN", "CAP_KILL", "CAP_OF_TOMORROW"],
    "permitted": ["CAP_CHOWN", "CAP_KILL"], "effective": ["CAP_CHOWN"],
    "inheritable": ["CAP_KILL"], "ambient": ["CAP_KILL"]}'
  look show status_CapBnd status_CapInh status_CapAmb
  assert_status 0
  assert_seen status_CapBnd 0000000000000021
  assert_seen status_CapInh 0000000000000020
  assert_seen status_CapAmb 0000000000000020
}

@test "capabilities: none without the property" {
  edit 'del(.process.capabilities)'
  look show status_CapBnd status_CapEff status_CapPrm
  assert_status 0
  assert_seen status_CapBnd 0000000000000000
  assert_seen status_CapEff 0000000000000000
  assert_seen status_CapPrm 0000000000000000
}

@test "HOME is the user's home in the container's passwd, / without one, or what env says" {
  mkdir -p "$bundle/rootfs/etc"
  printf 'root:x:0:0:root:/root:/bin/sh\nx:x:5\n' >"$bundle/rootfs/etc/passwd"
  look show env_HOME
  assert_output "env_HOME=/root"
  edit '.process.env += ["HOME=/there"]'
  look show env_HOME
  assert_output "env_HOME=/there"
  edit '.process.env |= map(select(startswith("HOME=") | not))'
  rm "$bundle/rootfs/etc/passwd"
  mkfifo "$bundle/rootfs/etc/passwd"
  look show env_HOME
  assert_output "env_HOME=/"
  ln -sf /proc/1/environ "$bundle/rootfs/etc/passwd"
  look show env_HOME
  assert_output "env_HOME=/"
}

@test "noNewPrivileges" {
  look show status_NoNewPrivs
  assert_seen status_NoNewPrivs 1
  edit 'del(.process.noNewPrivileges)'
  look show status_NoNewPrivs
  assert_seen status_NoNewPrivs 0
}

@test "rlimits" {
  edit '.process.rlimits = [{"type": "RLIMIT_NOFILE", "soft": 77, "hard": 88},
    {"type": "RLIMIT_CORE", "soft": 0, "hard": 0}]'
  look show rlimit_nofile rlimit_core
  assert_seen rlimit_nofile "77 88"
  assert_seen rlimit_core "0 0"
}

@test "oomScoreAdj" {
  edit '.process.oomScoreAdj = 321'
  look show oom_score_adj
  assert_seen oom_score_adj 321
}

@test "scheduler: an ordinary policy with a nice value" {
  edit '.process.scheduler = {"policy": "SCHED_BATCH", "nice": 5}'
  look show scheduler
  assert_seen scheduler "3 0 5"
}

@test "as root: scheduler: a real-time policy with its priority, or what it needs" {
  require_root
  edit '.process.scheduler = {"policy": "SCHED_FIFO", "priority": 7}
    | .process.user.uid = 1000 | del(.process.capabilities)'
  look show scheduler
  if ((status == 0)); then assert_seen scheduler "1 7 0"; else assert_stderr_contains "CAP_SYS_NICE"; fi
}

@test "ioPriority" {
  edit '.process.ioPriority = {"class": "IOPRIO_CLASS_BE", "priority": 6}'
  look show ioprio
  assert_seen ioprio "2 6"
}

@test "linux.personality" {
  look show machine
  [[ $(seen machine) == "$(uname -m)" ]]
  edit '.linux.personality = {"domain": "LINUX32"}'
  look show machine
  [[ $(seen machine) != "$(uname -m)" ]] || fail "still $(uname -m)"
}

@test "linux.memoryPolicy" {
  edit '.linux.memoryPolicy = {"mode": "MPOL_BIND", "nodes": "0", "flags": ["MPOL_F_STATIC_NODES"]}'
  look show mempolicy
  assert_seen mempolicy "$((2 | 1 << 15)) 1"
}

@test "execCPUAffinity is not for the container's own process" {
  look show status_Cpus_allowed_list
  local before
  before=$(seen status_Cpus_allowed_list)
  edit '.process.execCPUAffinity = {"initial": "0", "final": "0"}'
  look show status_Cpus_allowed_list
  assert_seen status_Cpus_allowed_list "$before"
}

@test "execCPUAffinity says where a process runs that joins the container" {
  (($(nproc) > 1)) || skip "needs two processors"
  local id
  id=$(fresh_id)
  edit '.process.args = ["/bin/sleep", "100"]'
  oci create --bundle "$bundle" "$id"
  oci start "$id"
  jq -n '{args: ["/probe", "show", "status_Cpus_allowed_list", "scheduler", "ioprio"], cwd: "/",
    user: {uid: 0, gid: 0}, execCPUAffinity: {initial: "0", final: "1"},
    scheduler: {policy: "SCHED_IDLE"}, ioPriority: {class: "IOPRIO_CLASS_IDLE", priority: 0}}' \
    >"$bundle/process.json"
  oci exec --process "$bundle/process.json" "$id"
  assert_status 0
  assert_seen status_Cpus_allowed_list 1
  assert_seen scheduler "5 0 0"
  assert_seen ioprio "3 0"
  jq '.execCPUAffinity.final = "1-"' "$bundle/process.json" >"$bundle/bad.json"
  oci exec --process "$bundle/bad.json" "$id"
  assert_stderr_contains 'process.execCPUAffinity.final: "1-" is not a list of numbers'
}

@test "selinuxLabel without SELinux is refused" {
  [[ ! -d /sys/fs/selinux/booleans ]] || skip "this machine has SELinux"
  edit '.process.selinuxLabel = "system_u:system_r:container_t:s0:c1,c2"'
  oci run --bundle "$bundle" "$(fresh_id)"
  assert_config_refused "process.selinuxLabel: this machine has no SELinux"
}

@test "a property of the wrong kind is named by its place, and nothing is made" {
  local cases=(
    '.process.rlimits = [{"type": "RLIMIT_FOO", "soft": 1, "hard": 1}]' 'process.rlimits[0].type: unknown "RLIMIT_FOO"'
    '.process.user.uid = -1' 'process.user.uid: expected a whole number'
    '.process.args = []' 'process.args: names no program'
    '.process.cwd = "tmp"' 'process.cwd: "tmp" is not an absolute path'
    '.process.scheduler = {"policy": "FAST"}' 'process.scheduler.policy: unknown "FAST"'
    '.process.ioPriority = {"class": "X"}' 'process.ioPriority.class: unknown "X"'
    '.linux.memoryPolicy = {"mode": "X"}' 'linux.memoryPolicy.mode: unknown "X"'
    '.linux.personality = {"domain": "X"}' 'linux.personality.domain: unknown "X"'
    '.linux.intelRdt = {}' 'linux.intelRdt: this machine has no resctrl filesystem mounted'
    '.linux.namespaces += [{"type": "soul"}]' 'unknown "soul"'
    '.linux.sysctl = {"kernel.core_pattern": "x"}' 'linux.sysctl: kernel.core_pattern belongs to the host'
    '.mounts[0].options = "ro"' 'mounts[0].options: expected an array'
    '.ociVersion = "2.0"' 'ociVersion: "2.0"'
  )
  local i original
  original=$(<"$bundle/config.json")
  for ((i = 0; i < ${#cases[@]}; i += 2)); do
    echo "$original" >"$bundle/config.json"
    edit "${cases[i]}"
    oci run --bundle "$bundle" "$(fresh_id)"
    assert_config_refused "${cases[i + 1]}"
  done
}

@test "properties nobody knows are ignored" {
  edit '.process.fromTheFuture = {"a": 1} | .linux.quantum = [1, 2] | .vm = {} | .hooks = null'
  look show pid
  assert_status 0
}
