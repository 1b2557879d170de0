#!/usr/bin/env bats
# A machine that is restarted: nothing of the state root is left, and the records tell of another
# boot.
load helpers
load faults

setup() {
  name=box$BATS_TEST_NUMBER
  # Each test has its own machine.
  export MYCONTAINER_ROOT=$BATS_TEST_TMPDIR/root MYCONTAINER_STATE_ROOT=$BATS_TEST_TMPDIR/state
}
teardown() {
  local id
  for id in "$MYCONTAINER_ROOT"/containers/*; do mc rm -f "${id##*/}"; done
}


# Power fails: everything dies at once, memory and the state root are gone.
reboot() {
  local pid file
  for file in "$MYCONTAINER_STATE_ROOT"/containers/*/state.json; do
    # Its monitor: it must not record the end. The container dies with it.
    pid=$(awk '/^PPid/ {print $2}' "/proc/$(json_pid "$file")/status" 2>/dev/null) || continue
    kill -KILL "$pid"
  done
  eventually nobody_runs
  rm -rf "$MYCONTAINER_STATE_ROOT"
  sed -i 's/"boot":"[^"]*"/"boot":"00000000-0000-0000-0000-000000000000"/' "$MYCONTAINER_ROOT"/containers/*/record.json
}
json_pid() { jq .pid "$1"; }
nobody_runs() {
  local file
  for file in "$MYCONTAINER_STATE_ROOT"/containers/*/state.json; do
    [[ ! -e $file || ! -d /proc/$(json_pid "$file") ]] || return 1
  done
}
runs() { "$MYCONTAINER" exec "$1" /bin/true 2>/dev/null; }
does_not_run() { ! runs "$1"; }

@test "after a reboot what ran is exited (255), says why, and its log is whole" {
  mc run -d --name "$name" /bin/sh -c 'for i in 1 2 3; do echo line $i; done; printf "and a part"; exec sleep 1000'
  local id=$output
  eventually logs_are 3
  reboot
  mc wait "$name"
  assert_output 255
  mc system boot
  assert_status 0
  equal exited "$(field .state.status)" status
  equal 255 "$(field .state.exitCode)" "exit code"
  equal "the machine was restarted while it ran" "$(field .state.error)" "reason"
  [[ $(field .state.finished) != 0 ]] || fail "it has no end"
  mc logs "$name"
  [[ $output == $'line 1\nline 2\nline 3'* ]] || fail "the log has lost lines"
  mc start "$name"
  assert_status 0
  runs "$name"
  mc logs "$name"
  [[ $output == $'line 1\nline 2\nline 3'*$'line 1\nline 2\nline 3'* ]] || fail "the log has lost lines"
}
logs_are() { (($("$MYCONTAINER" logs "$name" | grep -c line) == $1)); }

@test "a boot starts what its policy says, and nothing else" {
  local wanted=() policy
  mc run -d --name no --restart no /bin/sleep 1000
  mc run -d --name always --restart always /bin/sleep 1000
  mc run -d --name always-stopped --restart always /bin/sleep 1000
  mc run -d --name unless --restart unless-stopped /bin/sleep 1000
  mc run -d --name unless-stopped --restart unless-stopped /bin/sleep 1000
  mc run -d --name failure --restart on-failure:3 /bin/sleep 1000
  mc run -d --name failure-stopped --restart on-failure:3 /bin/sleep 1000
  mc run -d --name failure-done --restart on-failure:3 /bin/true
  mc create --name created --restart always /bin/sleep 1000
  mc stop -t 0 always-stopped unless-stopped failure-stopped
  assert_status 0
  eventually does_not_run failure-done
  reboot
  mc system boot
  assert_status 0
  runs always && runs always-stopped && runs unless && runs failure
  does_not_run no && does_not_run unless-stopped && does_not_run failure-stopped &&
    does_not_run failure-done && does_not_run created
  mc system boot # once more: nothing changes
  assert_status 0
  does_not_run unless-stopped
}

@test "after a reboot containers with --rm are gone, and their names free" {
  mc run -d --rm --name "$name" /bin/sleep 1000
  mc run -d --name other /bin/sleep 1000
  (exec "$MYCONTAINER" run --rm --name foreground /bin/sleep 1000 </dev/null >/dev/null 2>&1 3>&-) &
  eventually runs foreground
  reboot
  mc system boot
  assert_status 0
  equal 1 "$(ls "$MYCONTAINER_ROOT/containers" | wc -l)" "number of containers"
  mc run --rm --name "$name" /bin/echo free
  assert_output free
  mc run --rm --name foreground /bin/echo free
  assert_output free
}

@test "without system boot the first start after a reboot puts the records right" {
  mc run -d --rm --name "$name" /bin/sleep 1000
  mc run -d --name other /bin/sleep 1000
  local id=$output
  reboot
  mc run --rm /bin/true
  assert_status 0
  equal exited "$(field .state.status)" status
  equal 1 "$(ls "$MYCONTAINER_ROOT/containers" | wc -l)" "number of containers"
}

@test "restarts are counted, and a boot begins to count anew" {
  mc run -d --name "$name" --restart on-failure:2 /bin/sh -c 'exit 3'
  local id=$output
  eventually is_exited
  equal 2 "$(field .state.restartCount)" restarts
  equal 3 "$(field .state.exitCode)" "exit code"
  reboot
  mc system boot
  eventually is_exited
  ((2 >= $(field .state.restartCount))) || fail "too many restarts"
}
is_exited() { [[ $(field .state.status) == exited ]]; }
