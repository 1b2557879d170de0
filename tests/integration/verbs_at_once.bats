#!/usr/bin/env bats
# Many verbs at once on the same container and on different ones: nothing hangs, nothing is left.
load helpers
load lifecycle.bash

# at_once COUNT COMMAND...: in the shell given to mc_shell, each with a timeout.
crowd='at_once() { local count=$1 i; shift; for ((i = 0; i < count; i++)); do
  { timeout 120 "$MYCONTAINER" "$@"; code=$?; ((code < 2)) || echo "hangs or crashes: $* ($code)"; } & done; }'

assert_nobody_hung() { [[ $output != *"hangs or crashes"* ]] || fail "$(grep -m3 hangs <<<"$output")"; }

@test "two hundred of all verbs on one container" {
  remember_what_is_there
  marked -d --name "$name" /bin/sleep 1000
  mc_shell "$crowd
    at_once 40 wait $name; at_once 40 stop -t 0 $name; at_once 40 kill $name; at_once 10 pause $name
    at_once 10 unpause $name; at_once 20 update --restart no $name; at_once 40 rm -f $name; wait"
  assert_nobody_hung
  refute exists "$name"
  assert_nothing_left
}

@test "of fifty rm one removes" {
  mc create --name "$name" /bin/true
  mc_shell "$crowd
    at_once 50 rm $name; wait"
  assert_nobody_hung
  equal 1 "$(grep -c "^$name$" <<<"$output")" "how many removed it"
  equal 49 "$(grep -c "no such container" <<<"$stderr")" "how many came too late"
}

@test "fifty containers stopped, killed, waited for and removed at once" {
  remember_what_is_there
  local i
  for i in {1..50}; do marked -d --name "$name-$i" /bin/sleep 1000; done
  mc_shell "$crowd
    for i in {1..50}; do
      at_once 1 wait $name-\$i; at_once 1 stop -t 0 $name-\$i; at_once 1 kill $name-\$i; at_once 1 rm -f $name-\$i
    done; wait"
  assert_nobody_hung
  mc_shell "ls '$MYCONTAINER_ROOT/names'"
  assert_output ""
  assert_nothing_left
}

@test "stops, starts and restarts of one container end in one state or the other" {
  remember_what_is_there
  marked -d --name "$name" /bin/sleep 1000
  mc_shell "$crowd
    for i in {1..10}; do
      at_once 1 stop -t 0 $name; at_once 1 start $name; at_once 1 restart -t 0 $name; at_once 1 kill $name
    done; wait"
  assert_nobody_hung
  mc rm -f "$name"
  assert_status 0
  assert_nothing_left
}
