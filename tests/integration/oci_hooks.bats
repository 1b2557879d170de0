#!/usr/bin/env bats
# The hooks of a configuration: when they run, where, with what, and what becomes of their failures.
load oci

# hook POINT SCRIPT [JQ-OBJECT]: adds a hook that runs SCRIPT, with more properties from JQ-OBJECT.
hook() {
  # shellcheck disable=SC2016
  edit '.hooks[$point] += [{path: "/bin/sh", args: ["sh", "-c", $script]} + '"${3:-{\}}"']' \
    --arg point "$1" --arg script "$2"
}

# $log is a directory of the host that the container has on /log.
bundle_with_log() {
  bundle
  log=$bundle/log
  mkdir -m 777 "$log"
  # shellcheck disable=SC2016
  edit '.mounts += [{destination: "/log", type: "bind", source: $log, options: ["bind"]}]' \
    --arg log "$log"
}

# Nothing of a container that was not made: no record, no cgroup.
assert_nothing_left() { # assert_nothing_left ID
  oci list -q
  assert_output ""
  output=$(find /sys/fs/cgroup -name "*$1*" 2>/dev/null || true)
  assert_output ""
}

points=(prestart createRuntime createContainer poststart poststop)

@test "oci hooks: run in the order of the specification, several of a kind in theirs" {
  local point
  bundle_with_log
  for point in "${points[@]}"; do
    hook "$point" "echo $point 1 >>$log/order"
    hook "$point" "echo $point 2 >>$log/order"
  done
  hook startContainer 'echo startContainer 1 >>/log/order'
  hook startContainer 'echo startContainer 2 >>/log/order'
  # What the program says must not race with poststart, which runs beside it.
  shell 'while [ "$(tail -n 1 /log/order)" != "poststart 2" ]; do usleep 10000; done
    echo program >>/log/order'
  assert_status 0
  # `run` deletes what has ended.
  equal "$(printf '%s 1\n%s 2\n' prestart{,} createRuntime{,} createContainer{,} startContainer{,} \
    poststart{,})
program
poststop 1
poststop 2" "$(cat "$log/order")" "the order"
}

@test "oci hooks: create runs some, start the others, delete the last" {
  local id point
  id=$(fresh_id)
  bundle_with_log
  for point in "${points[@]}"; do hook "$point" "echo $point >>$log/order"; done
  hook startContainer 'sleep 1; echo startContainer >>/log/order'
  edit '.process.args = ["/bin/true"]'
  oci create --bundle "$bundle" "$id"
  assert_status 0
  equal "prestart createRuntime createContainer" "$(paste -sd " " "$log/order")" "after create"
  oci start "$id"
  assert_status 0
  equal "prestart createRuntime createContainer startContainer poststart" \
    "$(paste -sd " " "$log/order")" "after start"
  for _ in {1..100}; do
    oci state "$id"
    [[ $(jq -r .status <<<"$output") == stopped ]] && break
    sleep 0.05
  done
  oci delete "$id"
  assert_status 0
  equal poststop "$(tail -n 1 "$log/order")" "the last hook"
}

@test "oci hooks: the state is on standard input, with the status of that moment" {
  local id point status_of
  id=$(fresh_id)
  bundle_with_log
  edit '.annotations = {"key": "a value"}'
  for point in "${points[@]}"; do hook "$point" "cat >$log/$point"; done
  hook startContainer 'cat >/log/startContainer'
  # Lives until poststart has run.
  edit '.process.args = ["/bin/sh", "-c", "while ! [ -s /log/poststart ]; do usleep 10000; done"]'
  oci run --bundle "$bundle" "$id"
  assert_status 0
  for point in "${points[@]}" startContainer; do
    case $point in
      startContainer) status_of=created ;;
      poststart) status_of=running ;;
      poststop) status_of=stopped ;;
      *) status_of=creating ;;
    esac
    output=$(cat "$log/$point")
    equal "$id|$status_of|$bundle|a value" \
      "$(jq -r '[.id, .status, .bundle, .annotations.key] | join("|")' <<<"$output")" "$point"
    [[ $(jq -r .ociVersion <<<"$output") == 1.* ]] || fail "$point: ociVersion"
    if [[ $point == poststop ]]; then
      [[ $(jq -r '.pid // 0' <<<"$output") == 0 ]] || fail "a stopped container has a pid"
    else
      (($(jq -r .pid <<<"$output") > 1)) || fail "$point: pid"
    fi
  done
}

