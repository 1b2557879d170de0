#!/usr/bin/env bats
# rm: what does not run, or with -f anything, within bounds; and nothing is left.
load helpers
load lifecycle.bash

@test "rm removes what has ended and what was only created" {
  mc run -d --name "$name" /bin/sh -c 'touch /x'
  mc wait "$name"
  mc create --name "$name-2" /bin/true
  local ids
  ids="$(id_of "$name") $(id_of "$name-2")"
  mc rm "$name" "$name-2"
  assert_status 0
  assert_output "$name"$'\n'"$name-2"
  local id
  for id in $ids; do
    [[ ! -e $MYCONTAINER_ROOT/containers/$id ]] || fail "its directory is there"
    [[ ! -e $MYCONTAINER_STATE_ROOT/containers/$id ]] || fail "its live directory is there"
  done
  refute exists "$name"
}

@test "rm refuses what runs, in Docker's words, and changes nothing" {
  listens "$name"
  mc rm "$name"
  assert_error "cannot remove container \"$name\": container is running: stop the container before removing or force remove"
  mc stop "$name"
  assert_exit_code "$name" 7
}

@test "as root: rm refuses a paused container, rm -f removes it" {
  require_root
  is_deaf "$name"
  mc pause "$name"
  assert_status 0
  mc rm "$name"
  assert_error "cannot remove container \"$name\": container is paused and must be unpaused first"
  mc rm -f "$name"
  assert_status 0
  refute exists "$name"
}

@test "rm refuses what waits to be restarted" {
  mc run -d --name "$name" --restart always /bin/sh -c 'exit 3'
  eventually has_record "$name" '"status": ?"restarting"'
  mc rm "$name"
  [[ $status == 1 && $stderr == *"cannot remove container \"$name\": container is re"* ]] ||
    [[ $stderr == *"container is running"* ]] || fail "it was not refused"
  mc rm -f "$name"
  assert_status 0
  refute exists "$name"
}

@test "rm -f kills, and nothing is left" {
  remember_what_is_there
  marked -d --name "$name" /bin/sh -c 'sleep 1000 & sleep 1000'
  mc rm -f "$name"
  assert_status 0
  assert_output "$name"
  assert_nothing_left
}

@test "rm -f of a container with --rm, in the background and in the foreground" {
  is_deaf "$name" --rm
  mc rm -f "$name"
  assert_status 0
  assert_output "$name"
  refute exists "$name"
  mc_shell "'$MYCONTAINER' run --rm --name $name /bin/sleep 1000 & pid=\$!
    until compgen -G '$MYCONTAINER_STATE_ROOT/containers/*/state.json' >/dev/null; do sleep 0.01; done
    '$MYCONTAINER' rm -f $name || exit 99; [[ ! -L $MYCONTAINER_ROOT/names/$name ]] || exit 98; wait \$pid"
  assert_status 137
  assert_contains "$name"
}

@test "rm -f of a missing container tells and succeeds, as Docker's; rm fails" {
  mc rm -f nobody
  assert_status 0
  assert_output ""
  assert_stderr_contains "no such container: nobody"
  mc rm nobody
  assert_error "no such container: nobody"
}

@test "rm goes on after an error, and fails" {
  mc create --name "$name" /bin/true
  mc rm nobody "$name"
  assert_status 1
  assert_output "$name"
}

@test "rm takes -v, and says that there are no links" {
  mc create --name "$name" /bin/true
  mc rm -l "$name"
  assert_status 1
  mc rm -v "$name"
  assert_status 0
}

@test "the beginning of an id is enough when it is one container's" {
  local id
  mc create --name "$name" /bin/true
  id=$(id_of "$name")
  mc rm "${id:0:12}"
  assert_status 0
  assert_output "${id:0:12}"
}

@test "an ambiguous beginning is an error for every verb, and changes nothing" {
  local verb count=17
  for ((i = 0; i < count; i++)); do mc create /bin/true >/dev/null; done
  # Seventeen ids and sixteen digits.
  local digit
  digit=$(ls "$MYCONTAINER_ROOT/containers" | cut -c1 | sort | uniq -d | head -1)
  for verb in stop kill restart wait rm "rm -f" pause unpause "update --restart no" "rename $digit new"; do
    capture 60 "$MYCONTAINER" $verb $([[ $verb == rename* ]] || echo "$digit")
    assert_error "$digit is the beginning of the ids of several containers"
  done
  equal "$count" "$(ls "$MYCONTAINER_ROOT/containers" | wc -l)" "how many there are"
}

