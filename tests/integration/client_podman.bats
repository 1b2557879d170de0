#!/usr/bin/env bats
# podman with us as its runtime, as root or as an ordinary user (rootless).
load clients

setup_file() {
  require_programs podman conmon
  make_client
  export client_cgroup=mc-podman-${BATS_RUN_TMPDIR##*[.-]}
  write_configuration
  write_wrapper podman "CONTAINERS_CONF=$client/containers.conf" \
    "CONTAINERS_STORAGE_CONF=$client/storage.conf" podman --tmpdir "$client/tmp"
  "$client/podman" import "$client/rootfs.tar" localhost/box >&2
}

# The vfs driver mounts nothing and works everywhere; an ordinary user may have one id only.
write_configuration() {
  local manager=cgroupfs
  ! runs_systemd || manager=systemd
  cat >"$client/containers.conf" <<END
[containers]
default_ulimits = ["nofile=1024:1024", "nproc=1024:1024"]
env = ["PATH=/usr/sbin:/usr/bin:/sbin:/bin", "MC_MARK=$BATS_RUN_TMPDIR"]
init_path = "/usr/bin/tini-static"
log_driver = "k8s-file"
[engine]
cgroup_manager = "$manager"
events_logger = "file"
runtime = "mycontainer"
runtime_supports_json = ["mycontainer", "mycontainer-oci"]
runtime_supports_nocgroup = ["mycontainer"]
[engine.runtimes]
mycontainer = ["$client/mycontainer-oci"]
[network]
network_config_dir = "$client/networks"
END
  cat >"$client/storage.conf" <<END
[storage]
driver = "vfs"
runroot = "$client/run"
graphroot = "$client/storage"
rootless_storage_path = "$client/storage"
[storage.options.vfs]
ignore_chown_errors = "true"
END
}

teardown() {
  [[ -z ${long_lived-} ]] || remove_all
}

# podman waits five seconds for a killed process, which a busy machine may exceed.
remove_all() {
  local attempt
  for attempt in 1 2 3; do
    if "$client/podman" rm -fa -t 0 >/dev/null; then return 0; fi
    sleep "$attempt"
  done
  return 1
}

teardown_file() {
  [[ -x ${client-}/podman ]] || return 0
  "$client/podman" pod rm -fa -t 0 >/dev/null || true
  remove_all || true
  # Some of an ordinary user's files belong to other ids outside of his namespace.
  is_root || "$client/podman" unshare rm -rf "$client/storage" || true
  remove_client
}

# pod ARG...: podman ARG...
pod() { capture 60 "$client/podman" "$@"; }

# box [OPTION...] -- COMMAND...: podman run --rm, without a network.
box() {
  split_options "$@"
  pod run --rm --network none "${parent[@]}" "${options[@]}" localhost/box "${command[@]}"
}

# keep NAME [OPTION...] -- COMMAND...: the same in the background, until the test is over.
keep() {
  split_options "${@:2}"
  long_lived=yes
  pod run -d --name "$1" --network none "${parent[@]}" "${options[@]}" localhost/box \
    "${command[@]}"
  assert_status 0
}

split_options() {
  options=() parent=()
  # systemd's slices are podman's own business.
  if is_root && ! runs_systemd; then parent=(--cgroup-parent "/$client_cgroup"); fi
  while (($#)) && [[ $1 != -- ]]; do
    options+=("$1")
    shift
  done
  command=("${@:2}")
}

state_of() { "$client/podman" inspect --format "{{.State.$2}}" "$1"; }
is_in_state() { [[ $(state_of "$1" Status) == "$2" ]]; }

# --- run -------------------------------------------------------------------------------------

@test "podman: run gives back output and exit status" {
  box -- sh -c 'echo out; echo err >&2; exit 7'
  assert_status 7
  assert_output out
  assert_stderr_contains err
}

@test "podman: a command that is missing ends with 127, one that cannot be executed with 126" {
  box -- no-such-program
  assert_status 127
  box -- /bin/no-such-program
  assert_status 127
  box -- /etc/passwd
  assert_status 126
  assert_stderr_contains "ermission denied"
}

@test "podman: standard input reaches the program" {
  capture 60 bash -c "echo text | '$client/podman' run --rm -i --network none localhost/box cat"
  assert_output text
}

@test "podman: run -it has a terminal of the right size" {
  split_options
  client_on_terminal podman 'expect=# ' "$ask_terminal" 'expect=pts/0 24 80' 'send=exit 5\n' -- \
    run --rm -it --network none "${parent[@]}" localhost/box sh
  assert_status 5
  assert_contains /dev/pts/0
}

@test "podman: --runtime takes a path" {
  pod --runtime "$client/mycontainer-oci" run --rm --network none localhost/box echo here
  assert_output here
  pod info --format '{{.Host.OCIRuntime.Name}} {{.Host.OCIRuntime.Version}}'
  assert_contains "mycontainer"
}

@test "podman: --env, --workdir, --hostname and --umask" {
  box --env COLOUR=blue --workdir /usr --hostname box --umask 0027 -- \
    sh -c 'echo $COLOUR; pwd; hostname; umask'
  assert_output $'blue\n/usr\nbox\n0027'
}

@test "podman: -v shows the host's directory, ro protects it" {
  mkdir "$BATS_TEST_TMPDIR/v"
  echo content >"$BATS_TEST_TMPDIR/v/file"
  box -v "$BATS_TEST_TMPDIR/v:/v:ro" -- sh -c 'cat /v/file; touch /v/new'
  assert_status 1
  assert_output content
  assert_stderr_contains "Read-only file system"
  box -v "$BATS_TEST_TMPDIR/v:/v" -- touch /v/new
  [[ -e $BATS_TEST_TMPDIR/v/new ]] || fail "the file is not on the host"
}

@test "podman: --tmpfs has the size asked for and everybody may write to it" {
  box --tmpfs /t:size=1m -- sh -c 'grep " /t " /proc/mounts; stat -c %a /t'
  assert_contains size=1024k
  assert_contains 1777
  box --tmpfs /t:mode=700 --tmpfs /srv -- sh -c 'stat -c %a /t /srv'
  assert_output $'700\n755'
}

@test "podman: --read-only leaves /tmp and /dev/shm writable" {
  box --read-only -- sh -c 'touch /tmp/x /dev/shm/x && echo fine; touch /x'
  assert_output fine
  assert_stderr_contains "Read-only file system"
}

@test "podman: --ulimit, --sysctl and --oom-score-adj" {
  box --ulimit nofile=100:200 --ulimit nproc=1024:1024 --sysctl kernel.msgmax=4000 \
    --oom-score-adj 500 -- \
    sh -c 'ulimit -n; ulimit -Hn; cat /proc/sys/kernel/msgmax /proc/self/oom_score_adj'
  assert_output $'100\n200\n4000\n500'
}

@test "podman: --init runs tini as the first process" {
  [[ -x /usr/bin/tini-static ]] || skip "needs tini"
  box --init -- sh -c 'cat /proc/1/cmdline | tr "\0" " "'
  assert_contains "/run/podman-init"
}

@test "other users: podman --user and --group-add" {
  is_root || require_subids
  box --user 1000:1001 --group-add 7 -- /probe show uid gid groups
  assert_seen uid "1000 1000 1000"
  assert_seen gid "1001 1001 1001"
  [[ $(seen groups) == *7* ]] || fail "group 7 is missing"
}

@test "podman: --cgroups disabled makes no cgroup" {
  pod run --rm --network none --cgroups disabled localhost/box echo without
  assert_output without
}

# --- rights ----------------------------------------------------------------------------------

@test "podman: --cap-drop and --cap-add" {
  box --cap-drop ALL -- grep -E 'Cap(Prm|Eff|Bnd|Amb)' /proc/self/status
  assert_output $'CapPrm:\t0000000000000000
CapEff:\t0000000000000000\nCapBnd:\t0000000000000000\nCapAmb:\t0000000000000000'
  box --cap-drop ALL --cap-add CHOWN -- grep CapEff /proc/self/status
  assert_output $'CapEff:\t0000000000000001'
}

@test "podman: its seccomp profile is in force, unconfined there is none" {
  box -- grep -E '^(Seccomp|NoNewPrivs):' /proc/self/status
  assert_output $'NoNewPrivs:\t0\nSeccomp:\t2'
  box --security-opt seccomp=unconfined --security-opt no-new-privileges -- \
    grep -E '^(Seccomp|NoNewPrivs):' /proc/self/status
  assert_output $'NoNewPrivs:\t1\nSeccomp:\t0'
}

@test "podman: --security-opt seccomp=FILE" {
  echo '{"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [{"names": ["mkdir", "mkdirat"],
    "action": "SCMP_ACT_ERRNO", "errnoRet": 95}]}' >"$BATS_TEST_TMPDIR/profile.json"
  box --security-opt "seccomp=$BATS_TEST_TMPDIR/profile.json" -- mkdir /new
  assert_status 1
  assert_stderr_contains "not supported"
}

