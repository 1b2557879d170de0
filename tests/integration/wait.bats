#!/usr/bin/env bats
# wait: the exit code, whoever else waits and whatever becomes of the container.
load helpers
load lifecycle.bash

@test "wait prints the exit code at the end" {
  lives "$name" -- catch 15
  eventually_logged "$name" ready
  mc_shell "'$MYCONTAINER' wait $name & pid=\$!; '$MYCONTAINER' kill -s TERM $name >/dev/null; wait \$pid"
  assert_status 0
  assert_output 7
}

@test "wait of what does not run prints its last code at once" {
  mc create --name "$name" /bin/true
  assert_exit_code "$name" 0
  mc run -d --name "$name-2" /bin/sh -c 'exit 42'
  assert_exit_code "$name-2" 42
  assert_exit_code "$name-2" 42
}

@test "wait gives the codes in the order of its words, those of removed containers too" {
  mc run -d --rm --name "$name" /bin/sh -c 'sleep 2; exit 5'
  mc run -d --rm --name "$name-2" /bin/sh -c 'sleep 1; exit 6'
  mc wait "$name" "$name-2"
  assert_status 0
  assert_output $'5\n6'
}

@test "wait of a foreground container" {
  mc_shell "'$MYCONTAINER' run --rm --name $name /bin/sh -c 'sleep 1; exit 9' & pid=\$!
    until compgen -G '$MYCONTAINER_STATE_ROOT/containers/*/state.json' >/dev/null; do sleep 0.01; done
    '$MYCONTAINER' wait $name; wait \$pid"
  assert_status 9
  assert_output 9
}

@test "wait of a killed supervisor's container says 137" {
  is_deaf "$name"
  local first
  first=$(pid_of "$name")
  mc_shell "'$MYCONTAINER' wait $name & pid=\$!; sleep 0.3
    kill -KILL \$(awk '/^PPid:/ {print \$2}' /proc/$first/status); wait \$pid"
  assert_status 0
  assert_output 137
}

@test "fifty may wait for the same end" {
  lives "$name" -- catch 15
  eventually_logged "$name" ready
  mc_shell "for i in {1..50}; do '$MYCONTAINER' wait $name & done; sleep 0.5
    '$MYCONTAINER' kill -s TERM $name >/dev/null; wait"
  equal 50 "$(grep -c '^7$' <<<"$output")" "how many got the code"
}

@test "wait of a missing container is an error, and the others are waited for" {
  mc run -d --name "$name" /bin/sh -c 'exit 3'
  mc wait nobody "$name"
  assert_status 1
  assert_output 3
  assert_stderr_contains "no such container: nobody"
}
