#!/usr/bin/env bats
# A full disk, as root: the data root lies on a small tmpfs.
load helpers
load faults

setup_file() {
  private_roots
  is_root || return 0
  mkdir -p "$MYCONTAINER_ROOT"
  mount -t tmpfs -o size=16m full-disk "$MYCONTAINER_ROOT"
}
teardown_file() {
  ! is_root || umount -l "$MYCONTAINER_ROOT" # a failed test may have left something that runs
}
setup() {
  require_root
  name=box$BATS_TEST_NUMBER
}
teardown() {
  rm -f "$MYCONTAINER_ROOT/ballast"
  mc rm -f "$name"
}
fill() { dd if=/dev/zero of="$MYCONTAINER_ROOT/ballast" bs=1M 2>/dev/null || true; dd if=/dev/zero of="$MYCONTAINER_ROOT/ballast" bs=512 oflag=append conv=notrunc 2>/dev/null || true; }
make_room() { rm "$MYCONTAINER_ROOT/ballast"; }
whole_lines() { # every line of every file of the log
  local file
  for file in "$MYCONTAINER_ROOT/containers/$1"/log.json*; do
    [[ ! -s $file || -z $(tail -c 1 "$file") ]] || fail "$file ends with a torn line"
    jq -e . "$file" >/dev/null || fail "$file holds what is no JSON"
  done
}

@test "as root: a run on a full disk is one clear error, and nothing is left of it" {
  mc run --rm /bin/true
  assert_status 0
  local before
  before=$(find "$MYCONTAINER_ROOT" | sort)
  fill
  local verb
  for verb in "run --rm" "run -d" "create" "run"; do
    mc $verb --name "$name" /bin/true
    [[ $status == 125 || $status == 1 ]] || fail "$verb: status $status"
    [[ $stderr == *"No space left"* ]] || fail "$verb does not say why: $stderr"
    equal 1 "$(wc -l <<<"$stderr")" "lines on stderr"
  done
  make_room
  equal "$before" "$(find "$MYCONTAINER_ROOT" | sort)" "what lies in the data root"
  mc run --rm --name "$name" /bin/echo room
  assert_output room
}

@test "as root: a container that ends while the disk is full tells its exit code, then and later" {
  mc run -d --name "$name" /bin/sh -c 'while ! test -e /go; do sleep 0.02; done; exit 7'
  local id=$output
  fill
  # What waits for room in its layer would wait for ever.
  mc exec "$name" /bin/kill -USR1 1
  mc kill -s KILL "$name"
  mc wait "$name"
  assert_output 137
  make_room
  mc wait "$name"
  assert_output 137
  mc start "$name"
  assert_status 0
  mc exec "$name" /bin/touch /go
  mc wait "$name"
  assert_output 7
}

@test "as root: an exit code is not lost when the record cannot be written" {
  mc run -d --name "$name" /bin/sh -c 'sleep 0.5; exit 7'
  fill
  mc wait "$name"
  assert_output 7
  mc start "$name"
  [[ $status != 0 ]] || fail "a start on a full disk says nothing"
  make_room
  mc start -a "$name"
  assert_status 7
}

@test "as root: stop works on a full disk, also with a restart policy, and so does rm" {
  mc run -d --name "$name" --restart always /bin/sleep 1000
  fill
  mc stop -t 0 "$name"
  assert_status 0
  mc exec "$name" /bin/true
  [[ $status != 0 ]] || fail "it runs again"
  mc rm "$name"
  assert_status 0
  make_room
  mc run -d --name "$name" /bin/sleep 1000
  assert_status 0
  fill
  mc rm -f "$name"
  assert_status 0
}

@test "as root: a log that does not fit has whole lines only, and what is read is not lost later" {
  mc run -d --name "$name" --log-opt max-size=100m /bin/sh -c 'i=0; while test $i -lt 40000; do
      echo "line $i ................................................................................"; i=$((i + 1)); done
    echo last; while ! test -e /go; do sleep 0.05; done; echo after; exit 9'
  local id=$output
  fill
  eventually grows_no_more "$id"
  whole_lines "$id"
  mc logs "$name"
  assert_status 0
  local seen=$output
  make_room
  mc exec "$name" /bin/touch /go
  mc wait "$name"
  assert_output 9
  whole_lines "$id"
  mc logs "$name"
  [[ $output == "$seen"* ]] || fail "what was read before is not there any more"
  assert_contains after
  mc rm "$name"
  assert_status 0
}
grows_no_more() {
  local before
  before=$(stat -c %s "$MYCONTAINER_ROOT/containers/$1/log.json")
  sleep 0.3
  ((before > 0 && before == $(stat -c %s "$MYCONTAINER_ROOT/containers/$1/log.json")))
}

@test "as root: a container that writes more than there is room for gets ENOSPC, and all goes on" {
  mc run --name "$name" /bin/sh -c 'dd if=/dev/zero of=/big bs=1M count=100; echo "dd: $?"; rm /big; echo x >/small && echo room'
  assert_status 0
  assert_contains "dd: 1"
  assert_contains room
  assert_stderr_contains "No space left"
  mc rm "$name"
  mc run -d --name "$name" /bin/sh -c 'dd if=/dev/zero of=/big bs=1M count=100; exec sleep 1000'
  eventually no_room
  mc exec "$name" /bin/echo lives
  assert_output lives
  mc stop -t 0 "$name"
  assert_status 0
  mc wait "$name"
  assert_output 137
  mc rm "$name"
  assert_status 0
  mc run --rm --name "$name" /bin/echo room
  assert_output room
}
no_room() { (($(stat -f -c %a "$MYCONTAINER_ROOT") < 32)); } # blocks
