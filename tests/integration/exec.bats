#!/usr/bin/env bats
# `exec`: one more process in a container that runs.
load helpers

setup() {
  name=box$BATS_TEST_NUMBER
  : >"$BATS_TEST_TMPDIR/log"
}
teardown() {
  [[ -z ${runner-} ]] || end "$runner"
}
# The third demand kills, and `run` cleans up.
end() { # end PID
  while kill -TERM "$1" 2>/dev/null; do sleep 0.02; done
  wait "$1" 2>/dev/null || true
}

# box OPTION... [-- COMMAND...]: a container $name that runs until the test ends.
box() {
  local options=()
  while (($#)) && [[ $1 != -- ]]; do
    options+=("$1")
    shift
  done
  local command=("${@:2}")
  ((${#command[@]})) || command=(/bin/sleep 1000)
  "$MYCONTAINER" run --rm --name "$name" -v "$PROBE:/probe:ro" "${options[@]}" "${command[@]}" \
    </dev/null >>"$BATS_TEST_TMPDIR/log" 2>&1 3>&- &
  runner=$!
  eventually is_running
}
is_running() { "$MYCONTAINER" exec "$name" /bin/true 2>/dev/null; }

@test "exec runs a program with the container's user, directory and environment" {
  box -e FROM_RUN=yes -w /tmp --user 12:34
  mc exec "$name" /bin/sh -c 'id -u; id -g; pwd; echo $FROM_RUN'
  assert_status 0
  assert_output $'12\n34\n/tmp\nyes'
}

@test "the exit code of exec is the program's, a shell's for a signal, Docker's for what cannot run" {
  box
  mc exec "$name" /bin/sh -c 'exit 7'
  assert_status 7
  mc exec "$name" /bin/sh -c 'kill -TERM $$'
  assert_status 143
  mc exec "$name" nosuch
  assert_refused nosuch 127
  mc exec "$name" /etc
  assert_refused /etc 126
  mc exec -w /nosuch "$name" /bin/true
  assert_refused /nosuch 126
}

@test "exec in a container that does not run changes nothing and says so" {
  mc exec nosuch /bin/true
  assert_refused "no such container: nosuch" 1
}

@test "an exec while the container starts never sees the host" {
  local round mounts=() # many, so that the start takes its time
  for round in {1..300}; do mounts+=(--tmpfs "/many/$round"); done
  for round in {1..10}; do
    "$MYCONTAINER" run --rm --name "$name-$round" "${mounts[@]}" /bin/sleep 100 </dev/null >/dev/null 2>&1 3>&- &
    local started=$! code=1 tries
    for ((tries = 0; code == 1 && tries < 1000; tries++)); do
      code=0
      "$MYCONTAINER" exec "$name-$round" /bin/sh -c "test -e '$BATS_FILE_TMPDIR' && exit 2; exit 3" \
        2>/dev/null || code=$?
    done
    ((code == 3)) || fail "round $round: exec ended with $code"
    end "$started"
  done
}
