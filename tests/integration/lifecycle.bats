#!/usr/bin/env bats
# Containers that live on their own: run -d, create, start, what stays after the end, restart
# policies, and what a boot starts again.
load helpers
load lifecycle

# record ID-OR-NAME EXPRESSION: a value of the record on disk (grep -o on one line of JSON).
record_of() {
  local id
  id=$1
  [[ -d $MYCONTAINER_ROOT/containers/$id ]] || id=$(id_of "$1")
  grep -oE "\"$2\":(\"[^\"]*\"|[^,}]*)" "$MYCONTAINER_ROOT/containers/$id/record.json" |
    tail -n 1 | sed -E 's/^[^:]*://; s/"//g'
}
is_exited() { [[ $(record_of "$1" status) == exited ]]; }
has_restarted() { (($(record_of "$1" restartCount) >= $2)); }

@test "run -d prints the id and returns while the program runs" {
  mc run -d --name bg1 /bin/sh -c 'echo up; sleep 300'
  assert_status 0
  [[ $output =~ ^[0-9a-f]{64}$ ]]
  mc exec bg1 /bin/echo inside
  assert_output inside
  mc logs bg1
  assert_output up
  mc rm -f bg1
  assert_status 0
}

@test "a container without --rm stays, with its files, log and exit code" {
  mc run --name kept /bin/sh -c 'echo out; echo err >&2; echo data >/file; exit 7'
  assert_status 7
  assert_output out
  assert_stderr_contains err
  equal exited "$(record_of kept status)" status
  equal 7 "$(record_of kept exitCode)" "exit code"
  mc cp kept:/file -
  [[ $(tar -xO <"$BATS_TEST_TMPDIR/capture.out") == data ]]
  mc start -a kept
  assert_status 7
  mc logs kept
  [[ $(grep -c out <<<"$output") == 2 ]]
  mc rm kept
}

@test "run -d --rm leaves nothing" {
  remember_what_is_there
  marked --rm -d --name gone /bin/sh -c 'sleep 0.2'
  assert_status 0
  mc wait gone
  assert_nothing_left
  mc start gone
  assert_refused "no such container: gone" 1
}

@test "a program that cannot be started says why, and the container is there to look at" {
  local case
  for case in 127:/nonexistent 126:/etc/passwd; do
    mc run --name bad "${case#*:}"
    assert_refused "${case#*:}" "${case%%:*}"
    equal created "$(record_of bad status)" status
    equal "${case%%:*}" "$(record_of bad exitCode)" "exit code"
    mc rm bad
    mc run -d --name bad "${case#*:}"
    assert_refused "${case#*:}" "${case%%:*}"
    mc rm bad
  done
  mc run --rm -d --name bad /nonexistent
  assert_refused /nonexistent 127
  mc rm bad
  assert_refused "no such container" 1
}

@test "create makes a container that start runs" {
  mc create --name made -e GREETING=hello /bin/sh -c 'echo $GREETING'
  assert_status 0
  equal created "$(record_of made status)" status
  mc start -a made
  assert_status 0
  assert_output hello
  mc start made
  assert_output made
  eventually is_exited made
  mc rm made
}

@test "starting what runs is success and starts nothing" {
  mc run -d --name once /bin/sleep 300
  mc start once
  assert_status 0
  [[ $("$MYCONTAINER" exec once /bin/ps | grep -c 'sleep 300') == 1 ]]
  mc rm -f once
}

@test "names are unique, generated ones are words, and a new one can be given" {
  mc run -d --name twin /bin/sleep 300
  mc run -d --name twin /bin/true
  assert_refused 'the container name "twin" is already in use'
  mc create /bin/true
  local id=$output
  [[ $(record_of "$id" name) =~ ^[a-z]+_[a-z]+$ ]]
  mc rename "${id:0:12}" other
  mc rename other twin
  assert_refused '"twin" is already in use' 1
  mc rm -f twin other
  assert_status 0
}

@test "an id can be cut short as long as it is one container's" {
  mc create --name short /bin/true
  mc start "${output:0:8}"
  assert_status 0
  mc rm missing1
  assert_refused "no such container: missing1" 1
  eventually is_exited short
  mc rm short
}

@test "--cidfile holds the id, and one that exists is refused" {
  local file=$BATS_TEST_TMPDIR/cid
  mc run --cidfile "$file" --name withid /bin/true
  assert_status 0
  [[ $(<"$file") == "$(id_of withid)" ]]
  mc run --cidfile "$file" /bin/true
  assert_refused "$file"
  mc run --cidfile "$BATS_TEST_TMPDIR/none" -u nobody-here /bin/true
  assert_status 125
  [[ ! -e $BATS_TEST_TMPDIR/none ]]
  mc rm withid
}

@test "-i passes the input and its end on" {
  mc_shell "printf 'one\ntwo' | '$MYCONTAINER' run --name in -i /bin/cat"
  assert_status 0
  assert_output $'one\ntwo'
  mc rm in
  mc_shell "printf x | '$MYCONTAINER' run --name in -i -a stdin -a stdout /bin/sh -c 'cat; echo no >&2'"
  assert_output x
  [[ $stderr != *no* ]]
  mc rm in
}

@test "on-failure restarts until its count is used up, and not after success" {
  mc run -d --name again --restart on-failure:2 /bin/sh -c 'echo run; exit 3'
  eventually has_restarted again 2
  eventually is_exited again
  mc logs again
  [[ $(grep -c run <<<"$output") == 3 ]]
  mc rm again
  mc run -d --name fine --restart on-failure /bin/true
  eventually is_exited fine
  equal 0 "$(record_of fine restartCount)" restarts
  mc rm fine
}