@test "oci hooks: some run in the runtime's namespaces, some in the container's" {
  local point host
  bundle_with_log
  for point in "${points[@]}"; do
    hook "$point" "readlink /proc/self/ns/mnt /proc/self/ns/uts >$log/$point"
  done
  hook startContainer 'readlink /proc/self/ns/mnt >/log/startContainer
    readlink /proc/self/ns/uts >>/log/startContainer'
  shell 'readlink /proc/self/ns/mnt; readlink /proc/self/ns/uts;
    while ! [ -s /log/poststart ]; do usleep 10000; done'
  assert_status 0
  host=$(readlink /proc/self/ns/mnt /proc/self/ns/uts)
  for point in prestart createRuntime poststart poststop; do
    equal "$host" "$(cat "$log/$point")" "$point: the namespaces"
  done
  for point in createContainer startContainer; do
    equal "$output" "$(cat "$log/$point")" "$point: the namespaces"
  done
}

@test "oci hooks: createContainer sees the host's tree with the container's mounts in it" {
  bundle_with_log
  hook createContainer "cp /etc/hostname $log/host; ls $bundle/rootfs/proc/1 >$log/mounted"
  shell true
  assert_status 0
  equal "$(cat /etc/hostname)" "$(cat "$log/host")" "the host's file"
  [[ -s $log/mounted ]] || fail "/proc was not mounted below the rootfs"
}

@test "oci hooks: have their own arguments and environment and nothing else" {
  bundle_with_log
  export OF_THE_HOST=yes
  # shellcheck disable=SC2016
  edit '.hooks.createRuntime = [{path: "/bin/sh", env: ["A=b=c", "EMPTY="],
    args: ["zero", "-c", "(head -c 4 /proc/$$/cmdline; echo \" $0\"; tr \"\\0\" \"\\n\" </proc/$$/environ) >\($log)/out", "one"]}]' \
    --arg log "$log"
  shell true
  assert_status 0
  equal "zero one A=b=c EMPTY=" "$(paste -sd " " "$log/out")" "what the hook saw"
}

@test "oci hooks: one that ignores a long state on its standard input harms nobody" {
  bundle
  # shellcheck disable=SC2016
  edit '.annotations = {"long": ("x" * 300000)}'
  hook createRuntime 'true'
  hook createRuntime 'exec <&-; true'
  hook startContainer 'true'
  shell 'echo ran'
  assert_status 0
  assert_output ran
}

@test "oci hooks: children that one leaves behind are not waited for" {
  bundle
  hook createRuntime 'sleep 20 & exit 0'
  SECONDS=0
  shell 'echo ran'
  assert_status 0
  ((SECONDS < 10)) || fail "it took $SECONDS seconds"
}

@test "oci hooks: a failure before the start undoes the creation and says why" {
  local point id
  for point in prestart createRuntime createContainer; do
    id=$(fresh_id)
    bundle
    edit '.process.args = ["/bin/true"]'
    hook "$point" 'true'
    hook "$point" 'echo first >&2; echo "the reason" >&2; exit 3'
    oci create --bundle "$bundle" "$id"
    ((status != 0)) || fail "$point: created"
    assert_stderr_contains "hooks.${point}[1] /bin/sh: exited with code 3: the reason"
    assert_nothing_left "$id"
  done
}

