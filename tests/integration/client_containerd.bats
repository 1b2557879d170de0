#!/usr/bin/env bats
# containerd with us as its runtime, driven by ctr, and by the CRI as a kubelet does it.
load clients

# Asked before each test: a file whose setup_file skips fails in its teardown_file.
may_run() { is_root && [[ -z ${SLOW_MACHINE-} ]]; }
setup() {
  is_root || skip "needs root"
  may_run || skip "needs processors that are not emulated"
}

setup_file() {
  may_run || return 0
  require_programs containerd ctr containerd-shim-runc-v2
  make_client
  export client_cgroup=mc-containerd-${BATS_RUN_TMPDIR##*[.-]}
  write_configuration
  write_wrapper ctr ctr --address "$client/sock"
  start_daemon containerd containerd --config "$client/config.toml"
  wait_for_daemon containerd "$client/ctr" version
  make_archive
  "$client/ctr" images import --snapshotter native "$client/image.tar" >&2
  "$client/ctr" --namespace k8s.io images import --snapshotter native "$client/image.tar" >&2
}

write_configuration() {
  cat >"$client/config.toml" <<END
version = 2
root = "$client/root"
state = "$client/state"
disabled_plugins = ["io.containerd.internal.v1.opt"]
[grpc]
  address = "$client/sock"
[ttrpc]
  address = "$client/sock.ttrpc"
[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "localhost/box:latest"
  restrict_oom_score_adj = true
  disable_tcp_service = true
  [plugins."io.containerd.grpc.v1.cri".containerd]
    snapshotter = "native"
  [plugins."io.containerd.grpc.v1.cri".cni]
    bin_dir = "$client/cni"
    conf_dir = "$client/cni"
END
  # As the README has it.
  cat >>"$client/config.toml" <<END
[plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
  runtime_type = "io.containerd.runc.v2"
[plugins."io.containerd.grpc.v1.cri".containerd.runtimes.mycontainer]
  runtime_type = "io.containerd.runc.v2"
  [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.mycontainer.options]
    BinaryName = "$client/mycontainer-oci"
    SystemdCgroup = $(runs_systemd && echo true || echo false)
END
}

# An image as "docker save" writes it.
make_archive() {
  local digest
  digest=$(sha256sum "$client/rootfs.tar")
  mkdir "$client/archive"
  ln "$client/rootfs.tar" "$client/archive/layer.tar"
  jq -n --arg digest "sha256:${digest%% *}" --arg arch "$(dpkg --print-architecture)" '
    {architecture: $arch, os: "linux", config: {Env: ["PATH=/usr/sbin:/usr/bin:/sbin:/bin"], Cmd: ["/bin/sleep", "1000"]},
     rootfs: {type: "layers", diff_ids: [$digest]}}' >"$client/archive/config.json"
  echo '[{"Config": "config.json", "RepoTags": ["localhost/box:latest"], "Layers": ["layer.tar"]}]' \
    >"$client/archive/manifest.json"
  tar -C "$client/archive" -cf "$client/image.tar" .
}

teardown() {
  [[ -z ${sandbox-} ]] || remove_sandbox
  [[ -z ${long_lived-} ]] || remove_container "$long_lived" >/dev/null 2>&1 || true
}

remove_container() {
  "$client/ctr" task delete --force "$1" || true
  "$client/ctr" container delete "$1"
}

teardown_file() {
  local id
  if ! may_run; then return 0; fi
  for id in $("$client/ctr" container ls -q); do remove_container "$id" >/dev/null 2>&1 || true; done
  stop_daemon containerd
  remove_client
}

ctr() { capture 60 "$client/ctr" "$@"; }

id=box-$$

# set_words [OPTION...] -- COMMAND...: $words is what follows `ctr run`.
set_words() {
  words=(--runc-binary "$client/mycontainer-oci" --snapshotter native --env "MC_MARK=$BATS_RUN_TMPDIR"
    --cgroup "/$client_cgroup/$id")
  while (($#)) && [[ $1 != -- ]]; do
    words+=("$1")
    shift
  done
  words+=(localhost/box:latest "$id" "${@:2}")
}
box() {
  set_words "$@"
  ctr run --rm "${words[@]}"
}
keep() {
  set_words "$@"
  long_lived=$id
  ctr run -d "${words[@]}"
  assert_status 0
}

task_is() { [[ $("$client/ctr" task ls | awk -v id="$id" '$1 == id { print $3 }') == "$1" ]]; }

@test "as root: containerd runs a program and gives back output and exit status" {
  box -- sh -c 'echo out; echo err >&2; exit 7'
  assert_status 7
  assert_output out
  assert_stderr_contains err
}

@test "as root: containerd tells why a program cannot be run" {
  box -- no-such-program
  assert_status 1
  assert_stderr_contains 'exec: "no-such-program": executable file not found in $PATH'
  box -- /etc/passwd
  assert_status 1
  assert_stderr_contains "permission denied"
  ctr container ls -q
  assert_output ""
}

@test "as root: containerd run --tty has a terminal" {
  set_words --tty -- sh
  client_on_terminal ctr 'expect=# ' 'send=tty\n' 'expect=/dev/pts/0' 'send=exit 5\n' -- \
    run --rm "${words[@]}"
  assert_status 5
}

@test "as root: containerd run --null-io, --cwd, --env and --read-only" {
  box --null-io -- echo nothing
  assert_status 0
  assert_output ""
  box --cwd /usr --env COLOUR=blue --read-only -- sh -c 'pwd; echo $COLOUR; touch /tmp/new'
  assert_status 1
  assert_output $'/usr\nblue'
  assert_stderr_contains "Read-only file system"
}

@test "as root: containerd run --mount, --seccomp and --privileged" {
  echo content >"$BATS_TEST_TMPDIR/file"
  box --mount "type=bind,src=$BATS_TEST_TMPDIR,dst=/v,options=rbind:ro" -- cat /v/file
  assert_output content
  box --seccomp -- grep -E '^Seccomp:' /proc/self/status
  assert_output $'Seccomp:\t2'
  box --privileged -- sh -c 'mount -t tmpfs none /mnt && echo mounted'
  assert_output mounted
}

@test "as root: containerd run --memory-limit and --cpus" {
  require_controller memory
  require_controller cpu
  keep --memory-limit 67108864 --cpus 0.5 -- sleep 100
  if has_v2_only; then
    equal 67108864 "$(cat "/sys/fs/cgroup/$client_cgroup/$id/memory.max")" "memory.max"
    equal "50000 100000" "$(cat "/sys/fs/cgroup/$client_cgroup/$id/cpu.max")" "cpu.max"
  else
    equal 67108864 "$(cat "/sys/fs/cgroup/memory/$client_cgroup/$id/memory.limit_in_bytes")" limit
    equal 50000 "$(cat "/sys/fs/cgroup/cpu/$client_cgroup/$id/cpu.cfs_quota_us")" quota
  fi
}

@test "as root: containerd exec has its own status, kill and delete end the task" {
  keep -- sh -c 'trap "exit 3" TERM; while :; do sleep 0.1; done'
  task_is RUNNING
  ctr task exec --exec-id e1 "$id" sh -c 'echo out; exit 9'
  assert_status 9
  assert_output out
  client_on_terminal ctr 'expect=# ' 'send=tty\n' 'expect=/dev/pts/0' 'send=exit 5\n' -- \
    task exec --tty --exec-id e2 "$id" sh
  assert_status 5
  ctr task exec --exec-id e3 --user 1000:1001 --cwd /usr "$id" sh -c 'id -u; id -g; pwd'
  assert_output $'1000\n1001\n/usr'
  ctr task ps "$id"
  assert_status 0
  grep -q '^[0-9]' <<<"$output" || fail "no process is listed"
  ctr task kill "$id"
  eventually task_is STOPPED
  ctr task delete "$id"
  assert_stderr_contains "exit code 3"
  ctr container delete "$id"
  assert_status 0
  [[ -z $(find /sys/fs/cgroup -type d -path "*/$client_cgroup/$id") ]] || fail "the cgroup is left"
}

@test "as root: containerd pauses and resumes" {
  keep --mount "type=bind,src=$BATS_TEST_TMPDIR,dst=/v,options=rbind:rw" -- \
    sh -c 'while :; do echo >>/v/beats; sleep 0.05; done'
  local beats=$BATS_TEST_TMPDIR/beats before
  eventually test -s "$beats"
  ctr task pause "$id"
  assert_status 0
  task_is PAUSED
  before=$(stat -c %s "$beats")
  sleep 0.3
  equal "$before" "$(stat -c %s "$beats")" "beats while paused"
  ctr task resume "$id"
  assert_status 0
  task_is RUNNING
}

@test "as root: containerd metrics" {
  containerd_can_count || skip "containerd cannot read this machine's cgroups"
  keep -- sleep 100
  ctr task metrics "$id"
  assert_status 0
  assert_contains memory
}

@test "as root: containerd checkpoint is refused clearly" {
  keep -- sleep 100
  ctr task checkpoint "$id"
  ((status != 0)) || fail "a checkpoint was made"
  assert_stderr_contains "checkpoint is not supported"
  task_is RUNNING
}

# --- the CRI ---------------------------------------------------------------------------------
# gRPC is a POST by HTTP/2, whose body is a protocol buffer behind five bytes. Messages are kept as
# hexadecimal digits here; their fields' numbers stand in k8s.io/cri-api/pkg/apis/runtime/v1/api.proto.

varint() {
  local value=$1
  for (( ; value > 127; value >>= 7)); do printf %02x $((value & 127 | 128)); done
  printf %02x "$value"
}
part() { printf %s "$(varint $(($1 << 3 | 2)))$(varint $((${#2} / 2)))$2"; } # part FIELD MESSAGE
text() { part "$1" "$(printf %s "$2" | od -An -v -tx1 | tr -d ' \n')"; }    # text FIELD STRING
number() { printf %s "$(varint $(($1 << 3)))$(varint "$2")"; }             # number FIELD VALUE

# cri METHOD MESSAGE: $status is gRPC's, $output what can be read of the answer.
cri() {
  local size
  size=$(printf %08x $((${#2} / 2)))
  # shellcheck disable=SC2059  # the format is the data
  printf "$(sed 's/../\\x&/g' <<<"00$size$2")" >"$BATS_TEST_TMPDIR/request"
  curl -s --max-time 60 --http2-prior-knowledge --unix-socket "$client/sock" \
    -H 'content-type: application/grpc' -H 'te: trailers' --data-binary "@$BATS_TEST_TMPDIR/request" \
    -D "$BATS_TEST_TMPDIR/headers" -o "$BATS_TEST_TMPDIR/answer" \
    "http://localhost/runtime.v1.RuntimeService/$1"
  status=$(sed -n 's/^grpc-status: \([0-9]*\).*/\1/p' "$BATS_TEST_TMPDIR/headers")
  output=$(tr -dc '[:print:]\n' <"$BATS_TEST_TMPDIR/answer")
  printf '%s: %s %s\n%s\n' "$1" "$status" \
    "$(sed -n 's/^grpc-message: //p' "$BATS_TEST_TMPDIR/headers")" "$output"
}

remove_sandbox() {
  cri StopPodSandbox "$(text 1 "$sandbox")"
  cri RemovePodSandbox "$(text 1 "$sandbox")"
}

# In the host's network, because CI has no network plugin.
make_sandbox() {
  local name host_network parent=/$client_cgroup
  ! runs_systemd || parent=system.slice
  name=$(text 1 pod)$(text 2 uid)$(text 3 default)
  host_network=$(part 1 "$(number 1 2)$(number 2 1)$(number 3 2)")
  pod=$(part 1 "$name")$(text 3 "$BATS_TEST_TMPDIR/logs")
  pod+=$(part 8 "$(text 1 "$parent")$(part 2 "$host_network")")
  cri RunPodSandbox "$(part 1 "$pod")$(text 2 mycontainer)"
  assert_status 0
  sandbox=$(grep -oE '[0-9a-f]{64}' <<<"$output")
}

@test "as root: containerd makes a pod as Kubernetes asks for it, by its runtime class" {
  require_programs curl
  require_controller memory
  local pod container memory
  mkdir "$BATS_TEST_TMPDIR/logs"
  make_sandbox
  container=$(part 1 "$(text 1 box)")$(part 2 "$(text 1 localhost/box:latest)")
  container+=$(text 3 /bin/sh)$(text 4 -c)$(text 4 'echo started; sleep 1000')$(text 11 box.log)
  container+=$(part 15 "$(part 1 "$(number 4 67108864)")")
  cri CreateContainer "$(text 1 "$sandbox")$(part 2 "$container")$(part 3 "$pod")"
  assert_status 0
  container=$(text 1 "$(grep -oE '[0-9a-f]{64}' <<<"$output")")
  cri StartContainer "$container"
  assert_status 0
  memory=$(cgroup_value memory memory.limit_in_bytes memory.max)
  cri ExecSync "$container$(text 2 sh)$(text 2 -c)$(text 2 "echo inside; $memory")$(number 3 20)"
  assert_status 0
  assert_contains inside
  assert_contains 67108864
  cri UpdateContainerResources "$container$(part 2 "$(number 4 100663296)")"
  assert_status 0
  cri ExecSync "$container$(text 2 sh)$(text 2 -c)$(text 2 "$memory")$(number 3 20)"
  assert_contains 100663296
  cri StopContainer "$container$(number 2 1)"
  assert_status 0
  cri RemoveContainer "$container"
  assert_status 0
  grep -q 'stdout F started' "$BATS_TEST_TMPDIR/logs/box.log" || fail "the log lacks a line"
}