@test "always restarts what ends and what is killed inside, but not what the user stops" {
  mc run -d --name live --restart always /bin/sh -c 'echo run; sleep 0.1'
  eventually has_restarted live 2
  mc stop -t 1 live
  assert_status 0
  equal exited "$(record_of live status)" status
  local runs
  runs=$("$MYCONTAINER" logs live | wc -l)
  sleep 1
  [[ $("$MYCONTAINER" logs live | wc -l) == "$runs" ]]
  mc rm live
}

@test "a container that waits for its restart can be stopped and removed" {
  mc run -d --name wait1 --restart always /bin/false
  eventually has_restarted wait1 4
  mc stop wait1
  assert_status 0
  eventually is_exited wait1
  mc rm wait1
  assert_status 0
  mc run -d --name wait2 --restart always /bin/false
  eventually has_restarted wait2 4
  mc rm -f wait2
  assert_status 0
}

@test "after a boot what should run is started, and nothing else" {
  mc run -d --name boot-always --restart always /bin/sleep 300
  mc run -d --name boot-unless --restart unless-stopped /bin/sleep 300
  mc run -d --name boot-stopped --restart unless-stopped /bin/sleep 300
  mc run -d --name boot-no /bin/sleep 300
  mc run -d --name boot-rm --rm /bin/sleep 300
  mc create --name boot-created --restart always /bin/sleep 300
  mc stop -t 0 boot-stopped
  # What a reboot leaves: no process, no state root, records of another boot.
  for name in always unless no rm; do kill_monitor "boot-$name"; done
  eventually no_monitor
  rm -rf "$MYCONTAINER_STATE_ROOT"
  sed -i -E 's/"boot":"[^"]+"/"boot":"00000000-0000-0000-0000-000000000000"/' \
    "$MYCONTAINER_ROOT"/containers/*/record.json
  mc system boot
  assert_status 0
  [[ $(wc -w <<<"$output") == 2 ]]
  mc exec boot-always /bin/true
  assert_status 0
  mc exec boot-unless /bin/true
  assert_status 0
  equal 255 "$(record_of boot-no exitCode)" "exit code"
  equal exited "$(record_of boot-stopped status)" status
  equal created "$(record_of boot-created status)" status
  mc rm boot-rm
  assert_refused "no such container" 1
  mc rm -f boot-always boot-unless boot-stopped boot-no boot-created
  assert_status 0
}

monitor_of() { # the parent of the container's first process
  local pid
  pid=$(sed -E 's/.*"pid":([0-9]+).*/\1/' \
    "$MYCONTAINER_STATE_ROOT/containers/$(id_of "$1")/state.json")
  awk '/^PPid:/ { print $2 }' "/proc/$pid/status"
}
kill_monitor() { kill -9 "$(monitor_of "$1")"; }
no_monitor() { ! grep -qsF "$MYCONTAINER_STATE_ROOT" /proc/[0-9]*/maps && [[ -z $(pgrep_monitors) ]]; }
pgrep_monitors() {
  local file
  for file in "$MYCONTAINER_STATE_ROOT"/containers/*/state.json; do
    [[ -e $file && -e /proc/$(sed -E 's/.*"pid":([0-9]+).*/\1/' "$file") ]] && echo "$file"
  done
  return 0
}

@test "a killed monitor takes its container along, and the next command tells so" {
  mc run -d --name orphan /bin/sleep 300
  kill_monitor orphan
  mc wait orphan
  assert_output 137
  mc start orphan
  assert_status 0
  mc exec orphan /bin/true
  assert_status 0
  mc rm -f orphan
}

@test "SIGTERM to a monitor ends its container in its own way" {
  mc run -d --name polite /bin/sh -c 'trap "echo bye; exit 5" TERM; echo up; while :; do sleep 0.1; done'
  eventually grep -q up "$MYCONTAINER_ROOT/containers/$output/log.json"
  kill "$(monitor_of polite)"
  mc wait polite
  assert_output 5
  mc logs polite
  assert_contains bye
  mc rm polite
}

@test "a terminal of a container in the background has the size of who starts it" {
  on_terminal --size 33x77 -- run -it --name sized /bin/stty size
  assert_contains "33 77"
  mc rm sized
}

@test "mydocker's habits work" {
  on_terminal -- run -ti --name my1 /bin/echo hello
  assert_contains hello
  mc run -d --name my2 /bin/sleep 300
  mc exec my2 /bin/echo inside
  assert_output inside
  mc stop -t 0 my2
  assert_status 0
  mc rm my1 my2
  assert_status 0
}

@test "systemd: the shipped unit starts what should run and ends it with itself" {
  [[ -d /run/systemd/system ]] || skip "needs systemd"
  is_root || skip "needs root"
  local unit=/run/systemd/system/mycontainer-boot-test.service
  sed -e "s|^ExecStart=.*|ExecStart=$MYCONTAINER system boot|" \
    -e "s|^\[Service\]|&\nEnvironment=MYCONTAINER_ROOT=$MYCONTAINER_ROOT MYCONTAINER_STATE_ROOT=$MYCONTAINER_STATE_ROOT|" \
    "$here/../mycontainer-boot.service" >"$unit"
  mc run -d --name unit1 --restart always /bin/sh -c \
    'trap "echo bye; exit 0" TERM; echo up; while :; do sleep 0.1; done'
  kill_monitor unit1
  mc wait unit1
  systemctl daemon-reload
  systemctl start mycontainer-boot-test
  mc exec unit1 /bin/true
  assert_status 0
  eventually logged_twice unit1
  systemctl stop mycontainer-boot-test
  rm "$unit"
  systemctl daemon-reload
  eventually is_exited unit1
  mc logs unit1
  assert_contains bye
  mc rm unit1
}
logged_twice() { [[ $("$MYCONTAINER" logs "$1" | grep -c up) == 2 ]]; }
