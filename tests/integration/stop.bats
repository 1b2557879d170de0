#!/usr/bin/env bats
# stop: asks first, then kills; says what it waits for, and never waits for nothing.
load helpers
load lifecycle.bash

@test "stop asks with SIGTERM and waits for the end" {
  listens "$name"
  mc stop "$name"
  assert_status 0
  assert_output "$name"
  equal "" "$stderr" "stderr"
  assert_exit_code "$name" 7
}

@test "stop kills what does not hear the signal, after its timeout, and says so at once" {
  is_deaf "$name"
  mc stop -t 1 "$name"
  assert_status 0
  assert_output "$name"
  assert_stderr_contains "PID 1 (sleep) of $name does not handle SIGTERM; it will be killed after 1 s"
  assert_one_line
  assert_exit_code "$name" 137
}

@test "stop -t 0 kills at once and has nothing to say" {
  is_deaf "$name"
  mc stop -t 0 "$name"
  assert_status 0
  equal "" "$stderr" "stderr"
  assert_exit_code "$name" 137
}

@test "stop --time means --timeout, and both are too much" {
  is_deaf "$name"
  mc stop --time 0 --timeout 0 "$name"
  assert_error "conflicting options: cannot specify both --timeout and --time"
  mc stop --time 0 "$name"
  assert_status 0
}

@test "stop waits without end when the timeout is negative" {
  lives "$name" -- catch 15 10
  eventually_logged "$name" ready
  mc_shell "'$MYCONTAINER' stop -t -1 -s USR1 $name & pid=\$!
    sleep 1; kill -0 \$pid && echo waits; '$MYCONTAINER' kill -s TERM $name; wait \$pid"
  assert_status 0
  assert_contains waits
  assert_exit_code "$name" 7
}

@test "stop sends the signal that was asked for, the container's own, or SIGTERM" {
  lives "$name" --stop-signal USR1 -- catch 10 12
  eventually_logged "$name" ready
  mc stop -t 1 "$name"
  eventually_logged "$name" "caught 10"
  lives "$name-2" --stop-signal USR1 -- catch 10 12
  eventually_logged "$name-2" ready
  mc stop -t 1 -s SIGUSR2 "$name-2"
  eventually_logged "$name-2" "caught 12"
}

@test "stop uses the container's own timeout" {
  is_deaf "$name" --stop-timeout 1
  mc stop "$name"
  assert_status 0
  assert_stderr_contains "killed after 1 s"
}

@test "what has ended already is stopped already" {
  mc run -d --name "$name" /bin/sh -c 'exit 3'
  mc wait "$name"
  mc stop "$name"
  assert_status 0
  assert_output "$name"
  assert_exit_code "$name" 3
}

@test "what was only created is stopped already" {
  mc create --name "$name" /bin/true
  mc stop "$name"
  assert_status 0
}

@test "as root: stop reaches a paused container" {
  require_root
  listens "$name"
  mc pause "$name"
  assert_status 0
  mc stop "$name"
  assert_status 0
  assert_exit_code "$name" 7
}

@test "a container that is always restarted stays stopped" {
  listens "$name" --restart always
  mc stop "$name"
  assert_status 0
  mc wait "$name"
  assert_output 7
  has_record "$name" '"stoppedByUser": ?true'
}

@test "stop ends a container that waits to be restarted" {
  mc run -d --name "$name" --restart always /bin/sh -c 'exit 3'
  eventually has_record "$name" '"status": ?"restarting"'
  mc stop "$name"
  assert_status 0
  has_record "$name" '"status": ?"exited"'
}

@test "a container with --rm is gone when stop returns" {
  listens "$name" --rm
  mc stop "$name"
  assert_status 0
  refute exists "$name"
}

@test "a foreground container is gone when stop returns" {
  mc_shell "'$MYCONTAINER' run --rm --name $name /bin/sleep 1000 & pid=\$!
    until compgen -G '$MYCONTAINER_STATE_ROOT/containers/*/state.json' >/dev/null; do sleep 0.01; done
    '$MYCONTAINER' stop -t 0 $name || exit 99; [[ ! -L $MYCONTAINER_ROOT/names/$name ]] || exit 98; wait \$pid"
  assert_status 137
}

@test "stop of a missing container, or none, is an error" {
  mc stop nobody
  assert_error "no such container: nobody"
  mc stop
  assert_error "requires at least 1 argument"
  mc stop -t soon nobody
  assert_refused '"-t, --timeout"'
  mc stop -s BOGUS nobody
  assert_refused "Invalid signal: BOGUS"
}

@test "stop goes on after an error, and fails" {
  listens "$name"
  mc stop nobody "$name"
  assert_status 1
  assert_output "$name"
  assert_stderr_contains "no such container: nobody"
}

@test "stop tells its events in order" {
  listens "$name"
  mc stop "$name"
  local actions
  actions=$(grep "\"name\":\"$name\"" "$MYCONTAINER_STATE_ROOT/events" |
    grep -oE '"action":"(kill|die|stop)"' | tr '\n' ' ')
  equal '"action":"kill" "action":"die" "action":"stop" ' "$actions" "order"
}

@test "stop says that it is the supervisor that does not end" {
  listens "$name"
  local supervisor
  supervisor=$(awk '/^PPid:/ {print $2}' "/proc/$(pid_of "$name")/status")
  kill -STOP "$supervisor"
  mc stop -t 0 "$name"
  kill -CONT "$supervisor"
  assert_error "container $name does not end: nothing of it runs any more, but its supervisor has not noticed"
  eventually has_record "$name" '"status": ?"exited"'
}

@test "containers that must be killed have their time together" {
  local i words=()
  for i in {1..8}; do is_deaf "$name-$i"; words+=("$name-$i"); done
  # One after the other they would take 80 seconds, longer than mc waits.
  mc stop "${words[@]}"
  assert_status 0
  equal 8 "$(grep -c "^$name" <<<"$output")" "how many were stopped"
}

@test "as root: stop and rm -f are bounded, and name what does not end" {
  require_root
  [[ -d /sys/fs/cgroup/freezer ]] || skip "needs the v1 freezer"
  is_deaf "$name"
  local first frozen=/sys/fs/cgroup/freezer/mc-stuck-$$
  first=$(pid_of "$name")
  mkdir "$frozen"
  echo "$first" >"$frozen/cgroup.procs"
  echo FROZEN >"$frozen/freezer.state"
  mc stop -t 0 "$name"
  local told=$stderr code=$status
  mc rm -f "$name"
  echo THAWED >"$frozen/freezer.state"
  [[ $code == 1 && $told == *"container $name does not end: process $first (sleep) is in state D"* ]] ||
    fail "stop said $told"
  assert_error "container $name does not end: process $first (sleep) is in state D"
  eventually test ! -d "/proc/$first"
  eventually rmdir "$frozen"
}
