#!/usr/bin/env bats
# Starts that fail, hang or are given up, and a monitor that is told to end.
load helpers
load faults

setup() { name=box$BATS_TEST_NUMBER; }
teardown() { mc rm -f "$name"; }


@test "a start that fails tells why, then and later, and works once that is mended" {
  local root=$BATS_TEST_TMPDIR/root
  mkdir -p "$root"/{bin,proc,sys,dev,etc,tmp}
  cp "$PROBE" "$root/bin/probe"
  remember_what_is_there
  mc create --name "$name" --rootfs "$root" /bin/probe
  assert_status 0
  id=$output
  mv "$root" "$root.away"
  mc start "$name"
  assert_status 1
  assert_stderr_contains "$root"
  equal created "$(field .state.status)" status
  [[ $(field .state.error) == *"$root"* ]] || fail "the record does not say why: $(field .state.error)"
  mv "$root.away" "$root"
  mv "$root/bin/probe" "$root/bin/elsewhere"
  mc start "$name"
  assert_status 1
  equal 127 "$(field .state.exitCode)" "exit code"
  [[ $(field .state.error) == *"/bin/probe"* ]] || fail "the record does not say why: $(field .state.error)"
  mv "$root/bin/elsewhere" "$root/bin/probe"
  chmod 600 "$root/bin/probe"
  mc start "$name"
  equal 126 "$(field .state.exitCode)" "exit code"
  chmod 755 "$root/bin/probe"
  mc start -a "$name"
  assert_status 0
  equal "" "$(field .state.error)" error
  equal 0 "$(field .state.exitCode)" "exit code"
  mc rm "$name"
  assert_status 0
  eventually no_new_cgroups
}

@test "a run whose program is missing leaves a container that says so, one with --rm none" {
  mc run --name "$name" /bin/nosuch
  assert_refused nosuch 127
  id=$(id_of "$name")
  equal created "$(field .state.status)" status
  equal 127 "$(field .state.exitCode)" "exit code"
  mc rm "$name"
  assert_status 0
  mc run -d --name "$name" /bin/nosuch
  assert_status 127
  mc rm "$name"
  assert_status 0
  mc run -d --rm --name "$name" /bin/nosuch
  assert_refused nosuch 127
  [[ ! -L $MYCONTAINER_ROOT/names/$name ]] || fail "it is still there"
}

@test "as root: a start without the cgroup that its limit needs tells why" {
  require_root
  mc create --name "$name" --cpuset-cpus 4000 /bin/true
  if [[ $status == 0 ]]; then
    id=$output
    mc start "$name"
    [[ $status == 1 ]] || fail "status $status"
    [[ -n $(field .state.error) ]] || fail "the record does not say why"
    mc rm "$name"
    assert_status 0
  fi
}

# A lock that another holds makes a start hang.
hanging() {
  mc create -t --name "$name" "$@" /bin/sleep 1000
  id=$output
  flock "$MYCONTAINER_ROOT/containers/$id" sleep 1000 3>&- &
  holder=$!
  eventually is_locked
}
is_locked() { ! flock -n "$MYCONTAINER_ROOT/containers/$id" true; }
release() { kill $(cat "/proc/$holder/task/$holder/children"); wait "$holder" || true; }

@test "ctrl-c ends a start that hangs, and nothing of it goes on" {
  hanging
  on_terminal pause=500 'send=\x03' pause=300 'send=\x03' -- start -a "$name"
  ((status != 98 && status != 0)) || fail "status $status"
  [[ $stderr == *"modes: restored"* ]] || fail "the terminal is not as it was"
  release
  mc exec "$name" /bin/true
  assert_status 1
  mc start "$name"
  assert_status 0
  mc exec "$name" /bin/echo lives
  assert_output lives
}

@test "a start that hangs behind a lock says who has it" {
  hanging
  mc start "$name"
  assert_status 1
  assert_stderr_contains "is being changed by process"
  release
  mc start "$name"
  assert_status 0
}

@test "a monitor that is told to end lets its container end properly" {
  mc run -d --name "$name" --restart always --stop-timeout 20 /bin/sh -c 'trap "echo goodbye; exit 5" TERM; echo ready; while :; do sleep 0.05; done'
  id=$output
  eventually logs_have ready
  local monitor
  monitor=$(monitor_of)
  kill -TERM "$monitor"
  mc wait "$name"
  assert_output 5
  eventually test ! -e "/proc/$monitor"
  eventually logs_have goodbye
  equal exited "$(field .state.status)" status
  equal false "$(field .state.stoppedByUser)" "stopped by the user"
}
logs_have() { "$MYCONTAINER" logs "$name" | grep -q "$1"; }

@test "a monitor that is told to end kills what does not end in its stop timeout" {
  mc run -d --name "$name" --stop-timeout 1 /bin/sh -c 'trap "" TERM; echo ready; while :; do sleep 0.05; done'
  id=$output
  eventually logs_have ready
  kill -TERM "$(monitor_of)"
  mc wait "$name"
  assert_output 137
}

@test "as root: a monitor that is told to end while its container is paused ends it all the same" {
  require_root
  mc run -d --name "$name" --stop-timeout 1 /bin/sleep 1000
  id=$output
  mc pause "$name"
  assert_status 0
  kill -TERM "$(monitor_of)"
  capture 15 "$MYCONTAINER" wait "$name"
  assert_output 137
}

@test "a monitor that is told to end while it waits for a restart ends" {
  mc run -d --name "$name" --restart always /bin/sh -c 'exit 3'
  id=$output
  eventually many_restarts
  local monitor
  monitor=$(awk -v inode="$(stat -c %i "$(live)")" '$0 ~ ":" inode " " && /WRITE/ {print $5}' /proc/locks)
  kill -TERM "$monitor"
  eventually test ! -e "/proc/$monitor"
  mc wait "$name"
  assert_output 3
}
many_restarts() { (($(field .state.restartCount) >= 3)); }
