#!/usr/bin/env bats
# restart: stop, then start.
load helpers
load lifecycle.bash

@test "restart stops and starts" {
  listens "$name"
  local before
  before=$(pid_of "$name")
  mc restart "$name"
  assert_status 0
  assert_output "$name"
  [[ $(pid_of "$name") != "$before" ]] || fail "it is the same process"
  local actions
  actions=$(grep "\"name\":\"$name\"" "$MYCONTAINER_STATE_ROOT/events" |
    grep -oE '"action":"(kill|die|stop|start|restart)"' | cut -d: -f2 | tr -d '"\n')
  equal startkilldiestopstartrestart "$actions" "its events"
  eventually_logged "$name" ready
  mc stop "$name"
  assert_exit_code "$name" 7
}

@test "restart starts what does not run" {
  mc create --name "$name" /bin/sleep 1000
  mc restart "$name"
  assert_status 0
  mc run -d --name "$name-2" /bin/sh -c 'test -e /was && exec sleep 1000; touch /was'
  mc wait "$name-2"
  mc restart "$name-2"
  assert_status 0
  [[ -d /proc/$(pid_of "$name-2") ]]
}

@test "restart of a container with a restart policy" {
  listens "$name" --restart always
  mc restart "$name"
  assert_status 0
  eventually_logged "$name" ready
  refute has_record "$name" '"stoppedByUser": ?true'
}

@test "restart keeps a container with --rm, which still goes at its end" {
  is_deaf "$name" --rm
  mc restart -t 0 "$name"
  assert_status 0
  exists "$name"
  mc stop -t 0 "$name"
  refute exists "$name"
}

@test "restart refuses a foreground container, which goes on" {
  mc_shell "'$MYCONTAINER' run --rm --name $name /bin/sleep 1000 & pid=\$!
    until compgen -G '$MYCONTAINER_STATE_ROOT/containers/*/state.json' >/dev/null; do sleep 0.01; done
    '$MYCONTAINER' restart -t 0 $name; echo restart \$?; kill -0 \$pid && echo runs; '$MYCONTAINER' kill $name; wait \$pid"
  assert_status 137
  assert_contains "restart 1"
  assert_contains runs
  assert_stderr_contains "runs in the foreground"
}

@test "restart twenty times in a row" {
  mc run -d --name "$name" /bin/sh -c 'echo again; exec sleep 1000'
  local i
  for i in {1..20}; do
    mc restart -t 0 "$name"
    assert_status 0
  done
  equal 21 "$(grep -c again "$MYCONTAINER_ROOT/containers/$(id_of "$name")/log.json")" "its starts"
}
