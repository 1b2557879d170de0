#!/usr/bin/env bats
# `attach`, and what `run` and `start -a` share with it: leaving a container and coming back.
load helpers

# $silent: a descriptor from which nothing ever comes, and which takes little.
setup() {
  name=box$BATS_TEST_NUMBER
  mkfifo "$BATS_TEST_TMPDIR/silent"
  exec {silent}<>"$BATS_TEST_TMPDIR/silent"
}
teardown() { "$MYCONTAINER" rm -f "$name" >/dev/null 2>&1 || true; }

inspect() { "$MYCONTAINER" exec "$name" /bin/true 2>/dev/null; }
is_gone() { ! inspect; }

# A container that answers each line of its input; `quit` ends it.
answers() {
  mc run -d -i --name "$name" "$@" /bin/sh -c \
    'while read -r line; do [ "$line" = quit ] && exit 5; echo "heard $line"; done; echo eof; sleep 1000'
  assert_status 0
}

@test "attach passes input and output, and ends with the container's exit code" {
  answers
  mc_shell 'printf "one\ntwo\nquit\n" | "$MYCONTAINER" attach '"$name"
  assert_status 5
  assert_output $'heard one\nheard two'
}

@test "the input of run -di outlives who was attached, that of run -i ends with them" {
  answers
  mc_shell '"$MYCONTAINER" attach '"$name"' </dev/null >/dev/null & client=$!
    (echo one; sleep 0.5) | "$MYCONTAINER" attach '"$name"' >/dev/null & other=$!
    until [[ $("$MYCONTAINER" logs '"$name"') == *one* ]]; do sleep 0.05; done
    kill -KILL $client $other'
  mc_shell 'printf "two\nquit\n" | "$MYCONTAINER" attach '"$name"
  assert_status 5
  assert_output "heard two"
  mc_shell 'echo three | "$MYCONTAINER" run --name '"$name"'b -i /bin/cat'
  assert_status 0
  assert_output three
  mc rm "${name}b"
}

@test "two who are attached see the same, and each may type" {
  answers
  "$MYCONTAINER" attach "$name" >"$BATS_TEST_TMPDIR/first" <&"$silent" 3>&- &
  local first=$!
  # Heard only by who is attached by then: said again until both are.
  mc_shell '(until grep -q heard '"$BATS_TEST_TMPDIR"'/first; do echo hello; sleep 0.1; done
    echo quit) | "$MYCONTAINER" attach '"$name"
  assert_status 5
  assert_contains "heard hello"
  local status=0
  wait "$first" || status=$?
  equal 5 "$status" "the first one's status"
  grep -q "heard hello" "$BATS_TEST_TMPDIR/first"
}

@test "--no-stdin only listens" {
  answers
  mc_shell 'printf "quit\n" | "$MYCONTAINER" attach --no-stdin '"$name"' & reader=$!
    printf "one\n" | "$MYCONTAINER" attach '"$name"' & writer=$!
    until [[ $("$MYCONTAINER" logs '"$name"') == *one* ]]; do sleep 0.05; done
    "$MYCONTAINER" kill '"$name"' >/dev/null
    wait $writer; wait $reader'
  assert_status 137
  assert_contains "heard one"
}

@test "a client that is killed leaves the container alone, and another may come" {
  answers
  "$MYCONTAINER" attach "$name" <&"$silent" >/dev/null 3>&- &
  sleep 0.3
  kill -KILL $!
  wait $! 2>/dev/null || true
  mc_shell 'printf "still\nquit\n" | "$MYCONTAINER" attach '"$name"
  assert_status 5
  assert_output "heard still"
}

@test "a client that is killed in the middle of a flood does not hold the container up" {
  mc run -d --name "$name" /bin/sh -c 'sleep 0.5; seq 1 200000; echo end'
  "$MYCONTAINER" attach "$name" >&"$silent" 3>&- &
  local client=$!
  sleep 1
  kill -KILL "$client"
  mc wait "$name"
  assert_output 0
  mc logs --tail 1 "$name"
  assert_output end
}

@test "ctrl-p is the shell's own unless detach keys are given" {
  on_terminal 'expect=# ' 'send=echo on""e\n' 'expect=one' 'send=\x10\n' 'expect=one' \
    'send=\x10\x11x\n' 'expect=onex' 'send=exit 6\n' -- run -it --name "$name" /bin/sh
  assert_status 6
  [[ $stderr == *"modes: restored"* ]] || fail "the terminal was not restored"
}

