#!/usr/bin/env bats
# Standard input, output and error without a terminal: every byte, in order, to the end.
load helpers

@test "stdout and stderr stay apart" {
  mc run --rm /bin/sh -c 'echo out; echo err >&2'
  assert_status 0
  assert_output out
  equal err "$stderr" stderr
}

@test "a last line without newline is not lost, a thousand times" {
  local rounds=1000
  is_root || rounds=200
  [[ -z ${SLOW_MACHINE-} ]] || rounds=50
  mc_shell "for ((i = 0; i < $rounds; i++)); do
      [[ \$(\"\$MYCONTAINER\" run --rm busybox printf last) == last ]] || { echo lost at \$i; exit 1; }
    done"
  assert_status 0
}

@test "output is byte-exact" {
  head -c 300000 /dev/urandom >"$BATS_TEST_TMPDIR/in"
  mc_shell "'$MYCONTAINER' run --rm -i /bin/cat <'$BATS_TEST_TMPDIR/in' | cmp - '$BATS_TEST_TMPDIR/in'"
  assert_status 0
}

@test "1 GiB through cat is intact" {
  local size=1073741824
  [[ -z ${SLOW_MACHINE-} ]] || size=33554432
  mc_shell "yes 0123456789abcdef | head -c $size | '$MYCONTAINER' run --rm -i /bin/cat | cksum"
  assert_status 0
  assert_output "$(yes 0123456789abcdef | head -c $size | cksum)"
}

@test "the end of input is passed on" {
  mc_shell 'printf "one\ntwo" | "$MYCONTAINER" run --rm -i busybox wc -c'
  assert_status 0
  assert_output 7
}

@test "without -i standard input is empty" {
  mc_shell 'echo secret | "$MYCONTAINER" run --rm /bin/cat'
  assert_status 0
  assert_output ""
}

@test "without -i the caller's input is left for the caller" {
  mc_shell 'printf "one\ntwo\n" | { "$MYCONTAINER" run --rm /bin/cat; cat; }'
  assert_output $'one\ntwo'
}

@test "standard input may be a file, the null device or closed" {
  echo text >"$BATS_TEST_TMPDIR/in"
  mc_shell "'$MYCONTAINER' run --rm -i /bin/cat <'$BATS_TEST_TMPDIR/in'"
  assert_output text
  mc_shell '"$MYCONTAINER" run --rm -i /bin/cat </dev/null'
  assert_status 0
  assert_output ""
  mc_shell '"$MYCONTAINER" run --rm -i -v "$PROBE:/probe:ro" /probe show fds <&-'
  assert_status 0
  assert_seen fds "0 1 2"
}

@test "closed standard output and error do not become something else" {
  mc_shell '"$MYCONTAINER" run --rm -v "$PROBE:/probe:ro" /probe exit 5 >&- 2>&-'
  assert_status 5
}

@test "a reader that goes away ends the container" {
  mc_shell '"$MYCONTAINER" run --rm busybox yes | head -n 1; echo "${PIPESTATUS[0]}"'
  assert_status 0
  equal y "${output%%$'\n'*}" "first line"
  [[ ${output##*$'\n'} != 0 ]] || fail "yes cannot end with 0"
}

@test "a full device is an error that the program sees" {
  mc_shell '"$MYCONTAINER" run --rm /bin/echo text >/dev/full'
  [[ $status != 0 ]] || fail "it succeeded"
}

@test "output of a child that outlives the program is not waited for" {
  mc_shell 'time timeout 20 "$MYCONTAINER" run --rm /bin/sh -c "sleep 30 & echo done"'
  assert_status 0
  assert_output done
}

@test "signals are forwarded to the program" {
  local number
  for number in 1 2 3 10 12 28; do
    mc_shell "exec 3< <(exec '$MYCONTAINER' run --rm -v '$PROBE:/probe:ro' /probe catch $number 15)
      pid=\$!
      read -r line <&3; echo \$line
      kill -$number \$pid
      read -r line <&3; echo \$line
      kill -15 \$pid
      read -r line <&3; echo \$line
      wait \$pid; echo \$?"
    assert_output $'ready\ncaught '"$number"$'\ncaught 15\n7'
  done
}

@test "a signal sent before the program started is not lost" {
  mc_shell "'$MYCONTAINER' run --rm --init /bin/sleep 20 & pid=\$!; kill -TERM \$pid; wait \$pid; echo \$?"
  assert_output 143
}

@test "with --init a signal ends a program that does not handle it" {
  mc_shell "exec 3< <(exec '$MYCONTAINER' run --rm --init /bin/sh -c 'echo ready; exec sleep 30')
    pid=\$!
    read -r line <&3
    kill -TERM \$pid
    wait \$pid; echo \$?"
  assert_output 143
}

@test "with --init orphans are reaped, without it PID 1 is the program itself" {
  inside --init -- orphan
  assert_status 0
  assert_seen zombies 0
  inside --init -- show pid
  [[ $(seen pid) != 1 ]] || fail "the program is PID 1 in spite of --init"
  inside -- orphan
  assert_seen zombies 1
}

@test "with --init the exit code is the program's" {
  inside --init -- exit 9
  assert_status 9
  inside --init -- crash
  assert_status 139
}
