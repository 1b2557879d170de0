#!/usr/bin/env bats
# `top`: the processes of a container.
load helpers

setup() { name=top$BATS_TEST_NUMBER; }
teardown() { "$MYCONTAINER" rm -f "$name" >/dev/null 2>&1 || true; }
box() { # box OPTION...
  mc run -d --name "$name" "$@" /bin/sh -c 'sleep 1111 & exec sleep 2222'
  assert_status 0
}
# The numbers that the host has for the container's processes.
commands() { sed -n '2,$s/.*\(sleep [0-9]*\)$/\1/p' <<<"$output" | sort | tr '\n' ' '; }
two_sleep() { mc top "$name" && [[ $(commands) == "sleep 1111 sleep 2222 " ]]; }

@test "top shows the container's processes and no others, as ps -ef" {
  box
  eventually two_sleep
  assert_status 0
  [[ ${output%%$'\n'*} =~ ^UID\ +PID\ +PPID\ +C\ +STIME\ +TTY\ +TIME\ +CMD$ ]] || fail "header: ${output%%$'\n'*}"
  equal 3 "$(wc -l <<<"$output")" "number of lines"
  local pid
  pid=$(awk '/sleep 2222/ {print $2}' <<<"$output")
  equal sleep "$(cat "/proc/$pid/comm")" "name of process $pid"
  mc top "$name" -ef
  equal "sleep 1111 sleep 2222 " "$(commands)" "processes"
}

@test "top shows what exec brought, too" {
  box
  mc exec -d "$name" sleep 3333
  mc top "$name"
  [[ $(commands) == *"sleep 3333"* ]] || fail "no sleep 3333"
}

@test "top with ps options asks the host's ps and shows the container's lines" {
  box
  eventually two_sleep
  mc top "$name" -o pid,comm
  assert_status 0
  [[ ${output%%$'\n'*} =~ ^PID\ +COMMAND$ ]] || fail "header: ${output%%$'\n'*}"
  equal 3 "$(wc -l <<<"$output")" "number of lines"
  mc top "$name" aux
  assert_status 0
  equal 3 "$(wc -l <<<"$output")" "number of lines"
  mc top "$name" -o comm
  assert_refused "couldn't find PID" 1
  mc top "$name" --nonsense-option
  assert_refused "ps: " 1
}

@test "without a ps on the host, top says so and still has its own columns" {
  box
  eventually two_sleep
  mkdir -p "$BATS_TEST_TMPDIR/empty"
  mc_shell "PATH='$BATS_TEST_TMPDIR/empty' '$MYCONTAINER' top $name"
  assert_status 0
  mc_shell "PATH='$BATS_TEST_TMPDIR/empty' '$MYCONTAINER' top $name aux"
  assert_refused "ps(1)" 1
}

@test "nothing of the container's is run, and its names drive no terminal" {
  box
  mc exec "$name" /bin/sh -c 'printf "#!/bin/sh\ntouch /ran\n" >/bin/ps; chmod 755 /bin/ps; cp /bin/busybox "/bin/$(printf "sl\033[2Jeep")"'
  mc exec -d "$name" /bin/sh -c 'exec "$(printf "sl\033[2Jeep")" 9 2>/dev/null || exec -a "$(printf "x\033[2J")" sleep 9'
  mc top "$name"
  [[ $output != *$'\033'* ]] || fail "an escape came through"
  mc top "$name" aux
  [[ $output != *$'\033'* ]] || fail "an escape came through"
  mc exec "$name" test -e /ran
  assert_status 1
}

@test "top of what does not run is refused" {
  mc top nosuch
  assert_refused "no such container: nosuch" 1
  mc top
  assert_refused "requires at least 1 argument" 1
  mc create --name "$name" /bin/true
  mc top "$name"
  assert_refused "is not running" 1
}
