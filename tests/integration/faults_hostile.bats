#!/usr/bin/env bats
# Forged records, other users, and clients that do not behave.
load helpers
load faults

setup() { name=box$BATS_TEST_NUMBER; }
teardown() {
  [[ -z ${stranger-} ]] || kill "$stranger" 2>/dev/null || true
  mc rm -f "$name"
}
box() {
  mc run -d --name "$name" --stop-timeout 1 "$@"
  assert_status 0
  id=$output
  directory=$MYCONTAINER_ROOT/containers/$id live=$MYCONTAINER_STATE_ROOT/containers/$id
}
# A process that is nobody's business.
stranger() {
  sleep 1000 3>&- &
  stranger=$!
}
start_time() { sed 's/.*) //' "/proc/$1/stat" | cut -d' ' -f20; }
assert_stranger_lives() {
  kill -0 "$stranger" || fail "the stranger was killed"
  [[ $(awk '/^State/ {print $2}' "/proc/$stranger/status") == S ]] || fail "the stranger is not as it was"
}
every_ending() {
  local verb
  for verb in "exec :: /bin/true" "pause ::" "unpause ::" "update --memory 64m ::" "kill -s USR1 ::" "kill ::" \
    "stop -t 1 ::" "restart -t 0 ::" "stop -t 0 ::" "rm ::" "rm -f ::"; do
    capture 40 "$MYCONTAINER" ${verb//::/$name}
    ((status != 124 && status < 128)) || fail "$verb: status $status"
    assert_stranger_lives
  done
}

@test "a state.json whose pid is now another process's never gets that one killed" {
  stranger
  box /bin/sleep 1000
  edit "$live/state.json" ".pid = $stranger"
  every_ending
  [[ ! -e $live && ! -e $directory ]] || fail "it is still there"
}

@test "what a killed monitor left, with the number of another process, gets nobody killed" {
  stranger
  box /bin/sleep 1000
  kill -KILL "$(monitor_of)"
  edit "$live/state.json" ".pid = $stranger"
  every_ending
  box /bin/sleep 1000
  kill -KILL "$(monitor_of)"
  edit "$live/state.json" ".pid = $stranger | .startTime = $(start_time "$stranger")"
  mc container prune -f
  mc run --rm /bin/true
  assert_stranger_lives
}

@test "a record.json with another process's pid never gets that one killed" {
  stranger
  box /bin/sleep 1000
  edit "$directory/record.json" ".state.pid = $stranger"
  every_ending
  mc create --name "$name" /bin/true
  id=$output directory=$MYCONTAINER_ROOT/containers/$output
  edit "$directory/record.json" ".state.pid = $stranger | .state.status = \"running\""
  every_ending
}

@test "a name that leads nowhere, elsewhere or to no container is nobody's, and can be claimed" {
  local target=$BATS_TEST_TMPDIR/outside word
  mkdir "$target"
  echo precious >"$target/file"
  box /bin/sleep 1000
  for word in nowhere ../../x "../../../../../../../../$target" "$target" . .. "$id/.." "containers/$id"; do
    ln -sfn "$word" "$MYCONTAINER_ROOT/names/odd"
    local verb
    for verb in "rm" "rm -f" stop kill start pause "rename :: even" "update --memory 64m" logs; do
      [[ $verb == *::* ]] || verb+=" ::"
      mc ${verb//::/odd}
      ((status != 124)) || fail "$verb waits"
    done
    [[ -e $target/file && -e $MYCONTAINER_ROOT/containers/$id/record.json ]] || fail "$word led outside"
    mc create --name odd /bin/true
    assert_status 0
    mc rm odd
    assert_status 0
  done
  mkdir "$MYCONTAINER_ROOT/names/odd"
  mc create --name odd /bin/true
  assert_status 0
  mc rm odd
  mkfifo "$MYCONTAINER_ROOT/names/odd"
  mc create --name odd /bin/true
  assert_status 0
  mc rm odd
  assert_status 0
}

@test "everything about containers is its owner's only" {
  umask 0
  box /bin/sh -c 'echo secret; sleep 1000'
  local path mode
  for path in "$MYCONTAINER_ROOT/containers/$id" "$MYCONTAINER_STATE_ROOT/containers/$id" "$MYCONTAINER_STATE_ROOT/containers" \
    "$MYCONTAINER_ROOT/names"; do
    mode=$(stat -c %a "$path")
    [[ $mode == 700 ]] || fail "$path has mode $mode"
  done
  for path in "$directory"/{record,config,log}.json "$live"/{state,config}.json; do
    mode=$(stat -c %a "$path")
    [[ $mode == 600 ]] || fail "$path has mode $mode"
  done
}

@test "as root: another user cannot attach, even when he gets at the socket" {
  require_root
  box -i /bin/cat
  # Opens everything up as no one should.
  chmod 755 "$live" "${live%/*}" "$MYCONTAINER_STATE_ROOT"
  chmod 777 "$live/attach.sock"
  cp "$INTRUDER" "$BATS_TEST_TMPDIR/intruder"
  chmod 755 "$BATS_TEST_TMPDIR" "$BATS_TEST_TMPDIR/intruder"
  capture 20 setpriv --reuid 65534 --regid 65534 --clear-groups "$BATS_TEST_TMPDIR/intruder" "$live" hello
  assert_output $'3 only its owner and root may attach to a container'
  capture 20 setpriv --reuid 65534 --regid 65534 --clear-groups "$MYCONTAINER" --root "$MYCONTAINER_ROOT" --state-root "$MYCONTAINER_STATE_ROOT" stop "$name"
  [[ $status != 0 ]] || fail "another user removes it"
  mc exec "$name" /bin/echo lives
  assert_output lives
}

@test "clients that send garbage, too much, parts, or nothing do not disturb a container" {
  box -i /bin/sh -c 'while read -r line; do echo "heard $line"; done; echo end'
  capture 100 "$INTRUDER" "$live" garbage
  assert_output "heard me"
  mc exec "$name" /bin/echo lives
  assert_output lives
}

@test "a client that is stopped while its container floods makes no monitor grow, and stop works" {
  (exec "$MYCONTAINER" run --name "$name" --log-opt max-size=1m --stop-timeout 1 /bin/sh -c 'while :; do echo flood flood flood flood; done' \
    </dev/null >"$BATS_TEST_TMPDIR/flood" 2>&1 3>&-) &
  local client=$!
  eventually test -s "$BATS_TEST_TMPDIR/flood"
  kill -STOP "$client"
  id=$(id_of "$name")
  local monitor before
  monitor=$(monitor_of)
  sleep 1
  awk '/^VmRSS/ {exit $2 > 8192}' "/proc/$monitor/status" || fail "$(grep VmRSS "/proc/$monitor/status")"
  mc stop -t 0 "$name"
  assert_status 0
  mc start "$name"
  assert_status 0
  mc rm -f "$name"
  assert_status 0
  kill -KILL "$client"
  wait "$client" || true
  eventually test ! -e "/proc/$monitor"
}

@test "a monitor that was stopped does not keep rm -f from its work" {
  box /bin/sleep 1000
  local monitor
  monitor=$(monitor_of)
  kill -STOP "$monitor"
  mc rm -f "$name"
  assert_status 0
  [[ ! -e $live && ! -e $directory ]] || fail "something is left"
  eventually test ! -e "/proc/$monitor"
}

@test "a command that was stopped while it had the container's lock does not keep stop waiting for ever" {
  box /bin/sleep 1000
  local holder
  flock "$directory" sleep 1000 3>&- &
  holder=$!
  eventually is_locked
  mc stop -t 0 "$name"
  assert_status 1
  assert_stderr_contains "changed by"
  mc exec "$name" /bin/echo lives
  assert_output lives
  kill "$(cat /proc/$holder/task/$holder/children)"
  wait "$holder" || true
  mc rm -f "$name"
  assert_status 0
}
is_locked() { ! flock -n "$directory" true; }