@test "podman: --privileged" {
  box --privileged -- sh -c 'mount -t tmpfs none /mnt && echo mounted'
  assert_output mounted
}

@test "as root: podman --uidmap, and another container in the same user namespace" {
  require_root
  keep mapped --uidmap 0:100000:1000 --gidmap 0:100000:1000 -- sleep 100
  pod exec mapped sh -c 'id -u; touch /new; stat -c %u /new; cat /proc/self/uid_map'
  assert_contains $'0\n0\n'
  assert_contains 100000
  split_options
  pod run --rm --userns container:mapped --network container:mapped "${parent[@]}" \
    localhost/box sh -c 'cat /proc/self/uid_map; touch /new'
  assert_status 0
  assert_contains 100000
}

@test "as an ordinary user: with subuid ranges podman --userns keep-id" {
  require_rootless
  require_subids
  box --userns keep-id -- id -u
  assert_output "$(id -u)"
}

# --- limits ----------------------------------------------------------------------------------

@test "limit: podman --memory and --pids-limit are set, and hold" {
  require_controller memory
  require_controller pids
  box --memory 64m --pids-limit 20 -- \
    sh -c "$(cgroup_value memory memory.limit_in_bytes memory.max); $(cgroup_value pids pids.max pids.max)"
  assert_output $'67108864\n20'
  box --memory 20m --memory-swap 20m -- sh -c 'head -c 60m /dev/zero | tail -c 50m | wc -c'
  refute_contains 52428800
}