@test "the detach keys leave, and attach comes back to the same shell" {
  on_terminal 'expect=# ' 'send=mark=4""2\n' 'expect=# ' 'send=\x10' 'pause=100' 'send=\x11' \
    -- run -it --name "$name" --detach-keys ctrl-p,ctrl-q /bin/sh
  assert_status 0
  [[ $stderr == *"modes: restored"* ]] || fail "the terminal was not restored"
  inspect
  on_terminal 'send=echo is $mark\n' 'expect=is 42' 'send=\x01' \
    -- attach --detach-keys ctrl-a "$name"
  assert_status 0
  inspect
  on_terminal 'send=exit 9\n' -- attach "$name"
  assert_status 9
  mc attach --detach-keys ctrl-pq "$name"
  assert_refused ctrl-pq
}

@test "the container's terminal has the size of who attaches, and follows it" {
  mc run -dit --name "$name" /bin/sh
  on_terminal --size 33x77 'send=stty size\n' 'expect=33 77' 'resize=44x99' 'pause=300' \
    'send=stty size\n' 'expect=44 99' 'send=exit 3\n' -- attach "$name"
  assert_status 3
}

@test "a terminal's ctrl-c is for the container, and so are signals" {
  mc run -dit --name "$name" /bin/sh -c \
    'trap "echo caught 2" INT; trap "echo caught 15; exit 3" TERM; while :; do echo tick; sleep 0.1; done'
  on_terminal 'expect=tick' 'send=\x03' 'expect=caught 2' 'signal=15' -- attach "$name"
  assert_status 3
  assert_contains "caught 15"
}

@test "signals go to the container, or with --sig-proxy=false only end the client" {
  ticks 'trap "echo got term; exit 8" TERM'
  mc_shell '"$MYCONTAINER" attach --sig-proxy=false '"$name"' >'"$BATS_TEST_TMPDIR"'/first & client=$!
    until grep -q tick '"$BATS_TEST_TMPDIR"'/first; do sleep 0.05; done
    kill -TERM $client; wait $client'
  assert_status 143
  inspect
  mc_shell '"$MYCONTAINER" attach '"$name"' >'"$BATS_TEST_TMPDIR"'/second & client=$!
    until grep -q tick '"$BATS_TEST_TMPDIR"'/second; do sleep 0.05; done
    kill -TERM $client; wait $client'
  assert_status 8
  grep -q "got term" "$BATS_TEST_TMPDIR/second"
}
# ticks SCRIPT: a container that runs the script and then says something all the time.
ticks() {
  mc run -d --name "$name" /bin/sh -c "$1"'; while :; do echo tick; sleep 0.1; done'
  assert_status 0
}

@test "stopping and going on with the client (ctrl-z of a shell) keeps both terminals right" {
  mc run -dit --name "$name" /bin/sh
  on_terminal 'pause=200' 'send=echo on""e\n' 'expect=one' 'signal=20' 'pause=300' 'signal=18' \
    'pause=300' 'send=echo tw""o\n' 'expect=two' 'send=exit 4\n' -- attach "$name"
  assert_status 4
}

@test "attach refuses what it cannot attach to, in Docker's words" {
  mc attach nosuch
  assert_refused "no such container: nosuch" 1
  mc create --name "$name" /bin/true
  mc attach "$name"
  assert_refused "You cannot attach to a stopped container, start it first" 1
  mc start "$name"
  mc wait "$name"
  mc attach "$name"
  assert_refused "You cannot attach to a stopped container, start it first" 1
}

@test "a terminal wants one on our side" {
  mc run -dit --name "$name" /bin/sh
  mc attach "$name"
  assert_refused "the input device is not a TTY" 1
  inspect
}

@test "as root: a paused container is not attached to" {
  require_root
  answers
  mc pause "$name"
  mc attach "$name"
  assert_refused "You cannot attach to a paused container, unpause it first" 1
  mc unpause "$name"
}

@test "a monitor that is killed takes its container along, and its client says so" {
  ticks :
  "$MYCONTAINER" attach "$name" 2>"$BATS_TEST_TMPDIR/err" >"$BATS_TEST_TMPDIR/out" 3>&- &
  local client=$! monitor status=0
  eventually grep -q tick "$BATS_TEST_TMPDIR/out"
  monitor=$(monitor_of)
  [[ $(tr '\0' ' ' <"/proc/$monitor/cmdline") == mycontainer-monitor* ]] || fail "no monitor"
  kill -KILL "$monitor"
  wait "$client" || status=$?
  equal 1 "$status" status
  grep -q "monitor was killed" "$BATS_TEST_TMPDIR/err"
  eventually is_gone
  mc logs --tail 1 "$name"
  assert_output tick
}
# The parent of the container's first process.
monitor_of() {
  local directories=("$MYCONTAINER_STATE_ROOT"/containers/*/) pid
  ((${#directories[@]} == 1)) || fail "more than one container runs"
  pid=$(grep -o '"pid":[0-9]*' "${directories[0]}state.json")
  awk '/^PPid:/ { print $2 }' "/proc/${pid#*:}/status"
}
