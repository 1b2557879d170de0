#!/usr/bin/env bats
# `logs`: what a container wrote, as it writes it or afterwards.
load helpers

setup() { name=box$BATS_TEST_NUMBER; }
teardown() { "$MYCONTAINER" rm -f "$name" >/dev/null 2>&1 || true; }

# ended OPTION... -- SCRIPT: a container $name that ran the script to its end.
ended() {
  local options=()
  while (($#)) && [[ $1 != -- ]]; do
    options+=("$1")
    shift
  done
  mc run -d --name "$name" "${options[@]}" /bin/sh -c "$2"
  assert_status 0
  mc wait "$name"
}

@test "logs prints what went to standard output there, and standard error to standard error" {
  ended -- 'echo out; echo err >&2; printf tail'
  mc logs "$name"
  assert_status 0
  assert_output $'out\ntail'
  equal err "$stderr" stderr
  mc container logs "$name"
  assert_output $'out\ntail'
}

@test "logs of a terminal is what it showed" {
  ended -t -- 'echo out; echo err >&2'
  mc logs "$name"
  assert_output $'out\r\nerr\r'
  equal "" "$stderr" stderr
}

@test "printf without a newline is in the log and comes out, 100 times attached and 100 detached" {
  mc_shell 'for ((i = 0; i < 100; i++)); do
      seen=$("$MYCONTAINER" run --name '"$name"' /bin/sh -c "printf x; exit 7" </dev/null) && echo "status 0"
      [[ $seen == x ]] || echo "attached $i: $seen"
      [[ $("$MYCONTAINER" logs '"$name"') == x ]] || echo "log $i"
      "$MYCONTAINER" rm '"$name"' >/dev/null
    done
    for ((i = 0; i < 100; i++)); do
      "$MYCONTAINER" run -d --name '"$name"' /bin/sh -c "printf x" >/dev/null
      [[ $("$MYCONTAINER" logs -f '"$name"') == x ]] || echo "detached $i"
      "$MYCONTAINER" wait '"$name"' >/dev/null
      "$MYCONTAINER" rm '"$name"' >/dev/null
    done'
  assert_output ""
}

@test "logs -f follows to the last line and ends with the container" {
  mc run -d --name "$name" /bin/sh -c 'for i in 1 2 3; do echo $i; sleep 0.2; done; printf end'
  mc logs -f "$name"
  assert_status 0
  assert_output $'1\n2\n3\nend'
  mc logs --follow --tail 1 "$name"
  assert_output end
}

@test "logs -f prints a line as soon as it is there" {
  mc run -d --name "$name" -i /bin/sh -c 'echo first; sleep 1000'
  coproc FOLLOWER { exec "$MYCONTAINER" logs -f "$name" 3>&-; }
  local line follower=$FOLLOWER_PID
  read -r -t 20 -u "${FOLLOWER[0]}" line
  equal first "$line" line
  mc rm -f "$name"
  wait "$follower"
}

@test "--tail, --since, --until, --timestamps and --details are Docker's" {
  ended -- 'echo 1; echo 2; sleep 0.3; echo 3'
  mc logs -n 2 "$name"
  assert_output $'2\n3'
  mc logs --tail 0 "$name"
  assert_output ""
  mc logs --tail all "$name"
  assert_output $'1\n2\n3'
  mc logs --since 1h "$name"
  assert_output $'1\n2\n3'
  mc logs --until 1h "$name"
  assert_output ""
  mc logs --since 2099-01-01T00:00:00Z "$name"
  assert_output ""
  mc logs -t --tail 1 "$name"
  [[ $output =~ ^20[0-9]{2}-[0-9]{2}-[0-9]{2}T[0-9:]{8}\.[0-9]{9}Z\ 3$ ]] || fail "no timestamp"
  mc logs --since "${output%% *}" "$name"
  assert_output 3
  mc logs --details --tail 1 "$name"
  assert_output " 3"
}

@test "a long line has one timestamp and comes out whole" {
  ended -- 'head -c 50000 /dev/zero | tr "\0" x; echo; echo next'
  mc logs "$name"
  equal 50005 "${#output}" "number of characters"
  mc logs -t "$name"
  equal $((50005 + 2 * 31)) "${#output}" "number of characters with timestamps"
}

@test "a log is bounded and what is in it is the end, without a gap" {
  ended --log-opt max-size=20k --log-opt max-file=3 -- 'seq 10000 14999'
  mc logs "$name"
  mapfile -t lines <<<"$output"
  equal 14999 "${lines[-1]}" "last line"
  equal "${#lines[@]}" $((14999 - lines[0] + 1)) "number of lines"
  local file directory
  directory=$(echo "$MYCONTAINER_ROOT"/containers/*/log.json.2)
  directory=${directory%/*}
  equal 3 "$(find "$directory" -name 'log.json*' | wc -l)" "number of files"
  for file in "$directory"/log.json*; do
    (($(stat -c %s "$file") <= 20 * 1024)) || fail "$file is too large"
  done
}

@test "following loses nothing when the log is rotated" {
  mc run -d --name "$name" --log-opt max-size=20k --log-opt max-file=400 \
    /bin/sh -c 'i=10000; while [ $i -lt 22000 ]; do echo $i; i=$((i+1)); done'
  mc logs -f "$name"
  equal "$(seq 10000 21999 | cksum)" "$(cksum <<<"$output")" "sum of what was followed"
  mc logs "$name"
  equal "$(seq 10000 21999 | cksum)" "$(cksum <<<"$output")" "sum of the log"
}

@test "a log goes on when its container is started again" {
  ended -- 'echo run'
  mc start "$name"
  mc wait "$name"
  mc logs "$name"
  assert_output $'run\nrun'
}

@test "garbage in a log is passed over" {
  ended -- 'echo 1; echo 2'
  local file
  file=$(echo "$MYCONTAINER_ROOT"/containers/*/log.json)
  { echo garbage; head -c 5000 /dev/zero; echo; cat "$file"; printf '{"log":"torn'; } >"$file.x"
  mv "$file.x" "$file"
  mc logs "$name"
  assert_status 0
  assert_output $'1\n2'
}

@test "logs says why there is none" {
  mc logs nosuch
  assert_refused "no such container: nosuch" 1
  mc logs
  assert_refused "requires exactly 1 argument" 1
  mc logs --since yesterday nosuch
  assert_refused yesterday
  mc logs --tail few nosuch
  assert_refused --tail
  ended --log-driver none -- 'echo unseen'
  mc logs "$name"
  assert_refused "configured logging driver does not support reading" 1
}

@test "a container that was never started has an empty log" {
  mc create --name "$name" /bin/true
  mc logs "$name"
  assert_status 0
  assert_output ""
  mc logs -f "$name"
  assert_status 0
}

@test "a container that another command runs has no log" {
  "$MYCONTAINER" run --rm --name "$name" /bin/sleep 1000 </dev/null >/dev/null 2>&1 3>&- &
  eventually has_run
  mc logs "$name"
  assert_refused "there is no log of $name" 1
  mc attach "$name"
  assert_refused "nobody can attach to $name" 1
  mc rm -f "$name"
  wait
}
has_run() { "$MYCONTAINER" exec "$name" /bin/true 2>/dev/null; }