@test "limit: podman --cpus and --cpuset-cpus" {
  require_controller cpu
  require_controller cpuset
  box --cpus 0.5 --cpuset-cpus 0 -- \
    sh -c "$(cgroup_value cpu cpu.cfs_quota_us cpu.max); grep Cpus_allowed_list /proc/self/status"
  assert_contains 50000
  assert_contains $'Cpus_allowed_list:\t0'
}

@test "limit: podman with the other cgroup manager" {
  runs_systemd || skip "needs systemd"
  pod --cgroup-manager cgroupfs run --rm --network none --memory 64m localhost/box \
    cat /sys/fs/cgroup/memory.max
  assert_output 67108864
}

# --- what runs in the background -------------------------------------------------------------

@test "podman: exec has its own user, directory, environment and exit status" {
  keep box -- sleep 100
  pod exec box sh -c 'echo out; exit 9'
  assert_status 9
  assert_output out
  pod exec -w /usr -e COLOUR=red box sh -c 'pwd; echo $COLOUR'
  assert_output $'/usr\nred'
  capture 60 bash -c "echo text | '$client/podman' exec -i box cat"
  assert_output text
  pod exec box no-such-program
  assert_status 127
  pod exec box /etc/passwd
  assert_status 126
  client_on_terminal podman 'expect=# ' "$ask_terminal" 'expect=pts/0 24 80' 'send=exit 5\n' -- \
    exec -it box sh
  assert_status 5
}

@test "podman: logs, top, stop with the program's own status, start again" {
  keep box -- sh -c 'trap "exit 3" TERM; echo started; while :; do sleep 0.1; done'
  pod logs box
  assert_output started
  pod top box pid comm
  assert_contains sh
  pod stop -t 10 box
  assert_status 0
  equal 3 "$(state_of box ExitCode)" "exit code"
  pod start box
  eventually is_in_state box running
  pod restart -t 5 box
  assert_status 0
  pod logs box
  equal 3 "$(grep -c started <<<"$output")" "number of starts"
  pod rm -f -t 0 box
  pod ps -aq
  assert_output ""
}