# --- broken containers -----------------------------------------------------------------------

@test "a container with a torn record can be removed, and others are untouched" {
  mc create --name "$name" /bin/true
  mc create --name "$name-2" /bin/true
  local file
  file=$(record_file "$name")
  truncate -s 40 "$file"
  mc rm "$name"
  assert_status 0
  [[ ! -e $file ]] || fail "it is still there"
  assert_exit_code "$name-2" 0
  mc create --name "$name" /bin/true
  assert_status 0
}

@test "a torn record is one clear line for every other verb" {
  mc create --name "$name" /bin/true
  local verb id
  id=$(id_of "$name")
  truncate -s 0 "$(record_file "$name")"
  for verb in "stop" "kill" "restart" "wait" "pause" "unpause" "update --restart no"; do
    capture 60 "$MYCONTAINER" $verb "$name"
    assert_error "the container is broken"
  done
  mc rename "$name" "$name-new"
  assert_error "the container is broken"
  mc rm "$id"
  assert_status 0
}

@test "as root: a broken container that runs needs -f" {
  require_root
  remember_what_is_there
  marked -d --name "$name" /bin/sleep 1000
  truncate -s 40 "$(record_file "$name")"
  mc rm "$name"
  assert_error "container is running"
  mc rm -f "$name"
  assert_status 0
  assert_nothing_left
}

@test "as root: so does one whose live state is torn, too" {
  require_root
  remember_what_is_there
  marked -d --name "$name" /bin/sleep 1000
  truncate -s 10 "$(state_file "$name")"
  mc rm -f "$name"
  assert_status 0
  assert_nothing_left
}

@test "what is no container's directory does no harm" {
  mc create --name "$name" /bin/true
  mkdir "$MYCONTAINER_ROOT/containers/zzz" "$MYCONTAINER_STATE_ROOT/containers/zzz"
  printf x >"$MYCONTAINER_ROOT/containers/zzz/record.json"
  mc rm "$name"
  assert_status 0
  mc rm zzz
  assert_status 0
  [[ ! -e $MYCONTAINER_ROOT/containers/zzz ]] || fail "it is still there"
}

@test "a container whose supervisor was killed can be removed without -f" {
  is_deaf "$name"
  local first
  first=$(pid_of "$name")
  kill -KILL "$(awk '/^PPid:/ {print $2}' "/proc/$first/status")"
  # A killed process keeps its locks until the kernel has taken it apart.
  eventually flock -n "$MYCONTAINER_STATE_ROOT/containers/$(id_of "$name")" true
  mc rm "$name"
  assert_status 0
  eventually test ! -d "/proc/$first"
}

# --- whatever gets stuck ---------------------------------------------------------------------

@test "who keeps a container's lock for ever makes nobody wait for ever" {
  is_deaf "$name"
  local id holder
  id=$(id_of "$name")
  flock "$MYCONTAINER_ROOT/containers/$id" sleep 1000 3>&- &
  holder=$!
  locked() { ! flock -n "$MYCONTAINER_ROOT/containers/$id" true; }
  eventually locked
  mc rename "$name" "$name-new"
  assert_error "container $name is being started or changed by another command"
  mc rm -f "$name"
  assert_status 1
  assert_stderr_contains "container $name"
  mc rm "$name"
  assert_status 1
  pkill -P "$holder"
  mc rm -f "$name"
  assert_status 0
}

@test "as root: on a full disk containers can be stopped, waited for and removed" {
  require_root
  local small=$BATS_TEST_TMPDIR/small
  mkdir "$small"
  mount -t tmpfs -o size=32m small "$small"
  export MYCONTAINER_ROOT=$small
  is_deaf "$name"
  is_deaf "$name-2"
  cat /dev/zero >"$small/full" 2>/dev/null || true
  mc stop -t 0 "$name"
  local stopped=$status
  mc wait "$name"
  local code=$output
  mc rm "$name"
  local removed=$status
  mc rm -f "$name-2"
  rm "$small/full"
  local left
  left=$(ls "$small/containers")
  umount "$small"
  equal 0 "$stopped" "stop's status"
  equal 137 "$code" "the exit code"
  equal 0 "$removed" "rm's status"
  assert_status 0
  equal "" "$left" "what is left"
}
