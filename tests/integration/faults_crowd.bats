#!/usr/bin/env bats
# Many commands at once, about the same and about different containers: none waits for ever, no exit
# code is lost, nothing is left. FAULTS_FULL=yes: two hundred of each.
load helpers
load faults

teardown() {
  local left
  left=$(ls "$MYCONTAINER_ROOT/containers" 2>/dev/null) || return 0
  [[ -z $left ]] || timeout 100 "$MYCONTAINER" rm -f $left >/dev/null
}
# many COUNT CODE: CODE in as many shells at once, with $i; prints how often each status came.
many() {
  mc_shell "many() { $2; }
    for ((i = 0; i < $1; i++)); do
      (many >'$BATS_TEST_TMPDIR/'many.\$i 2>&1) & pids+=(\$!)
    done
    for pid in \${pids[@]}; do wait \$pid; codes+=\$?' '; done
    xargs -n 1 <<<\$codes | sort | uniq -c | xargs"
  [[ $output == "$1 0" ]] || tail -n 3 "$BATS_TEST_TMPDIR"/many.* | grep -v "^$"
  [[ $status == 0 ]] || { head -n 3 "$BATS_TEST_TMPDIR"/many.*; fail "not all have ended"; }
}
left_in_roots() {
  [[ -z $(ls -A "$MYCONTAINER_ROOT/containers") && -z $(ls -A "$MYCONTAINER_ROOT/names") &&
    -z $(ls -A "$MYCONTAINER_STATE_ROOT/containers") ]] || fail "something is left"
}

@test "as many lives at once, each with its own container, lose no exit code" {
  local count
  count=$(counts 30 200)
  remember_what_is_there
  many "$count" '
    id=$("$MYCONTAINER" run -d -e "MC_MARK=$BATS_RUN_TMPDIR" --name own$i /bin/sh -c "while ! test -e /go; do sleep 0.1; done; exit $((i % 100))") &&
    "$MYCONTAINER" exec own$i /bin/sh -c "exit 7"; [[ $? == 7 ]] || return 2
    "$MYCONTAINER" exec $id /bin/touch /go # its container may end before it
    [[ $("$MYCONTAINER" wait own$i) == $((i % 100)) ]] || return 4
    "$MYCONTAINER" start own$i || return 5
    [[ $("$MYCONTAINER" wait own$i) == $((i % 100)) ]] || return 6
    "$MYCONTAINER" rm own$i'
  assert_output "$count 0"
  left_in_roots
  assert_nothing_left
}

@test "as many foreground runs at once, with and without --rm, lose no exit code and no output" {
  local count
  count=$(counts 30 200)
  remember_what_is_there
  many "$count" '
    [[ $((i % 2)) == 0 ]] || local rm=--rm
    out=$("$MYCONTAINER" run $rm --name own$i /bin/sh -c "printf said-$i; exit $((i % 100))"); code=$?
    [[ $code == $((i % 100)) && $out == said-$i ]] || { echo "$code $out"; return 1; }'
  assert_output "$count 0"
  many "$count" '((i % 2)) || "$MYCONTAINER" rm own$i'
  assert_output "$count 0"
  left_in_roots
  assert_nothing_left
}

@test "everybody works on one container: each gets an answer, and it lives or is gone" {
  local count
  count=$(counts 40 200)
  remember_what_is_there
  mc run -d --name one --stop-timeout 1 /bin/sleep 1000
  many "$count" '
    case $((i % 10)) in
      0) "$MYCONTAINER" stop -t 0 one ;;
      1) "$MYCONTAINER" start one ;;
      2) "$MYCONTAINER" exec one /bin/true ;;
      3) "$MYCONTAINER" kill one ;;
      4) "$MYCONTAINER" rename one two; "$MYCONTAINER" rename two one ;;
      5) "$MYCONTAINER" rm -f one; "$MYCONTAINER" run -d --name one /bin/sleep 1000 ;;
      6) "$MYCONTAINER" pause one; "$MYCONTAINER" unpause one ;;
      7) "$MYCONTAINER" update --memory 100m one ;;
      8) "$MYCONTAINER" start one; "$MYCONTAINER" logs one ;;
      9) "$MYCONTAINER" rm one ;;
    esac
    code=$?
    [[ $code == 0 || $code == 1 || $code == 125 ]] || { echo "$((i % 10)): $code"; return 1; }'
  assert_output "$count 0"
  mc rm -f one two
  assert_status 0
  left_in_roots
  assert_nothing_left
}

@test "two hundred want one name: one gets it" {
  local count
  count=$(counts 40 200)
  many "$count" '"$MYCONTAINER" create --name single /bin/true'
  assert_output "1 0 $((count - 1)) 1"
  mc rm single
  left_in_roots
}

@test "two hundred remove one container: it is gone, and nobody is left waiting" {
  local count
  count=$(counts 40 200)
  remember_what_is_there
  mc run -d --name single /bin/sleep 1000
  many "$count" '"$MYCONTAINER" rm -f single'
  assert_output "$count 0"
  left_in_roots
  assert_nothing_left
}

@test "two hundred wait for one container, and all are told" {
  local count
  count=$(counts 40 200)
  mc run -d --name single /bin/sh -c 'while ! test -e /go; do sleep 0.1; done; exit 42'
  many "$count" '((i)) || { sleep 1; "$MYCONTAINER" exec single /bin/touch /go || true; }
    [[ $("$MYCONTAINER" wait single) == 42 ]]'
  assert_output "$count 0"
}

@test "two hundred execs in one container at once keep their exit codes and outputs" {
  local count
  count=$(counts 40 200)
  mc run -d --name single /bin/sleep 1000
  many "$count" 'out=$("$MYCONTAINER" exec single /bin/sh -c "printf said-$i; exit $((i % 100))"); code=$?
    [[ $code == $((i % 100)) && $out == said-$i ]] || { echo "$code $out"; return 1; }'
  assert_output "$count 0"
}

@test "two hundred starts of one container: it runs once" {
  local count
  count=$(counts 40 200)
  mc create --name single /bin/sleep 1000
  many "$count" '"$MYCONTAINER" start single'
  assert_output "$count 0"
  equal 1 "$(ls "$MYCONTAINER_STATE_ROOT/containers" | wc -l)" "number of runs"
}
