#!/usr/bin/env bats
# Docker with us as its default runtime.
load clients

# Asked before each test: a file whose setup_file skips fails in its teardown_file.
may_run() { is_root && [[ -z ${SLOW_MACHINE-} ]]; }
setup() {
  is_root || skip "needs root"
  may_run || skip "needs processors that are not emulated"
}

setup_file() {
  may_run || return 0
  require_programs dockerd docker containerd
  make_client
  export client_cgroup=mc-docker-${BATS_RUN_TMPDIR##*[.-]}
  mkdir "$client/home"
  write_wrapper docker "DOCKER_CONFIG=$client/home" docker --host "unix://$client/sock"
  start_daemon dockerd dockerd --host "unix://$client/sock" --data-root "$client/data" \
    --exec-root "$client/exec" --pidfile "$client/docker.pid" --config-file "$client/daemon.json" \
    --iptables=false --ip6tables=false --ip-forward=false --bridge=none $(cgroup_options) \
    --storage-driver vfs
  wait_for_daemon dockerd "$client/docker" version
  "$client/docker" import "$client/rootfs.tar" box >&2
}

# The README's daemon.json, and how Docker makes cgroups where there is no systemd.
cgroup_options() {
  printf '{"runtimes": {"mycontainer": {"path": "%s"}}, "default-runtime": "mycontainer"}' \
    "$client/mycontainer-oci" >"$client/daemon.json"
  runs_systemd || echo "--exec-opt native.cgroupdriver=cgroupfs --cgroup-parent /$client_cgroup"
}

teardown() {
  [[ -z ${long_lived-} ]] || "$client/docker" rm -f "$long_lived" >/dev/null
}

teardown_file() {
  local id
  if ! may_run; then return 0; fi
  for id in $("$client/docker" ps -aq); do "$client/docker" rm -f "$id" >/dev/null || true; done
  stop_daemon dockerd
  remove_client
}

docker() { capture 60 "$client/docker" "$@"; }

# box [OPTION...] -- COMMAND...
box() {
  split_options "$@"
  docker run --rm --network none --env "MC_MARK=$BATS_RUN_TMPDIR" "${options[@]}" box "${command[@]}"
}
keep() { # keep NAME [OPTION...] -- COMMAND...
  split_options "${@:2}"
  long_lived=$1
  docker run -d --name "$1" --network none --env "MC_MARK=$BATS_RUN_TMPDIR" "${options[@]}" box \
    "${command[@]}"
  assert_status 0
}
split_options() {
  options=()
  while (($#)) && [[ $1 != -- ]]; do
    options+=("$1")
    shift
  done
  command=("${@:2}")
}
state_of() { "$client/docker" inspect --format "{{.State.$2}}" "$1"; }

@test "as root: docker run gives back output and exit status" {
  box -- sh -c 'echo out; echo err >&2; exit 7'
  assert_status 7
  assert_output out
  assert_stderr_contains err
  docker info --format '{{.DefaultRuntime}}'
  assert_output mycontainer
}

@test "as root: docker ends with 127 for a missing command, with 126 for one that cannot be executed" {
  box -- no-such-program
  assert_status 127
  box -- /bin/no-such-program
  assert_status 127
  box -- /etc/passwd
  assert_status 126
}

@test "as root: docker run -it and -i" {
  client_on_terminal docker 'expect=# ' "$ask_terminal" 'expect=pts/0 24 80' 'send=exit 5\n' -- \
    run --rm -it --network none box sh
  assert_status 5
  capture 60 bash -c "echo text | '$client/docker' run --rm -i --network none box cat"
  assert_output text
}

@test "as root: docker run -v, --read-only, --tmpfs, --user, --workdir, --hostname" {
  echo content >"$BATS_TEST_TMPDIR/file"
  box -v "$BATS_TEST_TMPDIR:/v:ro" --read-only --tmpfs /t:size=1m --user 1000:1001 --workdir /usr \
    --hostname box -- sh -c 'cat /v/file; pwd; hostname; id -u; touch /t/new /v/new'
  assert_status 1
  assert_output $'content\n/usr\nbox\n1000'
  assert_stderr_contains "/v/new: Read-only file system"
  [[ $stderr != */t/new* ]] || fail "the tmpfs is not writable for an ordinary user"
}

@test "as root: docker run --security-opt, --cap-drop, --privileged, --init, --ulimit" {
  box -- grep -E '^(Seccomp|NoNewPrivs):' /proc/self/status
  assert_output $'NoNewPrivs:\t0\nSeccomp:\t2'
  box --security-opt seccomp=unconfined --security-opt no-new-privileges --cap-drop ALL -- \
    grep -E '^(Seccomp|NoNewPrivs|CapBnd):' /proc/self/status
  assert_output $'CapBnd:\t0000000000000000\nNoNewPrivs:\t1\nSeccomp:\t0'
  box --privileged -- sh -c 'mount -t tmpfs none /mnt && echo mounted'
  assert_output mounted
  box --init --ulimit nofile=100:200 -- sh -c 'cat /proc/1/comm; ulimit -n; ulimit -Hn'
  assert_output $'docker-init\n100\n200'
}

@test "as root: docker run --memory, --pids-limit and --cpus, changed by update" {
  require_controller memory
  require_controller pids
  require_controller cpu
  keep box --memory 64m --memory-swap 64m --pids-limit 20 --cpus 0.5 -- sleep 100
  docker exec box sh -c "$(limits)"
  assert_output $'67108864\n20\n50000'
  docker update --memory 96m --memory-swap 96m --pids-limit 30 --cpus 0.25 box
  assert_status 0
  docker exec box sh -c "$(limits)"
  assert_output $'100663296\n30\n25000'
}
limits() {
  printf '%s; %s; %s | cut -d" " -f1' "$(cgroup_value memory memory.limit_in_bytes memory.max)" \
    "$(cgroup_value pids pids.max pids.max)" "$(cgroup_value cpu cpu.cfs_quota_us cpu.max)"
}

@test "as root: docker exec has its own user, directory, environment, terminal and exit status" {
  keep box -- sleep 100
  docker exec box sh -c 'echo out; exit 9'
  assert_status 9
  assert_output out
  docker exec -w /usr -e COLOUR=red -u 1000 box sh -c 'pwd; echo $COLOUR; id -u'
  assert_output $'/usr\nred\n1000'
  docker exec box no-such-program
  [[ $status == 12[67] ]] || fail "exit status is $status" # Docker 20.10 says 126 for both
  client_on_terminal docker 'expect=# ' "$ask_terminal" 'expect=pts/0 24 80' 'send=exit 5\n' -- \
    exec -it box sh
  assert_status 5
}

@test "as root: docker logs, top, stats, stop with the program's own status, start again" {
  keep box -- sh -c 'trap "exit 3" TERM; echo started; while :; do sleep 0.1; done'
  docker logs box
  assert_output started
  docker top box
  assert_contains "trap"
  docker stats --no-stream --format '{{.Name}} {{.PIDs}}' box
  if containerd_can_count; then assert_contains "box "; refute_contains "box 0"; fi
  assert_status 0
  docker stop -t 10 box
  assert_status 0
  equal 3 "$(state_of box ExitCode)" "exit code"
  docker start box
  equal true "$(state_of box Running)" running
  docker restart -t 5 box
  docker kill box
  docker wait box
  assert_output 137
}

@test "as root: docker pause and unpause" {
  keep box -v "$BATS_TEST_TMPDIR:/v" -- sh -c 'while :; do echo >>/v/beats; sleep 0.05; done'
  local beats=$BATS_TEST_TMPDIR/beats before
  eventually test -s "$beats"
  docker pause box
  equal paused "$(state_of box Status)" status
  before=$(stat -c %s "$beats")
  sleep 0.3
  equal "$before" "$(stat -c %s "$beats")" "beats while paused"
  docker unpause box
  equal running "$(state_of box Status)" status
}

@test "as root: docker rm -f leaves nothing of the container" {
  keep box -- sleep 100
  local id
  id=$(state_of box Pid)
  docker rm -f box
  long_lived=
  [[ ! -e /proc/$id ]] || fail "its process still runs"
  docker ps -aq
  assert_output ""
  ! find /sys/fs/cgroup -type d -path "*/$client_cgroup/*" | grep . || fail "its cgroup is left"
}
