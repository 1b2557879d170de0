#!/usr/bin/env bats
# pause and unpause.
load helpers
load lifecycle.bash

@test "as root: a paused container stands still until it is unpaused" {
  require_root
  mc run -d --name "$name" /bin/sh -c 'while :; do echo tick; sleep 0.05; done'
  eventually_logged "$name" tick
  mc pause "$name"
  assert_status 0
  assert_output "$name"
  local log before
  log=$MYCONTAINER_ROOT/containers/$(id_of "$name")/log.json
  sleep 0.2
  before=$(wc -l <"$log")
  sleep 0.5
  equal "$before" "$(wc -l <"$log")" "how much it has said while it was paused"
  mc unpause "$name"
  assert_status 0
  assert_output "$name"
  goes_on() { (($(wc -l <"$log") > before)); }
  eventually goes_on
}

@test "as root: each in the wrong state is an error" {
  require_root
  mc create --name "$name" /bin/true
  mc pause "$name"
  assert_error "container $name is not running"
  mc unpause "$name"
  assert_error "container $name is not paused"
  is_deaf "$name-2"
  mc unpause "$name-2"
  assert_error "container $name-2 is not paused"
  mc pause "$name-2"
  mc pause "$name-2"
  assert_error "container $name-2 is already paused"
  mc pause nobody
  assert_error "no such container: nobody"
}

@test "as root: pausing and unpausing are events" {
  require_root
  is_deaf "$name"
  mc pause "$name"
  mc unpause "$name"
  equal 1 "$(counted pause "$name")" "pause events"
  equal 1 "$(counted unpause "$name")" "unpause events"
}

@test "as root: a paused container is not started, and one that runs is attached to" {
  require_root
  mc run -d --name "$name" /bin/sh -c 'trap "echo bye; exit 7" TERM; while :; do sleep 0.05; done'
  mc pause "$name"
  mc start "$name"
  assert_status 1
  assert_stderr_contains "cannot start a paused container, try unpause instead"
  mc unpause "$name"
  mc start "$name"
  assert_status 0
  "$MYCONTAINER" start -a "$name" >"$BATS_TEST_TMPDIR/attached" &
  local client=$!
  attached() { ls -l "/proc/$client/fd" | grep -q 'socket:.*' && sleep 0.2; }
  eventually attached
  mc stop "$name"
  status=0
  wait "$client" || status=$?
  assert_status 7
  equal bye "$(cat "$BATS_TEST_TMPDIR/attached")" "what was attached"
}
