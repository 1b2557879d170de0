#!/usr/bin/env bats
# -t: a real terminal. tests/programs/terminal.cpp plays the human.
load helpers

assert_restored() { [[ $stderr == *"modes: restored"* ]] || fail "the terminal's modes were not restored"; }

@test "-it is interactive" {
  on_terminal 'expect=# ' 'send=echo $((6*7))\n' 'expect=42' 'send=exit 5\n' -- run --rm -it /bin/sh
  assert_status 5
  assert_restored
}

@test "the size is right before the program starts" {
  on_terminal --size 33x77 -- run --rm -it busybox stty size
  assert_status 0
  assert_contains "33 77"
}

@test "a resize is followed" {
  on_terminal --size 33x77 'expect=# ' 'resize=44x99' 'pause=300' 'send=stty size\n' 'expect=44 99' 'send=exit\n' -- run --rm -it /bin/sh
  assert_status 0
}

@test "all three streams are the terminal, and it is the controlling one" {
  on_terminal -- run --rm -it -v "$PROBE:/probe:ro" /probe show isatty fds pid sid
  assert_status 0
  assert_seen isatty 111
  assert_seen fds "0 1 2"
  assert_seen sid 1
  on_terminal -- run --rm -it busybox sh -c 'tty; : </dev/tty && echo controlling'
  assert_contains /dev/
  assert_contains controlling
}

@test "ctrl-c reaches the program and not mycontainer" {
  on_terminal 'expect=ready' 'send=\x03' 'expect=caught 2' 'signal=15' -- run --rm -it -v "$PROBE:/probe:ro" /probe catch 2 15
  assert_status 7
  assert_restored
}

@test "ctrl-z reaches the shell's job" {
  on_terminal 'expect=# ' 'send=sleep 100\n' 'pause=500' 'send=\x1a' 'expect=Stopped' 'send=fg\n' 'pause=300' 'send=\x03' 'expect=# ' 'send=exit 4\n' -- run --rm -it /bin/sh
  assert_status 4
}

@test "ctrl-d ends the input" {
  on_terminal 'expect=ready' 'send=some text\n' 'expect=some text' 'expect=some text' 'send=\x04' -- run --rm -it /bin/sh -c 'echo ready; exec cat'
  assert_status 0
  assert_restored
}

@test "the modes are restored when the program dies" {
  on_terminal -- run --rm -it -v "$PROBE:/probe:ro" /probe crash
  assert_status 139
  assert_restored
}

@test "the modes are restored when the start fails" {
  on_terminal -- run --rm -it /bin/nothing
  assert_status 127
  assert_restored
}

@test "the modes are restored when mycontainer is told to end" {
  on_terminal 'expect=ready' 'signal=15' -- run --rm -it --init /bin/sh -c 'echo ready; exec sleep 50'
  assert_status 143
  assert_restored
}

@test "-t alone gives a terminal without input" {
  on_terminal -- run --rm -t busybox tty
  assert_status 0
  assert_contains /dev/
}

@test "TERM is set" {
  on_terminal -- run --rm -it -v "$PROBE:/probe:ro" /probe show env_TERM
  [[ -n $(seen env_TERM) ]] || fail "TERM is not set"
}

@test "much output arrives whole" {
  on_terminal -- run --rm -it busybox sh -c 'i=0; while [ $i -lt 20000 ]; do echo line $i; i=$((i+1)); done'
  assert_status 0
  equal 20000 "$(grep -c '^line ' <<<"$output")" "number of lines"
}

@test "/dev/console is the terminal" {
  on_terminal -- run --rm -it busybox sh -c 'echo through >/dev/console'
  assert_status 0
  assert_contains through
}