@test "oci hooks: a failure at the start keeps the program from running" {
  local id
  id=$(fresh_id)
  bundle_with_log
  hook startContainer 'sleep 1; echo "not today" >&2; exit 4'
  edit '.process.args = ["/bin/sh", "-c", "echo ran >/log/ran"]'
  oci create --bundle "$bundle" "$id"
  assert_status 0
  oci start "$id"
  ((status != 0)) || fail "started"
  assert_stderr_contains 'hooks.startContainer[0] /bin/sh: exited with code 4: not today'
  [[ ! -e $log/ran ]] || fail "the program ran"
  shell true
  ((status != 0)) || fail "run"
  assert_stderr_contains 'hooks.startContainer[0] /bin/sh: exited with code 4: not today'
}

@test "oci hooks: failures after the start only warn" {
  local id
  id=$(fresh_id)
  bundle_with_log
  hook poststart 'exit 5'
  hook poststart "echo poststart >>$log/ran"
  hook poststop 'exit 6'
  hook poststop "echo poststop >>$log/ran"
  # shellcheck disable=SC2016
  edit '.process.args = ["/bin/sh", "-c", "while ! [ -s /log/ran ]; do usleep 10000; done"]'
  oci --log "$log/log" run --bundle "$bundle" "$id"
  assert_status 0
  equal "poststart poststop" "$(paste -sd " " "$log/ran")" "the hooks that ran"
  grep -q 'hooks.poststart\[0\] /bin/sh: exited with code 5' "$log/log" || fail "no warning"
  grep -q 'hooks.poststop\[0\] /bin/sh: exited with code 6' "$log/log" || fail "no warning"
}

@test "oci hooks: one that takes too long is killed with its children" {
  local id
  id=$(fresh_id)
  bundle_with_log
  edit '.process.args = ["/bin/true"]'
  hook createRuntime "sleep 100 & echo \$! >$log/child; sleep 100" '{timeout: 1}'
  SECONDS=0
  oci create --bundle "$bundle" "$id"
  ((status != 0)) || fail "created"
  ((SECONDS < 20)) || fail "it took $SECONDS seconds"
  assert_stderr_contains 'hooks.createRuntime[0] /bin/sh: was killed because it ran longer than 1 s'
  for _ in {1..100}; do
    grep -qs sleep "/proc/$(cat "$log/child")/cmdline" || break
    sleep 0.05
  done
  ! grep -qs sleep "/proc/$(cat "$log/child")/cmdline" || fail "its child lives on"
  assert_nothing_left "$id"
}

@test "oci hooks: a first process that is killed while they run is no container" {
  bundle
  edit '.hooks.createRuntime = [{"path": "/bin/sh", "args": ["sh", "-c", "kill -9 $(jq .pid)"],
    "env": ["PATH=/usr/bin:/bin"]}]'
  oci create --bundle "$bundle" "$(fresh_id)"
  assert_status 1
  assert_stderr_contains "killed before it was ready"
  oci list -q
  assert_output ""
}

@test "oci hooks: a failed creation has run poststop" {
  bundle_with_log
  edit '.process.args = ["/bin/true"]'
  hook createRuntime 'exit 1'
  hook poststop "cat >$log/poststop"
  oci create --bundle "$bundle" "$(fresh_id)"
  ((status != 0)) || fail "created"
  equal stopped "$(jq -r .status "$log/poststop")" "the status"
}

@test "oci hooks: what is wrong is refused by its JSON path" {
  bundle
  edit '.process.args = ["/bin/true"]'
  refused() { # refused HOOK-JSON MESSAGE
    edit ".hooks = {poststop: [$1]}"
    oci create --bundle "$bundle" "$(fresh_id)"
    assert_config_refused "hooks.poststop[0]$2"
  }
  refused '{path: "bin/x"}' '.path: "bin/x" is not an absolute path'
  refused '{path: "/x", timeout: 0}' '.timeout: 0 is not above 0'
  refused '{path: "/x", env: ["=x"]}' '.env[0]: "=x" is not NAME=VALUE'
  refused '{args: ["x"]}' '.path: missing'
}
