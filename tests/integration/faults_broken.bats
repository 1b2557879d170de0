#!/usr/bin/env bats
# What lies in the data and state roots may be cut short, foreign, or no file at all: that container
# is broken and can be removed, the others are untouched, and no command waits.
load helpers
load faults

setup() {
  name=box$BATS_TEST_NUMBER
  mc run -d --name "other$BATS_TEST_NUMBER" /bin/sleep 1000
  other=$output
}
teardown() {
  mc rm -f "$name" "$other"
}

stopped_box() {
  mc create --name "$name" /bin/true
  assert_status 0
  box=$output directory=$MYCONTAINER_ROOT/containers/$output
}
running_box() {
  mc run -d --name "$name" /bin/sleep 1000
  assert_status 0
  box=$output directory=$MYCONTAINER_ROOT/containers/$output live=$MYCONTAINER_STATE_ROOT/containers/$output
}

# Every way in which FILE can be something else; `spoil KIND FILE`.
kinds=(empty cut foreign list deep huge binary fifo link loop directory socket secret)
[[ -n ${FAULTS_FULL-} ]] || kinds=(cut fifo directory secret)
spoil() {
  local text
  text=$(cat "$2")
  rm -rf "$2"
  case $1 in
    empty) : >"$2" ;;
    cut) printf '%s' "${text:0:$((${#text} / 2))}" >"$2" ;;
    foreign) sed 's/"id":"[^"]*"/"id":"0123456789abcdef"/' <<<"$text" >"$2" ;;
    list) echo '[1, 2, {"id": 3}]' >"$2" ;;
    deep) head -c 400000 /dev/zero | tr '\0' '[' >"$2" ;;
    huge) truncate -s 1T "$2" 2>/dev/null || truncate -s 15G "$2" ;;
    binary) head -c 100000 /dev/urandom >"$2" ;;
    fifo) mkfifo "$2" ;;
    link) ln -s /etc/passwd "$2" ;;
    loop) ln -s "$2" "$2" ;;
    directory) mkdir "$2" && echo '{}' >"$2/inside" ;;
    socket) "$INTRUDER" "${2%/*}" bind && mv "${2%/*}/socket" "$2" ;;
    secret) ln -s "$canary" "$2" ;;
  esac
}
canary() {
  canary=$BATS_TEST_TMPDIR/canary
  echo '{"id":"canary","state":{}}' >"$canary"
  canary_before=$(stat -c '%i %s %Y %a' "$canary")
}
assert_canary() { equal "$canary_before" "$(stat -c '%i %s %Y %a' "$canary")" "the file outside"; }

# Each verb ends by itself, with an error or without, and nobody else is touched.
every_verb() {
  local verb
  local verbs=("start" "stop -t 0" "exec :: /bin/true" "logs" "rm")
  [[ -z ${FAULTS_FULL-} ]] || verbs+=("kill" "pause" "unpause" "restart -t 0" "update --memory 64m" "inspect"
    "top" "stats --no-stream" "diff" "port" "rename :: $name-new" "rename $name-new $name" "cp ::/etc/passwd -")
  for verb in "${verbs[@]}"; do
    [[ $verb == *::* || $verb == *"$name"* ]] || verb+=" ::"
    capture 60 "$MYCONTAINER" ${verb//::/$name}
    ((status != 124 && status < 128)) || fail "$verb: status $status"
  done
  for verb in "ps -a" "system boot"; do
    capture 60 "$MYCONTAINER" $verb
    ((status != 124 && status < 128)) || fail "$verb: status $status"
  done
}
assert_others_live() {
  mc exec "$other" /bin/echo lives
  assert_output lives
}
assert_box_removable() {
  capture 60 "$MYCONTAINER" rm -f "$box"
  assert_status 0
  [[ ! -e $directory && ! -e $MYCONTAINER_STATE_ROOT/containers/$box ]] || fail "it is still there"
  mc create --name "$name" /bin/true
  assert_status 0
  mc rm "$name"
  assert_status 0
}

spoil_all() { # spoil_all BOX FILE: FILE of `$directory` or `$live`
  local kind
  canary
  for kind in "${kinds[@]}"; do
    echo "--- $kind"
    "$1"
    spoil "$kind" "$(eval echo "$2")"
    every_verb
    assert_others_live
    assert_box_removable
    assert_canary
  done
}

@test "whatever a stopped container's record.json is, it is broken, removable, and nobody waits" {
  spoil_all stopped_box '$directory/record.json'
}

@test "whatever a running container's record.json is, it is broken, removable, and nobody waits" {
  spoil_all running_box '$directory/record.json'
}

@test "whatever a stopped container's config.json is, nobody waits and it is removable" {
  spoil_all stopped_box '$directory/config.json'
}

@test "whatever a running container's state.json is, nobody waits and it is removable" {
  spoil_all running_box '$live/state.json'
}
