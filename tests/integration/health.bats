#!/usr/bin/env bats
# Health checks: --health-cmd and its family.
load helpers

setup() { name=health$BATS_TEST_NUMBER; }
teardown() { "$MYCONTAINER" rm -f "$name" >/dev/null 2>&1 || true; }

checked() { # checked OPTION...: a container $name that checks its health ten times a second
  mc run -d --name "$name" -v "$PROBE:/probe:ro" --health-interval 100ms "$@" /bin/sleep 1000
  assert_status 0
  id=$output
}
health() { jq -r ".state.health$1" "$MYCONTAINER_ROOT/containers/$id/record.json"; }
health_is() { [[ $(health .status) == "$1" ]]; }
probed() { (($(health '.log | length') >= $1)); }

@test "a container is starting, then healthy, then unhealthy after enough failures in a row, then healthy" {
  checked --health-cmd 'test -e /up' --health-retries 2 --health-start-period 1h --health-start-interval 100ms
  health_is starting || fail "it is $(health .status)"
  eventually probed 3
  health_is starting || fail "failures of the start period count"
  equal 0 "$(health .failingStreak)" "failing streak"
  mc exec "$name" touch /up
  eventually health_is healthy
  mc exec "$name" rm /up
  eventually health_is unhealthy
  (($(health .failingStreak) >= 2)) || fail "failing streak $(health .failingStreak)"
  mc exec "$name" touch /up
  eventually health_is healthy
  equal 0 "$(health .failingStreak)" "failing streak"
  equal "healthy unhealthy healthy" \
    "$(jq -r 'select(.id == "'"$id"'") | .action' "$MYCONTAINER_STATE_ROOT/events" |
      sed -n 's/^health_status: //p' | tr '\n' ' ' | sed 's/ $//')" "events"
}

@test "other users: a probe runs as the container's user, with its environment and directory, and its output is kept" {
  require_many_ids
  checked --user 12:34 -e WHERE=here -w /tmp --health-cmd 'echo $(id -u) $(id -g) $WHERE $(pwd); echo error >&2'
  eventually health_is healthy
  equal $'12 34 here /tmp\nerror' "$(health '.log[0].output')" "output"
}

@test "of much output the first 4096 bytes are kept, and five probes" {
  checked --health-cmd 'head -c 100000 /dev/zero | tr "\0" x; exit 3' --health-retries 1000
  eventually probed 5
  sleep 0.3
  equal 5 "$(health '.log | length')" "kept probes"
  equal 4096 "$(health '.log[0].output | length')" "length of the output"
  equal 3 "$(health '.log[0].exitCode')" "exit code"
}

@test "a probe that takes too long is killed, and failed" {
  checked --health-cmd 'exec sleep 999' --health-timeout 200ms --health-retries 1
  eventually health_is unhealthy
  equal -1 "$(health '.log[0].exitCode')" "exit code"
  [[ $(health '.log[0].output') == *"exceeded timeout (0.2s)"* ]] || fail "$(health '.log[0].output')"
  mc exec "$name" /bin/sh -c 'ps | grep -c "[s]leep 999"'
  ((output <= 1)) || fail "$output probes are still there"
}

@test "a probe that leaves a process with its output behind is not waited for" {
  checked --health-cmd 'sleep 1000 & echo left'
  eventually health_is healthy
  equal left "$(health '.log[0].output')" "output"
}

@test "a check that cannot be run is a failure that says why" {
  rm -rf "$BATS_TEST_TMPDIR/tree"
  mkdir -p "$BATS_TEST_TMPDIR/tree"
  mc run -d --name "$name" --rootfs "$BATS_TEST_TMPDIR/tree:O" -v "$PROBE:/probe:ro" --health-interval 100ms \
    --health-retries 1 --health-cmd true /probe catch 15
  assert_status 0
  id=$output
  eventually health_is unhealthy
  [[ $(health '.log[0].output') == *"/bin/sh"* ]] || fail "$(health '.log[0].output')"
}

@test "a container without a check has no health, with --no-healthcheck neither" {
  mc run -d --name "$name" /bin/sleep 1000
  id=$output
  equal "" "$(health '.status // ""')" "status"
  mc rm -f "$name"
  mc run -d --name "$name" --no-healthcheck /bin/sleep 1000
  id=$output
  equal "" "$(health '.status // ""')" "status"
}

@test "options that contradict each other or say nothing are refused" {
  mc run --rm --no-healthcheck --health-cmd true /bin/true
  assert_refused no-healthcheck
  mc run --rm --health-interval 5 /bin/true
  assert_refused health-interval
  mc run --rm --health-retries -1 /bin/true
  assert_refused health-retries
}

@test "as root: while the container is paused it is not probed, and no probe fails for it" {
  require_root
  checked --health-cmd true --health-retries 1
  eventually health_is healthy
  mc pause "$name"
  assert_status 0
  sleep 0.6
  health_is healthy || fail "it is $(health .status)"
  mc unpause "$name"
  assert_status 0
}

@test "a container that ends while it is probed leaves nothing" {
  remember_what_is_there
  mc_shell "'$MYCONTAINER' run --rm --health-interval 100ms --health-cmd 'sleep 999' /bin/sleep 0.5"
  assert_status 0
  assert_nothing_left
}