@test "podman: kill sends the signal, wait tells the status, events tell all" {
  keep box -- sh -c 'trap "echo caught" USR1; while :; do sleep 0.1; done'
  pod kill -s USR1 box
  eventually sh -c "'$client/podman' logs box | grep -q caught"
  pod kill box
  pod wait box
  assert_output 137
  pod events --stream=false --since 5m --filter container=box --format '{{.Status}}'
  assert_contains $'start\nkill\n'
}

@test "podman: pause stops the program, unpause lets it go on" {
  is_root || has_v2_only || skip "needs cgroup v2"
  local beats=$BATS_TEST_TMPDIR/v/beats before
  mkdir -m 777 "${beats%/*}"
  keep box -v "${beats%/*}:/v" -- sh -c 'while :; do echo >>/v/beats; sleep 0.05; done'
  eventually test -s "$beats"
  pod pause box
  assert_status 0
  is_in_state box paused
  before=$(stat -c %s "$beats")
  sleep 0.3
  equal "$before" "$(stat -c %s "$beats")" "beats while paused"
  pod unpause box
  assert_status 0
  pod exec box true
  assert_status 0
}

@test "podman: stats" {
  is_root || has_v2_only || skip "needs cgroup v2"
  keep box -- sleep 100
  pod stats --no-stream --format '{{.Name}} {{.PIDs}}' box
  assert_output "box 1"
}

@test "podman: containers share the namespaces of another, and of a pod" {
  keep box -- sleep 1234
  split_options
  pod run --rm --network container:box --pid container:box --ipc container:box "${parent[@]}" \
    localhost/box sh -c 'readlink /proc/self/ns/net; ps'
  assert_contains "sleep 1234"
  local shared
  shared=$("$client/podman" exec box readlink /proc/self/ns/net)
  assert_contains "$shared"
  pod pod create --name pod --network none --share ipc,net,uts "${parent[@]}" \
    --infra-image localhost/box --infra-command '/bin/sleep 100'
  assert_status 0
  pod run -d --pod pod --name member localhost/box sleep 100
  assert_status 0
  shared=$("$client/podman" exec member readlink /proc/self/ns/uts)
  pod run --rm --pod pod localhost/box readlink /proc/self/ns/uts
  assert_output "$shared"
  # podman does not wait for conmon, and fails as long as that is there.
  eventually "$client/podman" pod rm -f -t 0 pod
}

@test "podman: hooks run with the container's state" {
  mkdir "$BATS_TEST_TMPDIR/hooks"
  printf '#!/bin/sh\ncat >>%q\n' "$BATS_TEST_TMPDIR/seen" >"$BATS_TEST_TMPDIR/hook"
  chmod 755 "$BATS_TEST_TMPDIR/hook"
  printf '{"version": "1.0.0", "hook": {"path": "%s"}, "when": {"always": true},
    "stages": ["createRuntime", "poststop"]}' "$BATS_TEST_TMPDIR/hook" >"$BATS_TEST_TMPDIR/hooks/h.json"
  pod --hooks-dir "$BATS_TEST_TMPDIR/hooks" run --rm --network none localhost/box true
  assert_status 0
  equal "creating stopped" "$(jq -r .status "$BATS_TEST_TMPDIR/seen" | xargs)" "the states seen"
}

@test "as root: podman leaves nothing of a container" {
  require_root
  ! runs_systemd || skip "podman's slices are shared with others"
  box -- true
  keep box -- sleep 100
  pod rm -f -t 0 box
  eventually no_container_cgroups
}

# The parents, and those of conmon and of pods, are podman's own.
no_container_cgroups() {
  local left
  left=$(find /sys/fs/cgroup -type d -path "*/$client_cgroup/libpod-*")
  [[ -z $left ]] || { printf 'left behind: %s\n' "$left"; return 1; }
}
