#!/usr/bin/env bats
# kill: one signal to the first process, and never to any other.
load helpers
load lifecycle.bash

@test "kill ends the container at once" {
  listens "$name"
  mc kill "$name"
  assert_status 0
  assert_output "$name"
  has_record "$name" '"status": ?"exited"'
  assert_exit_code "$name" 137
}

@test "kill sends any signal, by name and by number" {
  lives "$name" -- catch 10 12 15
  eventually_logged "$name" ready
  mc kill -s USR1 "$name"
  eventually_logged "$name" "caught 10"
  mc kill --signal=12 "$name"
  eventually_logged "$name" "caught 12"
  mc kill -s SIGTERM "$name"
  assert_exit_code "$name" 7
}

@test "kill of what does not run is an error in Docker's words" {
  mc create --name "$name" /bin/true
  mc kill "$name"
  assert_error "cannot kill container: $name: container $(id_of "$name") is not running"
  mc run -d --name "$name-2" /bin/true
  mc wait "$name-2"
  mc kill -s HUP "$name-2"
  assert_error "is not running"
}

@test "a killed container is not restarted" {
  is_deaf "$name" --restart always
  mc kill "$name"
  assert_status 0
  assert_exit_code "$name" 137
  has_record "$name" '"status": ?"exited"'
}

@test "as root: kill reaches a paused container" {
  require_root
  listens "$name"
  mc pause "$name"
  assert_status 0
  mc kill -s TERM "$name"
  assert_exit_code "$name" 7
  is_deaf "$name-2"
  mc pause "$name-2"
  assert_status 0
  mc kill "$name-2"
  assert_exit_code "$name-2" 137
}

@test "kill ends every process of the container" {
  export MC_MARK=$BATS_RUN_TMPDIR
  mc run -d --name "$name" -e MC_MARK /bin/sh -c 'sleep 1000 & sleep 1000 & wait'
  unset MC_MARK
  mc kill "$name"
  eventually no_processes
}

@test "kill with an unknown signal or container changes nothing" {
  listens "$name"
  mc kill -s BOGUS "$name"
  assert_refused "Invalid signal: BOGUS"
  mc kill nobody
  assert_error "no such container: nobody"
  mc stop "$name"
  assert_exit_code "$name" 7
}

# --- never another process -------------------------------------------------------------------

# A process of its own, in $victim, that did not start in the same tick of the clock (10 ms) as what
# is started after it: number and tick are what a process is known by.
start_victim() {
  sleep 1000 3>&- &
  victim=$!
  sleep 0.05
}

# forge NAME PID: the number of its first process is now another's.
forge() {
  local file old
  file=$(state_file "$1") old=$(pid_of "$1")
  sed -i -E "s/(\"[a-z_]*pid\": ?)$old\b/\1$2/g" "$file"
  equal "$2" "$(pid_of "$1")" "the forged number"
}

@test "as root: a recorded number that is another process's by now is never signalled" {
  require_root
  local victim verb
  start_victim
  for verb in "kill" "stop -t 1" "rm -f" "kill -s TERM"; do
    is_deaf "$name"
    forge "$name" "$victim"
    capture 60 "$MYCONTAINER" $verb "$name"
    kill -0 "$victim" || fail "$verb has killed it"
    mc rm -f "$name"
    assert_status 0
    kill -0 "$victim" || fail "rm after $verb has killed it"
  done
  kill "$victim"
}

@test "nor is one in the record of a container whose supervisor was killed" {
  is_deaf "$name"
  local first supervisor
  first=$(pid_of "$name")
  supervisor=$(awk '/^PPid:/ {print $2}' "/proc/$first/status")
  sleep 0.05 # as above, the other way round
  local victim
  start_victim
  forge "$name" "$victim"
  sed -i -E "s/(\"pid\": ?)$first\b/\1$victim/" "$(record_file "$name")"
  kill -KILL "$supervisor"
  eventually test ! -d "/proc/$first"
  mc kill "$name"
  assert_status 1
  mc stop "$name"
  assert_status 0
  mc rm -f "$name"
  assert_status 0
  kill -0 "$victim" || fail "it was killed"
  kill "$victim"
}
