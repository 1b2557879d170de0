#!/usr/bin/env bats
# The OCI command line: every verb, states in their order, what is refused, and what is printed.
load oci

setup() {
  bundle
  id=$(fresh_id)
}

sleeper() { # sleeper [VERB-OPTION...]: a created container $id that will sleep
  edit '.process.args = ["/bin/sleep", "100"]'
  oci create --bundle "$bundle" "$@" "$id"
  assert_status 0
}
running() {
  sleeper
  oci start "$id"
  assert_status 0
}
state_is() { [[ $(oci_quiet state "$id" | jq -r .status) == "$1" ]]; }
# shellcheck disable=SC2086  # a command and its first argument
oci_quiet() { $OCI_RUNTIME --root "$BATS_FILE_TMPDIR/oci" "$@" 2>/dev/null; }
stop() {
  oci kill "$id" KILL
  eventually state_is stopped
}

# A mistake: status 1 (or $2), nothing on stdout, a line that names $1 and perhaps a hint.
assert_oci_refused() {
  assert_status "${2:-1}"
  assert_output ""
  local lines
  mapfile -t lines <<<"$stderr"
  ((${#lines[@]} == 1)) || [[ ${#lines[@]} == 2 && ${lines[1]} == "hint: "* ]] ||
    fail "more than one line and one hint on stderr"
  assert_stderr_contains "$1"
}

# --- the life of a container -------------------------------------------------------------------

@test "oci: created, running, stopped, gone" {
  sleeper
  assert_output ""
  state_is created || fail "not created"
  oci start "$id"
  assert_status 0
  assert_output ""
  state_is running || fail "not running"
  oci kill "$id"
  assert_status 0
  oci kill "$id" KILL
  eventually state_is stopped
  oci delete "$id"
  assert_status 0
  oci state "$id"
  assert_oci_refused "does not exist"
}

@test "oci: state prints runc's document" {
  edit '.annotations = {"org.example.key": "value"}'
  running
  oci state "$id"
  assert_status 0
  equal "$id" "$(jq -r .id <<<"$output")" id
  equal 1.0.2 "$(jq -r .ociVersion <<<"$output")" ociVersion
  equal "$bundle" "$(jq -r .bundle <<<"$output")" bundle
  equal "$bundle/rootfs" "$(jq -r .rootfs <<<"$output")" rootfs
  equal value "$(jq -r '.annotations["org.example.key"]' <<<"$output")" annotation
  equal "annotations bundle created id ociVersion owner pid rootfs status" \
    "$(jq -r 'keys | join(" ")' <<<"$output")" keys
  [[ $(jq -r .created <<<"$output") =~ ^20[0-9-]+T[0-9:]+\.[0-9]+Z$ ]] || fail "created"
  local pid
  pid=$(jq -r .pid <<<"$output")
  equal "/bin/sleep 100" "$(tr '\0' ' ' <"/proc/$pid/cmdline" | sed 's/ $//')" "command of $pid"
  stop
  oci state "$id"
  equal 0 "$(jq -r .pid <<<"$output")" "pid of a stopped container"
}

@test "oci: what does not fit the state is refused" {
  sleeper
  oci create --bundle "$bundle" "$id"
  assert_oci_refused "$id"
  oci resume "$id"
  assert_status 1
  oci start "$id"
  assert_status 0
  oci start "$id"
  assert_oci_refused "cannot start an already running container"
  oci delete "$id"
  assert_oci_refused "not stopped"
  state_is running || fail "no longer running"
  stop
  oci start "$id"
  assert_oci_refused "stopped"
  oci kill "$id" KILL
  assert_oci_refused "container not running"
  oci exec "$id" /bin/true
  assert_oci_refused "stopped" 255
  oci pause "$id"
  assert_oci_refused "container not running"
}

@test "oci: an id that nobody has does not exist, and can be deleted by force" {
  local verb
  for verb in state start kill delete pause resume ps update events; do
    oci "$verb" no-such-container
    assert_oci_refused "does not exist"
  done
  oci exec no-such-container /bin/true
  assert_oci_refused "does not exist" 255
  oci delete --force no-such-container
  assert_status 0
  equal "" "$stderr" stderr
}

@test "oci: an id must be a name" {
  local name
  for name in ../x a/b . .. .hidden '' 'a b' $'a\nb' -- -x; do
    oci create --bundle "$bundle" "$name"
    ((status == 1)) || fail "'$name' was accepted"
  done
  oci list -q
  assert_output ""
}

@test "oci: delete --force kills what runs" {
  running
  oci delete --force "$id"
  assert_status 0
  oci list -q
  assert_output ""
}

@test "oci: a container that runs in the foreground can be deleted from elsewhere" {
  edit '.process.args = ["/bin/sleep", "100"]'
  oci_quiet run --bundle "$bundle" "$id" 3>&- &
  local run=$!
  eventually state_is running
  oci delete "$id"
  assert_oci_refused "not stopped"
  oci delete --force "$id"
  assert_status 0
  local code=0
  wait "$run" || code=$?
  ((code == 137)) || fail "run ended with $code"
}

@test "oci: delete --force ends a start that a hook holds up" {
  edit '.hooks.startContainer = [{"path": "/bin/sleep", "args": ["sleep", "100"]}]'
  sleeper
  oci_quiet start "$id" 3>&- &
  sleep 0.3
  oci delete --force "$id"
  assert_status 0
  oci state "$id"
  assert_oci_refused "does not exist"
}

@test "oci: options may follow the container's id, as crun has it" {
  edit '.process.args = ["/bin/sleep", "100"]'
  oci create "$id" --bundle "$bundle"
  assert_status 0
  oci kill "$id" KILL --all
  assert_status 0
  oci delete "$id" -f
  assert_status 0
}

@test "oci: run's status is the program's, or 128 and the signal" {
  shell 'exit 7'
  assert_status 7
  shell 'kill -KILL $$; sleep 1'
  oci list -q
  assert_output ""
  edit '.process.args = ["/bin/sh", "-c", "kill -KILL -1; exit 3"]'
  oci run --keep --bundle "$bundle" "$id"
  oci list -q
  assert_output "$id"
  state_is stopped || fail "a kept container is not stopped"
}

@test "oci: run --detach leaves the container running" {
  edit '.process.args = ["/bin/sleep", "100"]'
  oci run --detach --bundle "$bundle" --pid-file "$BATS_TEST_TMPDIR/pid" "$id"
  assert_status 0
  state_is running || fail "not running"
  equal "$(oci_quiet state "$id" | jq -r .pid)" "$(<"$BATS_TEST_TMPDIR/pid")" "pid file"
}

@test "oci: --pid-file holds the number and nothing else" {
  sleeper --pid-file "$BATS_TEST_TMPDIR/pid"
  [[ $(<"$BATS_TEST_TMPDIR/pid") =~ ^[0-9]+$ ]] || fail "pid file: $(<"$BATS_TEST_TMPDIR/pid")"
  equal "$(oci_quiet state "$id" | jq -r .pid)" "$(<"$BATS_TEST_TMPDIR/pid")" "pid file"
}

@test "oci: the working directory is the bundle when none is named" {
  edit '.process.args = ["/bin/echo", "here"]'
  cd "$bundle"
  oci run "$id"
  assert_output here
}

# --- errors as clients read them -----------------------------------------------------------------

@test "oci: a program that is not there is said in the words that engines look for" {
  run_bundle no-such-program
  assert_oci_refused "executable file not found in \$PATH"
  run_bundle /no-such-program
  assert_oci_refused "No such file or directory"
  run_bundle /etc
  assert_oci_refused "Permission denied"
}

@test "oci: create finds out that there is no program" {
  edit '.process.args = ["no-such-program"]'
  oci create --bundle "$bundle" "$id"
  assert_oci_refused "executable file not found in \$PATH"
  edit '.process.args = ["/no-such-program"]'
  oci create --bundle "$bundle" "$id"
  assert_oci_refused "No such file or directory"
  oci list -q
  assert_output ""
}

@test "oci: exec of a missing program ends with 255" {
  running
  oci exec "$id" no-such-program
  assert_oci_refused "executable file not found in \$PATH" 255
  oci exec "$id" /no-such-program
  assert_oci_refused "No such file or directory" 255
}

@test "oci: --log gets the error as JSON, and stderr gets it too" {
  local log=$BATS_TEST_TMPDIR/log
  oci --log "$log" --log-format json state no-such-container
  assert_oci_refused "does not exist"
  equal 1 "$(wc -l <"$log")" "lines in the log"
  equal error "$(jq -r .level <"$log")" level
  [[ $(jq -r .msg <"$log") == *'"no-such-container" does not exist'* ]] || fail "msg: $(<"$log")"
  equal "level msg time" "$(jq -r 'keys | join(" ")' <"$log")" keys
  date -d "$(jq -r .time <"$log")" >/dev/null || fail "time: $(<"$log")"
  oci --log "$log" --log-format json state other
  equal 2 "$(wc -l <"$log")" "lines after a second error"
}

@test "oci: --log gets text by default, and usage errors too" {
  local log=$BATS_TEST_TMPDIR/log
  oci --log "$log" state --no-such-flag x
  assert_oci_refused "unknown flag: --no-such-flag"
  [[ $(<"$log") =~ ^time=\"20[^\"]+Z\"\ level=error\ msg=\"unknown\ flag ]] || fail "$(<"$log")"
  oci --log "$log" no-such-verb
  oci --log "$log" --log-format json --debug=perhaps list
  equal 3 "$(wc -l <"$log")" "lines in the log"
}

@test "oci: --log stays empty when nothing is wrong" {
  local log=$BATS_TEST_TMPDIR/log
  edit '.process.args = ["/bin/true"]'
  oci --log "$log" --log-format json run --bundle "$bundle" "$id"
  assert_status 0
  [[ -f $log && ! -s $log ]] || fail "the log: $(<"$log")"
}

@test "oci: --debug tells the log what is done" {
  local log=$BATS_TEST_TMPDIR/log
  edit '.process.args = ["/bin/sh", "-c", "exit 3"]'
  oci --log "$log" --log-format json --debug run --bundle "$bundle" "$id"
  assert_status 3
  equal "" "$stderr" stderr
  equal debug "$(jq -rs 'map(.level) | unique | join(" ")' <"$log")" levels
  [[ $(jq -rs '.[0].msg' <"$log") == "run --bundle $bundle $id ("* ]] || fail "$(<"$log")"
  equal "run ends with 3" "$(jq -rs '.[-1].msg' <"$log")" "last line"
}

@test "oci: a log that cannot be opened is an error" {
  oci --log /no/such/directory/log list
  assert_oci_refused "--log"
}

@test "oci: mistyped words get the nearest ones" {
  oci strat x
  assert_oci_refused "hint: did you mean 'start'?"
  oci --rot /x list
  assert_oci_refused "did you mean --root?"
  oci create --bundel /x y
  assert_oci_refused "did you mean --bundle?"
  oci checkpoint x
  assert_oci_refused "not supported"
  oci start
  assert_oci_refused "id is missing"
  oci start a b
  assert_oci_refused "too many arguments"
}

@test "oci: every verb explains itself" {
  local verb
  oci --help
  assert_status 0
  for verb in $(sed -n 's/^  \([a-z]\{2,\}\)   *[A-Z].*/\1/p' <<<"$output"); do
    oci "$verb" --help
    assert_status 0
    assert_contains "mycontainer oci"
  done
  oci --help
  assert_contains "  create "
  assert_contains "  features "
  oci help exec
  assert_contains "--preserve-fds"
  mc --help
  assert_contains "  oci "
}

@test "oci: a link called mycontainer-oci is the OCI runtime" {
  ln -s "$MYCONTAINER" "$BATS_TEST_TMPDIR/mycontainer-oci"
  capture 10 "$BATS_TEST_TMPDIR/mycontainer-oci" --version
  assert_status 0
  [[ $output =~ ^mycontainer-oci\ version\ .*$'\n'commit:\ .*$'\n'spec:\ 1\. ]] || fail "$output"
  edit '.process.args = ["/bin/echo", "linked"]'
  capture 10 "$BATS_TEST_TMPDIR/mycontainer-oci" --root "$BATS_FILE_TMPDIR/oci" \
    run --bundle "$bundle" "$id"
  assert_output linked
}

# --- kill ----------------------------------------------------------------------------------------

@test "oci: kill takes names with and without SIG, and numbers" {
  edit '.process.args = ["/bin/sh", "-c",
    "trap \"echo usr1\" USR1; trap \"echo hup\" HUP; trap \"echo term; exit\" TERM; echo up;
     while :; do sleep 0.1; done"]'
  # shellcheck disable=SC2094,SC2016
  mc_shell "$OCI_RUNTIME --root '$BATS_FILE_TMPDIR/oci' run -d --bundle '$bundle' $id >'$BATS_TEST_TMPDIR/out'"
  eventually grep -q up "$BATS_TEST_TMPDIR/out"
  oci kill "$id" USR1
  assert_status 0
  eventually grep -q usr1 "$BATS_TEST_TMPDIR/out"
  oci kill "$id" SIGHUP
  eventually grep -q hup "$BATS_TEST_TMPDIR/out"
  : >"$BATS_TEST_TMPDIR/out"
  oci kill "$id" 10
  eventually grep -q usr1 "$BATS_TEST_TMPDIR/out"
  oci kill "$id" sigfoo
  assert_oci_refused "sigfoo"
  oci kill "$id" 65
  assert_oci_refused "65"
  oci kill "$id"
  eventually grep -q term "$BATS_TEST_TMPDIR/out"
  eventually state_is stopped
}

@test "oci: kill --all of a stopped container is no error" {
  running
  stop
  oci kill --all "$id" KILL
  assert_status 0
}

# --- list, ps, events ----------------------------------------------------------------------------

@test "oci: list shows a table, JSON or ids" {
  oci list
  assert_output "ID          PID         STATUS      BUNDLE      CREATED     OWNER"
  oci list --format json
  assert_output null
  sleeper
  oci list
  [[ $output == "ID "*$'\n'"$id "*" created "*" $bundle "* ]] || fail "table"
  oci list -f json
  equal "$id created $bundle" "$(jq -r '.[] | "\(.id) \(.status) \(.bundle)"' <<<"$output")" JSON
  equal "$(id -un)" "$(jq -r '.[].owner' <<<"$output")" owner
  oci list --quiet
  assert_output "$id"
  oci list --format yaml
  assert_oci_refused "format"
}

@test "limit: oci ps shows the processes of the container" {
  require_controller pids
  running
  local pid
  pid=$(oci_quiet state "$id" | jq .pid)
  oci ps "$id"
  assert_status 0
  [[ $output =~ ^UID\ +PID\ +PPID\ +C\ STIME\ TTY\ +TIME\ CMD$'\n'root\ +$pid\ .*/bin/sleep\ 100$ ]] ||
    fail "table"
  oci ps --format json "$id"
  assert_output "[$pid]"
  oci ps "$id" -ef
  assert_contains "/bin/sleep 100"
  oci ps "$id" aux
  assert_oci_refused aux
}

@test "limit: oci events --stats prints one line of statistics" {
  require_controller pids
  running
  oci events --stats "$id"
  assert_status 0
  equal "stats $id" "$(jq -r '"\(.type) \(.id)"' <<<"$output")" event
  equal "blkio cpu cpuset hugetlb intel_rdt memory network_interfaces pids" \
    "$(jq -r '.data | keys | join(" ")' <<<"$output")" keys
  [[ $(jq .data.pids.current <<<"$output") -ge 1 ]] || fail "pids"
}

@test "limit: oci events go on until the container ends" {
  require_controller pids
  edit '.process.args = ["/bin/sleep", "1"]'
  oci run --detach --bundle "$bundle" "$id"
  oci events --interval 200ms "$id"
  assert_status 0
  (($(wc -l <<<"$output") >= 2)) || fail "fewer than two events in a second"
  equal stats "$(jq -rs 'map(.type) | unique | join(" ")' <<<"$output")" types
  oci events --interval 5 "$id"
  assert_oci_refused "--interval"
}

@test "limit: oci events tell that memory ran out" {
  require_controller memory
  edit '.linux.resources.memory = {"limit": 16777216, "swap": 16777216}
    | .process.args = ["/bin/sh", "-c",
        "sleep 0.5; sh -c \"cat /dev/zero | tail -c 64m\" >/dev/null; sleep 1"]'
  oci run --detach --bundle "$bundle" "$id"
  oci events --interval 10m "$id"
  assert_status 0
  equal oom "$(jq -rs 'map(.type) | unique | join(" ")' <<<"$output")" types
}

# --- pause, resume, update -----------------------------------------------------------------------

@test "limit: oci pause and resume" {
  require_controller pids
  running
  oci pause "$id"
  assert_status 0
  state_is paused || fail "not paused"
  oci exec "$id" /bin/true
  assert_oci_refused paused 255
  oci resume "$id"
  assert_status 0
  state_is running || fail "not resumed"
  oci resume "$id"
  assert_oci_refused "not paused"
}

@test "limit: oci kill KILL ends a paused container" {
  require_controller pids
  running
  oci pause "$id"
  assert_status 0
  oci kill "$id" KILL
  assert_status 0
  eventually state_is stopped
}

@test "limit: oci delete --force removes a paused container" {
  require_controller pids
  running
  oci pause "$id"
  oci delete --force "$id"
  assert_status 0
}

@test "limit: oci update changes limits, by options and by JSON" {
  require_controller memory
  require_controller pids
  edit '.linux.resources.memory = {"limit": 33554432}'
  running
  oci update --memory 64m --memory-swap=-1 --pids-limit 20 "$id"
  assert_status 0
  oci events --stats "$id"
  equal "67108864 20" "$(jq -r '.data | "\(.memory.usage.limit) \(.pids.limit)"' <<<"$output")" limits
  echo '{"pids": {"limit": 30}, "devices": [{"allow": false, "access": "rwm"}]}' >"$bundle/limits"
  oci update --resources "$bundle/limits" "$id"
  assert_status 0
  mc_shell "echo '{\"memory\": {\"limit\": 50331648}}' |
    $OCI_RUNTIME --root '$BATS_FILE_TMPDIR/oci' update -r - $id"
  assert_status 0
  oci events --stats "$id"
  equal "50331648 30" "$(jq -r '.data | "\(.memory.usage.limit) \(.pids.limit)"' <<<"$output")" limits
  oci exec "$id" /bin/sh -c 'echo still >/dev/null && echo allowed'
  assert_output allowed
  oci update --memory much "$id"
  assert_oci_refused --memory
}

# --- exec ------------------------------------------------------------------------------------------

@test "oci: exec runs a program in the container and ends with its status" {
  running
  oci exec "$id" /probe show hostname env_PATH cwd
  assert_status 0
  assert_seen hostname bundle
  assert_seen cwd /
  oci exec "$id" /bin/sh -c 'exit 42'
  assert_status 42
  oci exec "$id" /bin/sh -c 'kill -KILL $$'
  assert_status 137
}

@test "oci: what follows the container's id belongs to the program" {
  running
  oci exec "$id" /bin/echo --cwd /nowhere -e x
  assert_output "--cwd /nowhere -e x"
}

@test "oci: exec has options for the program's surroundings" {
  running
  oci exec --cwd /usr -e COLOUR=blue --env=TASTE=sweet "$id" /probe show cwd env_COLOUR env_TASTE
  assert_output $'env_COLOUR=blue\nenv_TASTE=sweet\ncwd=/usr'
  oci exec --cap CAP_SYS_TIME -c sys_nice --no-new-privs "$id" /probe show status_CapEff status_NoNewPrivs
  assert_seen status_NoNewPrivs 1
  local effective=$((16#$(seen status_CapEff)))
  (((effective >> 25 & 1) && (effective >> 23 & 1))) || fail "capabilities: $(seen status_CapEff)"
  oci exec -e NOVALUE "$id" /bin/true
  assert_oci_refused NAME=VALUE 255
}

@test "as root: oci exec --user and --additional-gids are numbers" {
  require_root
  running
  oci exec --user 1000:2000 --additional-gids 5,6 -g 7 "$id" /probe show uid gid groups
  assert_output $'uid=1000 1000 1000\ngid=2000 2000 2000\ngroups=5 6 7'
  oci exec -u 1000 "$id" /probe show uid gid
  assert_output $'uid=1000 1000 1000\ngid=0 0 0'
}

@test "oci: exec --user takes nothing that only looks like a number" {
  running
  local user
  for user in -1 4294967295 4294967296 1000abc 0x0 1000: :0 root ' 0' 1:2:3; do
    oci exec --user="$user" "$id" /bin/true
    assert_oci_refused "not a number" 255
  done
}

@test "oci: exec --process reads the whole process" {
  running
  jq '.process | .args = ["/probe", "show", "env_FROM", "cwd"] | .env = ["FROM=file"] | .cwd = "/tmp"' \
    <"$bundle/config.json" >"$bundle/process.json"
  oci exec --process "$bundle/process.json" "$id"
  assert_output $'env_FROM=file\ncwd=/tmp'
  jq '.process | .args = ["/probe", "show", "status_CapEff"] | del(.capabilities)' \
    <"$bundle/config.json" >"$bundle/process.json"
  oci exec --process "$bundle/process.json" "$id"
  assert_output "status_CapEff=00000000a80425fb"
  oci exec -p /no/such/file "$id"
  assert_oci_refused "No such file" 255
  echo '{"args": 5}' >"$bundle/process.json"
  oci exec -p "$bundle/process.json" "$id"
  assert_oci_refused args 255
  oci exec "$id"
  assert_oci_refused program 255
}

@test "oci: exec --detach returns at once and leaves a pid file" {
  running
  oci exec --detach --pid-file "$BATS_TEST_TMPDIR/pid" "$id" /bin/sleep 50
  assert_status 0
  equal "/bin/sleep 50" "$(tr '\0' ' ' <"/proc/$(<"$BATS_TEST_TMPDIR/pid")/cmdline" | sed 's/ $//')" command
}

# --- descriptors -------------------------------------------------------------------------------------

@test "oci: --preserve-fds passes that many descriptors and no more" {
  edit '.process.args = ["/probe", "show", "fds"]'
  echo preserved >"$BATS_TEST_TMPDIR/file"
  mc_shell "exec 3<'$BATS_TEST_TMPDIR/file' 4</dev/null 5</dev/null
    $OCI_RUNTIME --root '$BATS_FILE_TMPDIR/oci' run --preserve-fds 2 --bundle '$bundle' $id"
  assert_status 0
  equal "0 1 2 3 4" "$(seen fds)" descriptors
}

# runc issue 5474: what the runtime itself has opened must not pass for the caller's.
@test "oci: --preserve-fds of descriptors that are not open is refused, with a log too" {
  mc_shell "exec 3</dev/null 4>&-
    $OCI_RUNTIME --root '$BATS_FILE_TMPDIR/oci' --log '$BATS_TEST_TMPDIR/log' --log-format json \
      run --preserve-fds 2 --bundle '$bundle' $id"
  assert_oci_refused "--preserve-fds"
  equal error "$(jq -r .level <"$BATS_TEST_TMPDIR/log")" level
  mc_shell "exec 3>&- 4>&-
    $OCI_RUNTIME --root '$BATS_FILE_TMPDIR/oci' --log '$BATS_TEST_TMPDIR/log' create --preserve-fds 1 \
      --bundle '$bundle' $id"
  assert_oci_refused "--preserve-fds"
}

@test "oci: the sockets that systemd listens on go to the program" {
  edit '.process.args = ["/probe", "show", "fds", "env_LISTEN_FDS", "env_LISTEN_PID"]'
  # shellcheck disable=SC2016
  mc_shell "exec 3</dev/null 4</dev/null 5</dev/null
    export LISTEN_FDS=2; exec bash -c 'LISTEN_PID=\$\$ exec $OCI_RUNTIME \
      --root $BATS_FILE_TMPDIR/oci run --preserve-fds 1 --bundle $bundle $id'"
  assert_status 0
  equal "0 1 2 3 4 5" "$(seen fds)" descriptors
  assert_seen env_LISTEN_FDS 2
  assert_seen env_LISTEN_PID 1
  mc_shell "exec 3</dev/null 4</dev/null
    LISTEN_FDS=2 LISTEN_PID=1 $OCI_RUNTIME --root '$BATS_FILE_TMPDIR/oci' run --bundle '$bundle' $id"
  equal "0 1 2" "$(seen fds)" "descriptors of somebody else's"
}

# --- terminals ---------------------------------------------------------------------------------------

console() { # console [TEXT]: listens at $socket; what it sees goes to $BATS_TEST_TMPDIR/console
  socket=$BATS_TEST_TMPDIR/socket
  "$CONSOLE" "$socket" "$@" >"$BATS_TEST_TMPDIR/console" 3>&- &
  eventually test -S "$socket"
}
console_has() { grep -q "$1" "$BATS_TEST_TMPDIR/console"; }

@test "oci: --console-socket gets the terminal's master end" {
  edit '.process.terminal = true | .process.args = ["/probe", "show", "isatty"]'
  console
  oci create --bundle "$bundle" --console-socket "$socket" "$id"
  assert_status 0
  eventually console_has "^terminal "
  oci start "$id"
  assert_status 0
  eventually console_has "isatty=111"
}

@test "oci: exec --tty --console-socket" {
  running
  console
  oci exec --tty --detach --console-socket "$socket" "$id" /probe show isatty
  assert_status 0
  eventually console_has "isatty=111"
}

@test "oci: run and exec show a terminal on the caller's own" {
  edit '.process.terminal = true | .process.args = ["/bin/sh", "-c", "read x; echo got $x; exit 6"]'
  on_terminal 'send=words\n' 'expect=got words' -- \
    oci --root "$BATS_FILE_TMPDIR/oci" run --bundle "$bundle" "$id"
  assert_status 6
  edit '.process.terminal = false'
  running
  on_terminal 'expect=isatty=111' -- \
    oci --root "$BATS_FILE_TMPDIR/oci" exec --tty "$id" /probe show isatty
  assert_status 0
}

@test "oci: a terminal and its socket go together" {
  edit '.process.terminal = true'
  oci create --bundle "$bundle" "$id"
  assert_oci_refused "--console-socket"
  oci run --detach --bundle "$bundle" "$id"
  assert_oci_refused "--console-socket"
  edit '.process.terminal = false'
  oci create --bundle "$bundle" --console-socket "$BATS_TEST_TMPDIR/none" "$id"
  assert_oci_refused "--console-socket"
}

# --- spec and features ---------------------------------------------------------------------------------

@test "oci: spec writes a configuration once" {
  mkdir "$BATS_TEST_TMPDIR/new"
  cd "$BATS_TEST_TMPDIR/new"
  oci spec
  assert_status 0
  assert_output ""
  equal '["sh"]' "$(jq -c .process.args config.json)" args
  oci spec
  assert_oci_refused "config.json"
  rm config.json
  cd /
  oci spec --rootless --bundle "$BATS_TEST_TMPDIR/new"
  assert_status 0
  equal true "$(jq '[.linux.namespaces[].type] | any(. == "user")' "$BATS_TEST_TMPDIR/new/config.json")" \
    "a user namespace"
  oci spec -b /no/such/directory
  assert_oci_refused "No such file or directory"
}

@test "oci: what spec writes runs" {
  rm "$bundle/config.json"
  local rootless=()
  is_root || rootless=(--rootless)
  oci spec --bundle "$bundle" "${rootless[@]}"
  edit '.process.terminal = false | .process.args = ["/bin/echo", "spec"]'
  oci run --bundle "$bundle" "$id"
  assert_output spec
}

@test "oci: features is a document of JSON" {
  oci features
  assert_status 0
  equal 1.3.0 "$(jq -r .ociVersionMax <<<"$output")" ociVersionMax
  equal true "$(jq '.linux.namespaces | length >= 7' <<<"$output")" namespaces
  oci features x
  assert_oci_refused "no arguments"
}
