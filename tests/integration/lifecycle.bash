# For the files about containers that live on their own: every test has names of its own, and what it
# leaves is removed after it.

setup() { name=c$BATS_TEST_NUMBER; }
teardown() { remove_all; }

# Everything in this file's roots; a test that failed may have left anything.
remove_all() {
  local id
  for id in "$MYCONTAINER_ROOT"/containers/*/; do
    [[ -d $id ]] && timeout 60 "$MYCONTAINER" rm -f "$(basename "$id")" >/dev/null 2>&1
  done
  true
}

# lives NAME OPTION... -- VERB...: a container with the probe as its program.
lives() {
  local called=$1 options=()
  shift
  while (($#)) && [[ $1 != -- ]]; do
    options+=("$1")
    shift
  done
  mc run -d --name "$called" -v "$PROBE:/probe:ro" "${options[@]}" /probe "${@:2}"
  assert_status 0
}
# Ends with status 7 at SIGTERM, and prints "ready" when it is listening to it.
listens() {
  lives "$1" "${@:2}" -- catch 15
  eventually_logged "$1" ready
}
# Never hears SIGTERM.
is_deaf() {
  mc run -d --name "$1" "${@:2}" /bin/sleep 1000
  assert_status 0
}

id_of() {
  local file
  file=$(grep -lsE "\"name\": ?\"$1\"" "$MYCONTAINER_ROOT"/containers/*/record.json)
  basename "$(dirname "$file")"
}
record_file() { printf '%s\n' "$MYCONTAINER_ROOT/containers/$(id_of "$1")/record.json"; }
state_file() { printf '%s\n' "$MYCONTAINER_STATE_ROOT/containers/$(id_of "$1")/state.json"; }
# The first process, as the OCI runtime's state file has it.
pid_of() { grep -oE '"(init_process_)?pid": ?[0-9]+' "$(state_file "$1")" | grep -oE '[0-9]+$' | head -1; }
exists() { [[ -L $MYCONTAINER_ROOT/names/$1 ]]; }
has_record() { grep -qE "$2" "$(record_file "$1")"; }
logged() { grep -q -- "$2" "$MYCONTAINER_ROOT/containers/$(id_of "$1")/log.json"; }
eventually_logged() { eventually logged "$1" "$2"; }

refute() { # COMMAND...: "! COMMAND" alone does not fail a test
  if "$@"; then fail "it is so: $*"; fi
}
assert_exit_code() { # NAME CODE: of a container that has ended
  mc wait "$1"
  assert_status 0
  assert_output "$2"
}
assert_one_line() {
  [[ $stderr != *$'\n'* || $stderr == *$'\n'"hint: "* ]] || fail "more than one line: $stderr"
}
# assert_error TEXT: a failed verb with one line that says TEXT.
assert_error() {
  assert_status 1
  assert_output ""
  assert_one_line
  assert_stderr_contains "$1"
}
# counted ACTION NAME: how many such events there were.
counted() { grep -c "\"action\":\"$1\".*\"name\":\"$2\"" "$MYCONTAINER_STATE_ROOT/events"; }
