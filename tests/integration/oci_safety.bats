#!/usr/bin/env bats
# Attacks on OCI runtimes, one test each. Outside of every rootfs lies a tree that must be as it was
# after each of them (the canary), and so must the host's mount table and what attacks like to write.
#
# SAFETY_ROUNDS=N makes the races and kills N times as long.
load oci

rounds() { echo $(($1 * ${SAFETY_ROUNDS:-1})); }

CORE_PATTERN=/proc/sys/kernel/core_pattern

# Everything about the canary and the host that an attack could change.
host_facts() {
  find "$canary" -printf '%P %y %m %U:%G %s %T@ %C@ %l\n' | sort
  find "$canary" -type f -exec sha256sum {} + | sort
  cat $CORE_PATTERN
  stat -c '%n %F %a %u:%g %t:%T' /dev/null /dev/ptmx /dev/zero
}

setup() {
  canary=$BATS_TEST_TMPDIR/canary
  mkdir -p "$canary/directory" "$canary/closed"
  echo secret >"$canary/file"
  echo secret >"$canary/directory/file"
  chmod 640 "$canary/file"
  chmod 700 "$canary/closed"
  chmod 755 "$BATS_TEST_TMPDIR" "$canary"
  facts_before=$(host_facts) mounts_before=$(list_mounts)
}

ours() { echo "${BATS_RUN_TMPDIR##*[.-]}-${BATS_TEST_NUMBER:-0}-"; }

# Cgroups, directories and processes of this test's containers.
no_leftovers() {
  local found
  found=$(
    find /sys/fs/cgroup -type d -name "$(ours)*" 2>/dev/null
    find "$BATS_FILE_TMPDIR/oci" -mindepth 1 -maxdepth 1 ! -name .seccomp 2>/dev/null
    grep -ls "/$(ours)" /proc/[0-9]*/cgroup
    true
  )
  [[ -z $found ]] || { printf 'left behind: %s\n' "$found"; return 1; }
}

teardown() {
  local id
  ((${#helpers[@]} == 0)) || kill "${helpers[@]}" 2>/dev/null || true
  for id in "$BATS_FILE_TMPDIR/oci/$(ours)"*; do oci delete --force "${id##*/}" >/dev/null; done
  equal "$facts_before" "$(host_facts)" "the host"
  eventually no_new_mounts
  eventually no_leftovers
}

# A process of this test, ended after it.
helpers=()
helper() {
  "$@" >/dev/null 2>&1 3>&- &
  helpers+=($!)
}

# It worked, or one line (perhaps with a hint) says why not; never by a signal or after a minute.
assert_clear() {
  ((status == 0)) && return
  local lines
  mapfile -t lines <<<"$stderr"
  ((${#lines[@]} == 1)) || [[ ${#lines[@]} == 2 && ${lines[1]} == "hint: "* ]] ||
    fail "more than one line and a hint: $stderr"
  [[ ${lines[0]} == "mycontainer: oci "* ]] || fail "not our line, status $status: $stderr"
}
assert_failed_clearly() {
  ((status != 0)) || fail "it worked"
  assert_clear
}

# started [FILTER]: a bundle whose container $id runs the program of its configuration.
started() {
  id=$(ours)$RANDOM
  oci create --bundle "$bundle" "$id"
  assert_status 0
  oci start "$id"
  assert_status 0
}
sleeping() {
  bundle
  cp "$ATTACKER" "$bundle/rootfs/attacker"
  edit '.process.args = ["/bin/sleep", "1000"]'
  started
}
fresh_id() { echo "$(ours)$RANDOM$RANDOM"; }

# --- the root filesystem ---------------------------------------------------------------------

# hostile KIND PATH: puts it there.
hostile() {
  rm -rf "$2"
  local up=../../../../../../../../../../../..
  case $1 in
    absolute) ln -s "$canary" "$2" ;;
    relative) ln -s "$up$canary" "$2" ;;
    file-link) ln -s "$canary/file" "$2" ;;
    dangling) ln -s "$canary/new" "$2" ;;
    magic) ln -s "/proc/self/root$canary" "$2" ;;
    cwd) ln -s "/proc/self/cwd/$up$canary" "$2" ;;
    loop) ln -s "$(basename "$2")" "$2" ;;
    fifo) mkfifo "$2" ;;
    device) mknod "$2" c 1 3 ;;
    file) echo text >"$2" ;;
  esac
}

# Every path that we look up in a rootfs is in this configuration.
bundle_of_places() {
  bundle
  mkdir -p "$bundle/source" "$bundle/rootfs/parent"
  echo bound >"$bundle/source/file"
  # shellcheck disable=SC2016
  edit '.mounts += [
      {"destination": "/etc/hosts", "type": "bind", "source": ($b + "/source/file"), "options": ["bind"]},
      {"destination": "/target", "type": "bind", "source": ($b + "/source"), "options": ["rbind"]},
      {"destination": "/file", "type": "bind", "source": ($b + "/source/file"), "options": ["bind"]},
      {"destination": "/parent/tmp", "type": "tmpfs", "source": "tmpfs", "options": ["tmpcopyup"]},
      {"destination": "/parent/file", "type": "bind", "source": ($b + "/source/file"), "options": ["bind"]}]
    | .process.cwd = "/work" | .process.args = ["/probe", "exit", "0"]
    | .linux.maskedPaths += ["/etc/masked", "/target/masked"]
    | .linux.readonlyPaths += ["/parent", "/sys/kernel"]' --arg b "$bundle"
  if is_root; then
    edit '.linux.devices = [{"path": "/parent/zero", "type": "c", "major": 1, "minor": 5}]'
  fi
}

hostile_place() {
  local kind place=$1 path kinds=(absolute relative file-link dangling magic cwd loop fifo file)
  ! is_root || kinds+=(device)
  bundle_of_places
  path=$bundle/rootfs$place
  for kind in "${kinds[@]}"; do
    cp -a "$path" "$bundle/saved" 2>/dev/null || true
    hostile "$kind" "$path"
    echo "# $place is $kind"
    oci run --bundle "$bundle" "$(fresh_id)"
    assert_clear
    equal "$facts_before" "$(host_facts)" "the host, with $place a $kind,"
    rm -rf "$path"
    [[ ! -e $bundle/saved ]] || mv "$bundle/saved" "$path"
  done
  # The configuration itself works.
  oci run --bundle "$bundle" "$(fresh_id)"
  assert_status 0
}

for_places() { local place; for place in "$@"; do hostile_place "$place"; done; }

@test "CVE-2026-41579: /dev of the root filesystem is a link, a fifo, a device, a file" { hostile_place /dev; }
@test "CVE-2019-19921: /proc of the root filesystem is a link, a fifo, a device, a file" { hostile_place /proc; }
@test "/sys of the root filesystem is a link, a fifo, a device, a file" { hostile_place /sys; }
@test "/etc of the root filesystem is a link, a fifo, a device, a file" { hostile_place /etc; }
@test "CVE-2026-55686: the working directory is a link, a fifo, a device, a file" { hostile_place /work; }
@test "CVE-2021-30465: a mount target or its parent is a link, a fifo, a device, a file" {
  for_places /target /file /parent
}

# --- races -----------------------------------------------------------------------------------

# race N: the container is started N times while the helpers swap; it works or says why not.
race() {
  local i
  for ((i = 0; i < $1; i++)); do
    oci run --bundle "$bundle" "$(fresh_id)" >/dev/null
    assert_clear || { echo "$stderr"; return 1; }
  done
}

# On the volume, "a" is now a directory and now a link out of it.
shared_volume() {
  volume=$BATS_TEST_TMPDIR/volume
  mkdir -p "$volume/a"
  chmod 777 "$volume" "$volume/a"
  ln -s "$1" "$volume/link"
  # shellcheck disable=SC2016
  edit '.mounts += [{"destination": "/volume", "type": "bind", "source": $v, "options": ["rbind"]}]' --arg v "$volume"
  helper "$ATTACKER" exchange "$volume/a" "$volume/link"
}

@test "CVE-2021-30465: mount targets on a shared volume swapped while containers start" {
  local target up=../../../../../../../../../..
  for target in "$canary" "$up$canary" /proc/self/root /; do
    bundle
    shared_volume "$target"
    mkdir -p "$bundle/source"
    echo bound >"$bundle/source/file"
    # shellcheck disable=SC2016
    edit '.mounts += [
        {"destination": "/volume/a/directory", "type": "bind", "source": ($b + "/source"), "options": ["rbind"]},
        {"destination": "/volume/a/file", "type": "bind", "source": ($b + "/source/file"), "options": ["bind"]},
        {"destination": "/volume/a/new/tmp", "type": "tmpfs", "source": "tmpfs", "options": []}]
      | .process.args = ["/probe", "exit", "0"]' --arg b "$bundle"
    race "$(rounds 25)"
    kill "${helpers[@]}"
    helpers=()
    rm -rf "$volume"
  done
}

@test "working directory, devices, masked and read-only paths on a volume swapped while containers start" {
  bundle
  shared_volume "$canary"
  edit '.process.cwd = "/volume/a/work/deep" | .process.args = ["/probe", "exit", "0"]
    | .linux.maskedPaths += ["/volume/a/file", "/volume/a/directory"]
    | .linux.readonlyPaths += ["/volume/a", "/volume/a/closed"]'
  ! is_root || edit '.linux.devices = [{"path": "/volume/a/zero", "type": "c", "major": 1, "minor": 5, "uid": 7}]'
  race "$(rounds 50)"
}

# A /dev that is a volume of the attacker's, with what it would like us to open.
dev_volume() {
  volume=$BATS_TEST_TMPDIR/dev
  mkdir -p "$volume/pts" "$volume/shm" "$volume/mqueue"
  local name
  for name in null console ptmx; do ln -s $CORE_PATTERN "$volume/$name.link"; done
  mknod -m 666 "$volume/null" c 1 3
  : >"$volume/console"
  ln -s pts/ptmx "$volume/ptmx"
  # shellcheck disable=SC2016
  edit '(.mounts[] | select(.destination == "/dev")) = {"destination": "/dev", "type": "bind", "source": $v, "options": ["rbind"]}' --arg v "$volume"
}

# The masks are in force, or the container did not start.
masked() { [[ $(seen mask) == 1:3 ]] || fail "/proc/version is not the null device: $output"; }

@test "as root: CVE-2025-31133: /dev/null of a volume is a link to core_pattern, or becomes one" {
  require_root
  bundle
  dev_volume
  # shellcheck disable=SC2016
  edit '.process.args = ["/bin/sh", "-c", "echo mask=$(stat -c %t:%T /proc/version); echo evil >/proc/version; true"]
    | .linux.maskedPaths += ["/proc/version"]'
  oci run --bundle "$bundle" "$(fresh_id)"
  assert_status 0
  masked
  helper "$ATTACKER" exchange "$volume/null" "$volume/null.link"
  local i
  for ((i = 0; i < $(rounds 60); i++)); do
    oci run --bundle "$bundle" "$(fresh_id)" >/dev/null
    assert_clear
    ((status != 0)) || masked
  done
}

@test "as root: CVE-2025-52565: /dev/console and ptmx of a volume are links to core_pattern, or become ones" {
  require_root
  bundle
  dev_volume
  # shellcheck disable=SC2016
  edit '.process.terminal = true | .process.args = ["/bin/sh", "-c", "echo evil >/dev/console; echo mask=$(stat -c %t:%T /proc/version)"]
    | .linux.maskedPaths += ["/proc/version"]'
  helper "$ATTACKER" exchange "$volume/console" "$volume/console.link"
  helper "$ATTACKER" exchange "$volume/ptmx" "$volume/ptmx.link"
  local i
  for ((i = 0; i < $(rounds 15); i++)); do
    capture 60 "$TERMINAL" -- $OCI_RUNTIME --root "$BATS_FILE_TMPDIR/oci" run --bundle "$bundle" "$(fresh_id)" >/dev/null
    ((status != 0)) || [[ $output == *mask=1:3* ]] || fail "unmasked: $output"
  done
}

# --- a false /proc ---------------------------------------------------------------------------

# A directory that looks like /proc where we would write.
false_proc() {
  false=$BATS_TEST_TMPDIR/proc
  mkdir -p "$false/self/attr/apparmor" "$false/thread-self/attr" "$false/sys/kernel" "$false/sys/net/ipv4" "$false/1"
  local name
  for name in self/oom_score_adj self/attr/exec self/attr/apparmor/exec self/attr/current sys/kernel/core_pattern \
    sys/net/ipv4/ip_forward self/uid_map self/setgroups; do
    echo untouched >"$false/$name"
  done
  chmod -R a+rwX "$false"
}
assert_untouched() {
  local file
  for file in $(find "$false" -type f); do equal untouched "$(cat "$file")" "$file"; done
}

# With this /proc (a filter for .mounts) values are in force, or the container does not start.
false_proc_is_not_written() {
  # shellcheck disable=SC2016
  edit "$1"' | .mounts += [{"destination": "/real", "type": "proc", "source": "proc", "options": []}]
    | .process.oomScoreAdj = 700 | .linux.sysctl = {"net.ipv4.ip_forward": "1"}
    | .process.args = ["/bin/cat", "/real/self/oom_score_adj", "/real/sys/net/ipv4/ip_forward"]' --arg f "$false"
  oci run --bundle "$bundle" "$(fresh_id)"
  assert_clear
  ((status != 0)) || assert_output $'700\n1'
  assert_untouched
}

@test "CVE-2019-19921, CVE-2025-52881: nothing is written to a false /proc" {
  local filter
  # shellcheck disable=SC2016
  for filter in \
    '(.mounts[] | select(.destination == "/proc")) = {"destination": "/proc", "type": "bind", "source": $f, "options": ["rbind"]}' \
    '.mounts += [{"destination": "/proc", "type": "bind", "source": $f, "options": ["rbind"]}]' \
    '.mounts += [{"destination": "/proc", "type": "tmpfs", "source": "t", "options": []}]' \
    '.mounts += [{"destination": "/proc/self", "type": "tmpfs", "source": "t", "options": []}]' \
    '.mounts += [{"destination": "/proc/self/attr", "type": "bind", "source": ($f + "/self/attr"), "options": ["rbind"]}]' \
    '.mounts += [{"destination": "/proc/sys/net", "type": "bind", "source": ($f + "/sys/net"), "options": ["rbind"]}]' \
    '.mounts += [{"destination": "/proc/self/oom_score_adj", "type": "bind", "source": ($f + "/self/oom_score_adj"), "options": ["bind"]}]' \
    'del(.mounts[] | select(.destination == "/proc"))' \
    '(.mounts[] | select(.destination == "/sys")) = {"destination": "/sys", "type": "bind", "source": $f, "options": ["rbind"]}'; do
    bundle
    false_proc
    cp -a "$false/." "$bundle/rootfs/proc/"
    echo "# $filter"
    false_proc_is_not_written "$filter"
  done
}

@test "nothing is written to a false /proc while it is swapped with a link" {
  bundle
  false_proc
  mkdir -p "$BATS_TEST_TMPDIR/volume/real"
  ln -s /real "$BATS_TEST_TMPDIR/volume/link"
  helper "$ATTACKER" exchange "$BATS_TEST_TMPDIR/volume/real" "$BATS_TEST_TMPDIR/volume/link"
  # shellcheck disable=SC2016
  edit '.mounts += [{"destination": "/volume", "type": "bind", "source": $v, "options": ["rbind"]},
      {"destination": "/volume/real/self", "type": "bind", "source": ($f + "/self"), "options": ["rbind"]}]
    | .linux.maskedPaths += ["/volume/real/self/attr/exec"] | .linux.readonlyPaths += ["/volume/real/sys"]' \
    --arg v "$BATS_TEST_TMPDIR/volume" --arg f "$false"
  local i
  for ((i = 0; i < $(rounds 20); i++)); do false_proc_is_not_written . >/dev/null; done
}

# --- what is visible of us -------------------------------------------------------------------

# Starts the attack in the background, for some seconds; its lines come into $BATS_TEST_TMPDIR/spy.
spying() { # spying SECONDS
  "${oci[@]}" exec "$id" /bin/sh -c "/probe overwrite $1 & /attacker spy $canary/file $1; wait" \
    >"$BATS_TEST_TMPDIR/spy" 2>&1 </dev/null 3>&- &
  spy=$!
  eventually grep -q ready "$BATS_TEST_TMPDIR/spy"
}

assert_nothing_seen() {
  wait "$spy" || true
  output=$(<"$BATS_TEST_TMPDIR/spy")
  echo "$output"
  assert_seen hits 0
  (($(seen processes) > ${1:-2})) || fail "it saw only $(seen processes) processes"
  assert_contains overwritten=
  equal "$hash" "$(sha256sum <"$MYCONTAINER")" "the hash of the program"
}

own_copy() { # the attack may harm it
  cp "$MYCONTAINER" "$BATS_TEST_TMPDIR/mycontainer"
  MYCONTAINER=$BATS_TEST_TMPDIR/mycontainer
  OCI_RUNTIME="$MYCONTAINER oci"
  oci=("$MYCONTAINER" oci --root "$BATS_FILE_TMPDIR/oci")
  hash=$(sha256sum <"$MYCONTAINER")
}

many_execs() { # many_execs SECONDS: from a host full of open descriptors
  local end=$((SECONDS + $1)) user=0
  if is_root; then user=1000; fi # an ordinary user maps himself only
  while ((SECONDS < end)); do
    "$ATTACKER" leak "${oci[@]}" exec "$id" /bin/true </dev/null || return 1
    "$ATTACKER" leak "${oci[@]}" exec --cwd /tmp --user $user "$id" /bin/true </dev/null || return 1
  done
}

@test "CVE-2016-9962, CVE-2019-5736: a container sees nothing of the host in those who enter it" {
  own_copy
  sleeping
  spying "$(rounds 6)"
  many_execs "$(rounds 5)"
  assert_nothing_seen
}

@test "as root: the same with all capabilities in a user namespace" {
  require_root
  own_copy
  bundle
  cp "$ATTACKER" "$bundle/rootfs/attacker"
  chown -R 100000:100000 "$bundle/rootfs"
  # shellcheck disable=SC2016
  edit '.linux.namespaces += [{"type": "user"}] | .process.args = ["/bin/sleep", "1000"]
    | .linux.uidMappings = [{"containerID": 0, "hostID": 100000, "size": 65536}]
    | .linux.gidMappings = .linux.uidMappings
    | (.process.capabilities[]) = ["CAP_SYS_PTRACE", "CAP_SYS_ADMIN", "CAP_DAC_OVERRIDE", "CAP_DAC_READ_SEARCH", "CAP_KILL", "CAP_SETUID", "CAP_SETGID", "CAP_SYS_CHROOT"]'
  chmod 711 "$BATS_RUN_TMPDIR" "$BATS_FILE_TMPDIR" "$BATS_TEST_TMPDIR"
  started
  spying "$(rounds 4)"
  many_execs "$(rounds 3)"
  assert_nothing_seen
}

@test "as root: containers that join the attacker's PID namespace show it nothing of the host" {
  require_root
  own_copy
  sleeping
  local pid
  oci state "$id"
  pid=$(jq .pid <<<"$output")
  spying "$(rounds 5)"
  # shellcheck disable=SC2016
  edit '.process.args = ["/bin/true"] | (.linux.namespaces[] | select(.type == "pid")).path = $p' --arg p "/proc/$pid/ns/pid"
  local end=$((SECONDS + $(rounds 4)))
  while ((SECONDS < end)); do
    "$ATTACKER" leak "${oci[@]}" run --bundle "$bundle" "$(fresh_id)" </dev/null
  done
  assert_nothing_seen 0
}

@test "a container cannot look into its own init before that has started" {
  bundle
  cp "$ATTACKER" "$bundle/rootfs/attacker"
  id=$(fresh_id)
  oci create --bundle "$bundle" "$id"
  assert_status 0
  # shellcheck disable=SC2016
  oci exec "$id" /bin/sh -c 'for link in /proc/1/fd/* /proc/1/cwd /proc/1/root /proc/1/exe; do readlink $link; done
    cat /proc/1/environ /proc/1/maps 2>/dev/null | head -c 99; true'
  # In a user namespace of its own the container's root may trace everybody in it.
  ! is_root || assert_output ""
}

@test "descriptors that the caller leaks do not reach create, run or exec" {
  sleeping
  capture 60 "$ATTACKER" leak $OCI_RUNTIME --root "$BATS_FILE_TMPDIR/oci" exec "$id" /probe show fds
  assert_seen fds "0 1 2"
  edit '.process.args = ["/probe", "show", "fds"]'
  capture 60 "$ATTACKER" leak $OCI_RUNTIME --root "$BATS_FILE_TMPDIR/oci" run --bundle "$bundle" "$(fresh_id)"
  assert_seen fds "0 1 2"
}

@test "CVE-2024-21626: a working directory or a program below /proc/self/fd does not lead outside" {
  sleeping
  local number
  # shellcheck disable=SC2016
  for ((number = 0; number <= 40; number++)); do
    # The container's own root is no secret.
    capture 20 "$ATTACKER" leak $OCI_RUNTIME --root "$BATS_FILE_TMPDIR/oci" exec --cwd "/proc/self/fd/$number" "$id" /bin/sh -c 'pwd; cat ../../../../../../../../../../../../../../'"$canary/file"'; true' >/dev/null
    refute_contains secret
    ((status != 0)) || [[ ${output%%$'\n'*} == / ]] || fail "started in $output"
    capture 20 "$ATTACKER" leak $OCI_RUNTIME --root "$BATS_FILE_TMPDIR/oci" exec "$id" "/proc/self/fd/$number/../../../../../../../../../../../../../$PROBE" exit 0 >/dev/null
    ((status != 0)) || fail "a program of the host ran by descriptor $number"
    edit '.process.cwd = $cwd | .process.args = ["/bin/cat", "../../../../../../../../../../../../..'"$canary/file"'"]' --arg cwd "/proc/self/fd/$number"
    ((number % 4)) && continue
    capture 20 "$ATTACKER" leak $OCI_RUNTIME --root "$BATS_FILE_TMPDIR/oci" run --bundle "$bundle" "$(fresh_id)" >/dev/null
    refute_contains secret
    ((status != 0)) || fail "cwd $number"
  done
}

@test "as root: a process that enters may be stopped by the container, but not held up for ever" {
  require_root
  sleeping
  "$MYCONTAINER" oci --root "$BATS_FILE_TMPDIR/oci" exec "$id" /attacker stop 3 >"$BATS_TEST_TMPDIR/stop" </dev/null 3>&- &
  helpers+=($!)
  eventually grep -q ready "$BATS_TEST_TMPDIR/stop"
  local i
  for ((i = 0; i < 20; i++)); do
    oci exec "$id" /bin/true >/dev/null
    assert_status 0
  done
}

@test "the caller's keys stay the caller's, in create, run and exec" {
  sleeping
  local key=mc-$RANDOM
  with_key() { capture 20 "$ATTACKER" keep-key $key $OCI_RUNTIME --root "$BATS_FILE_TMPDIR/oci" "$@"; }
  with_key exec "$id" /attacker find-key $key
  assert_seen key none
  edit '.process.args = ["/attacker", "find-key", $k]' --arg k $key
  with_key run --bundle "$bundle" "$(fresh_id)"
  assert_seen key none
  with_key run --no-new-keyring --bundle "$bundle" "$(fresh_id)"
  assert_seen key found
  # And of `mycontainer run`.
  capture 20 "$ATTACKER" keep-key $key "$MYCONTAINER" run --rm --security-opt seccomp=unconfined -v "$ATTACKER:/attacker:ro" /attacker find-key $key
  assert_seen key none
}

@test "the host's null device cannot be changed through a standard stream" {
  sleeping
  local stream
  for stream in 0 1 2; do
    mc_shell "$OCI_RUNTIME --root '$BATS_FILE_TMPDIR/oci' exec $id /bin/chmod 600 /proc/self/fd/$stream </dev/null >/dev/null 2>/dev/null"
    equal "$facts_before" "$(host_facts)" "the host after stream $stream"
  done
  # Nor by taking the container's own away.
  oci exec "$id" /bin/rm /dev/null
  ! is_root || assert_status 0
  oci exec "$id" /bin/sh -c 'chmod 600 /proc/self/fd/0; cat'
  assert_clear
  edit '.process.args = ["/bin/sh", "-c", "chmod 600 /proc/self/fd/0; cat"]'
  oci run --bundle "$bundle" "$(fresh_id)"
  assert_clear
  # A /dev of the attacker's, without a null device.
  mkdir "$BATS_TEST_TMPDIR/dev"
  # shellcheck disable=SC2016
  edit '.mounts |= map(select(.destination | startswith("/dev/") | not)) | .linux.maskedPaths = []
    | (.mounts[] | select(.destination == "/dev")) = {"destination": "/dev", "type": "bind", "source": $d, "options": ["rbind"]}' --arg d "$BATS_TEST_TMPDIR/dev"
  oci run --bundle "$bundle" "$(fresh_id)"
  assert_clear
}

@test "CVE-2017-5226: input cannot be pushed into the caller's terminal, by run or exec" {
  sleeping
  capture 60 "$TERMINAL" -- $OCI_RUNTIME --root "$BATS_FILE_TMPDIR/oci" exec "$id" /probe attempt push_input
  [[ -n $(seen push_input) && $(seen push_input) != ok ]] || fail "exec: $output"
  edit '.process.args = ["/probe", "attempt", "push_input"]'
  capture 60 "$TERMINAL" -- $OCI_RUNTIME --root "$BATS_FILE_TMPDIR/oci" run --bundle "$bundle" "$(fresh_id)"
  [[ -n $(seen push_input) && $(seen push_input) != ok ]] || fail "run: $output"
}

# --- rights ----------------------------------------------------------------------------------

@test "CVE-2022-29162: no inheritable or ambient capabilities, in run and exec, unless asked for" {
  local caller=()
  ! is_root || caller=(setpriv --inh-caps=+chown,+kill --ambient-caps=+chown)
  sleeping
  capture 20 "${caller[@]}" $OCI_RUNTIME --root "$BATS_FILE_TMPDIR/oci" exec "$id" /probe show status_
  assert_seen status_CapInh 0000000000000000
  assert_seen status_CapAmb 0000000000000000
  edit '.process.args = ["/probe", "show", "status_"]'
  capture 20 "${caller[@]}" $OCI_RUNTIME --root "$BATS_FILE_TMPDIR/oci" run --bundle "$bundle" "$(fresh_id)"
  assert_seen status_CapInh 0000000000000000
  assert_seen status_CapAmb 0000000000000000
  edit 'del(.process.capabilities)'
  capture 20 "${caller[@]}" $OCI_RUNTIME --root "$BATS_FILE_TMPDIR/oci" run --bundle "$bundle" "$(fresh_id)"
  assert_seen status_CapInh 0000000000000000
  assert_seen status_CapAmb 0000000000000000
  edit '.process.capabilities = {"bounding": ["CAP_KILL"], "permitted": ["CAP_KILL"], "inheritable": ["CAP_KILL"], "ambient": ["CAP_KILL"]}'
  oci run --bundle "$bundle" "$(fresh_id)"
  assert_seen status_CapInh 0000000000000020
  assert_seen status_CapAmb 0000000000000020
}

@test "CVE-2026-30892, CVE-2024-40635: a user that is no number is refused, never root" {
  sleeping
  local user
  for user in -1 4294967295 4294967296 18446744073709551616 1000abc 0x0 0x3e8 "" : 0: :0 1000: 1000:1000abc 1000:-1 1000:4294967296 \
    root nobody " 0" "0 " +0 -0 1e3 1.0 $'0\n1' 0:0:0; do
    oci exec --user "$user" "$id" /bin/id -u
    assert_failed_clearly
    assert_output ""
  done
  local json
  for json in -1 4294967296 18446744073709551616 1.5 '"0"' null true '[0]' -0.5 1e400; do
    edit ".process.user.uid = 0"
    sed -i "0,/\"uid\": 0/s//\"uid\": $json/" "$bundle/config.json"
    oci run --bundle "$bundle" "$(fresh_id)"
    assert_failed_clearly
    edit_process='{"args": ["/bin/id"], "cwd": "/", "user": {"uid": 0, "gid": '$json'}}'
    echo "$edit_process" >"$BATS_TEST_TMPDIR/process.json"
    oci exec --process "$BATS_TEST_TMPDIR/process.json" "$id"
    assert_failed_clearly
    bundle
  done
}

@test "as root: CVE-2022-0492, CVE-2023-25809: cgroup files are for reading, release_agent is not there" {
  require_root
  local filter
  for filter in . '.linux.namespaces |= map(select(.type != "cgroup"))'; do
    bundle
    edit "$filter"' | .mounts += [{"destination": "/sys/fs/cgroup", "type": "cgroup", "source": "cgroup", "options": ["nosuid", "noexec", "nodev", "relatime", "ro"]}]
      | .process.args = ["/bin/sh", "-c", "for f in $(find /sys/fs/cgroup -type f); do (: >>$f) 2>/dev/null && echo writable $f; done; find /sys/fs/cgroup -name release_agent; find /sys/fs/cgroup -mindepth 2 -maxdepth 3 -type d | head; true"]'
    oci run --bundle "$bundle" "$(fresh_id)"
    assert_status 0
    # Whatever is to be seen is the container's own: no other cgroup, nothing to write.
    assert_output ""
  done
}

@test "as root: a cgroup that others live in is refused and left alone" {
  require_root
  local v1=/sys/fs/cgroup
  [[ -d $v1/pids ]] && v1=$v1/pids
  local name
  name=$(ours)shared
  mkdir "$v1/$name"
  sleep 100 3>&- &
  echo $! >"$v1/$name/cgroup.procs"
  helpers+=($!)
  bundle
  # shellcheck disable=SC2016
  edit '.linux.cgroupsPath = $p' --arg p "/$name"
  id=$(fresh_id)
  oci create --bundle "$bundle" "$id"
  assert_failed_clearly
  oci delete --force "$id"
  kill -0 "${helpers[-1]}" || fail "a foreign process was killed"
  local path
  for path in / // /. /.. ../x /a/../../b ""; do
    # shellcheck disable=SC2016
    edit '.linux.cgroupsPath = $p | .process.args = ["/bin/true"]' --arg p "$path"
    oci run --bundle "$bundle" "$(fresh_id)"
    assert_clear
  done
  kill -0 "${helpers[-1]}" || fail "a foreign process was killed"
  kill "${helpers[-1]}"
  wait "${helpers[-1]}" || true
  rmdir "/sys/fs/cgroup"/*/"$name" 2>/dev/null || rmdir "/sys/fs/cgroup/$name" || true
}

@test "CVE-2021-41091: what is made has the same modes under every umask, and only its owner enters the state" {
  local mask reference='' modes
  for mask in 000 022 077; do
    bundle
    edit '.mounts += [{"destination": "/made/by/us", "type": "tmpfs", "source": "t", "options": []}] | .process.cwd = "/made/work"'
    id=$(fresh_id)
    mc_shell "umask $mask; $OCI_RUNTIME --root '$BATS_TEST_TMPDIR/state-$mask' create --bundle '$bundle' --pid-file '$BATS_TEST_TMPDIR/pid-$mask' $id </dev/null"
    assert_status 0
    equal "" "$(find "$BATS_TEST_TMPDIR/state-$mask" -perm /077 ! -type l)" "state that others can use"
    modes=$(cd "$bundle/rootfs" && find made -printf '%P %m\n' | sort)
    [[ -z $reference ]] || equal "$reference" "$modes" "modes under umask $mask"
    reference=$modes
    $OCI_RUNTIME --root "$BATS_TEST_TMPDIR/state-$mask" delete --force "$id"
  done
  [[ $reference == *"by 755"* ]] || fail "modes: $reference"
}

@test "hooks: createContainer runs the host's program, startContainer the container's without the host's rights" {
  bundle
  local program=$BATS_TEST_TMPDIR/hook
  printf '#!/bin/sh\necho host >"%s"\n' "$BATS_TEST_TMPDIR/create-ran" >"$program"
  mkdir -p "$bundle/rootfs$BATS_TEST_TMPDIR"
  printf '#!/bin/sh\necho evil >/ran-inside; grep CapEff /proc/self/status >/capabilities; ls /proc/self/fd >/fds; ls -d %s >/seen 2>&1; true\n' "$canary" >"$bundle/rootfs$program"
  chmod 755 "$program" "$bundle/rootfs$program"
  # shellcheck disable=SC2016
  edit '.hooks.createContainer = [{"path": $p}] | .process.args = ["/bin/true"]' --arg p "$program"
  oci run --bundle "$bundle" "$(fresh_id)"
  assert_status 0
  equal host "$(cat "$BATS_TEST_TMPDIR/create-ran")" "what createContainer ran"
  [[ ! -e $bundle/rootfs/ran-inside ]] || fail "createContainer ran the container's program"
  rm "$BATS_TEST_TMPDIR/create-ran"
  # shellcheck disable=SC2016
  edit '.hooks = {"startContainer": [{"path": $p, "env": ["PATH=/bin"]}]}' --arg p "$program"
  oci run --bundle "$bundle" "$(fresh_id)"
  assert_status 0
  [[ ! -e $BATS_TEST_TMPDIR/create-ran ]] || fail "startContainer ran the host's program"
  equal evil "$(cat "$bundle/rootfs/ran-inside")" "what startContainer ran"
  [[ $(cat "$bundle/rootfs/capabilities") != *ffffffff ]] || fail "with all capabilities"
  [[ $(cat "$bundle/rootfs/seen") == *"No such"* ]] || fail "the canary is there: $(cat "$bundle/rootfs/seen")"
}

# --- hostile words and documents -------------------------------------------------------------

@test "hostile ids are refused everywhere, and nothing is made" {
  bundle
  local name verb long
  long=$(printf 'x%.0s' {1..256})
  for name in "" . .. ../x /x x/y x/../y -x .seccomp $'a\nb' $'a\tb' "a b" 'a;b' '$(id)' 'ä' "$long" "$long$long$long$long$long"; do
    oci create --bundle "$bundle" -- "$name"
    assert_failed_clearly
    for verb in start state kill delete "delete --force" exec pause; do
      # shellcheck disable=SC2086
      oci $verb -- "$name"
      assert_failed_clearly
    done
  done
  eventually no_leftovers
}

@test "hostile bundles give one clear line" {
  local place=$BATS_TEST_TMPDIR/place text
  mkdir "$place"
  for text in /no/such $'a\nb' /dev/null /proc/self/fd ""; do
    oci create --bundle "$text" "$(fresh_id)"
    assert_failed_clearly
  done
  oci create --bundle "$place" "$(fresh_id)" # without a config.json
  assert_failed_clearly
  mkdir "$place/config.json"
  oci create --bundle "$place" "$(fresh_id)"
  assert_failed_clearly
  rmdir "$place/config.json"
  for text in '' '{' '[]' 'null' '{"ociVersion": "1.0.2"}' "$(printf '[%.0s' {1..9999})" '{"ociVersion":"1.0.2","root":{"path":"/no/such"},"process":{"args":["x"],"cwd":"/","user":{"uid":0,"gid":0}}}' $'\xff\xfe'; do
    printf '%s' "$text" >"$place/config.json"
    oci create --bundle "$place" "$(fresh_id)"
    assert_failed_clearly
  done
  head -c 20000000 /dev/zero >"$place/config.json"
  oci create --bundle "$place" "$(fresh_id)"
  assert_failed_clearly
  eventually no_leftovers
}

@test "configurations of three and of five megabytes, and one with every key twice, work or are refused clearly" {
  bundle
  edit '.process.args = ["/bin/true"] | .annotations = ([range(30000) | {key: "org.example.\(.)", value: ("x" * 70)}] | from_entries)'
  oci run --bundle "$bundle" "$(fresh_id)"
  assert_status 0
  edit '.annotations += ([range(60000) | {key: "org.example.\(.)", value: ("x" * 70)}] | from_entries)'
  oci run --bundle "$bundle" "$(fresh_id)"
  assert_failed_clearly
  bundle
  edit '.process.args = ["/bin/true"] | .process.env = [range(60000) | "VARIABLE_\(.)=" + ("y" * 60)]'
  oci run --bundle "$bundle" "$(fresh_id)" # more than execve(2) takes
  assert_clear
  bundle
  edit '.process.args = ["/bin/echo", "last"]'
  sed -i '0,/"process": {/s//"process": {"args": ["\/bin\/echo", "first"], "user": {"uid": 0, "gid": 0}, "cwd": "\/"}, "process": {/' "$bundle/config.json"
  oci run --bundle "$bundle" "$(fresh_id)"
  assert_clear
  ((status != 0)) || assert_output last
}

@test "a state directory with torn or foreign files gives one clear line, and can be removed" {
  sleeping
  local state=$BATS_FILE_TMPDIR/oci/$id text verb saved
  saved=$(<"$state/state.json")
  for text in '' '{' 'null' '[]' '{"id": 5}' "${saved:0:100}" '{"id":"x","pid":-1}' '{"id":"x","pid":7}' '{"id":"ID","pid":"7"}'; do
    printf '%s' "${text/ID/$id}" >"$state/state.json"
    for verb in state start delete "kill" "exec" ps pause; do
      # shellcheck disable=SC2086
      case $verb in exec) oci exec "$id" /bin/true ;; *) oci $verb "$id" ;; esac
      assert_clear
    done
    oci list
    assert_status 0
  done
  printf '%s' "$saved" >"$state/state.json"
  saved=$(<"$state/config.json")
  for text in '' '{' '{"process": 5}'; do
    printf '%s' "$text" >"$state/config.json"
    oci exec "$id" /bin/true
    assert_failed_clearly
    oci state "$id"
    assert_status 0
  done
  printf '%s' "$saved" >"$state/config.json"
  printf '%s' '{' >"$state/state.json"
  oci delete --force "$id"
  assert_status 0
  eventually no_leftovers
  mkdir -p "$BATS_FILE_TMPDIR/oci/$(ours)empty"
  oci delete "$(ours)empty"
  assert_failed_clearly
  oci delete --force "$(ours)empty"
  assert_status 0
  ln -s "$canary" "$BATS_FILE_TMPDIR/oci/$(ours)link"
  oci delete --force "$(ours)link"
  rm -f "$BATS_FILE_TMPDIR/oci/$(ours)link"
}

@test "a pid file is not written through a link that somebody has put there" {
  bundle
  local place=$BATS_TEST_TMPDIR/pids
  mkdir "$place"
  ln -s "$canary/file" "$place/.pid.tmp"
  ln -s "$canary/file" "$place/pid"
  id=$(fresh_id)
  oci create --bundle "$bundle" --pid-file "$place/pid" "$id"
  assert_status 0
  [[ ! -L $place/pid ]] || fail "the pid file is a link"
  oci state "$id"
  equal "$(jq .pid <<<"$output")" "$(cat "$place/pid")" "the pid file"
}

# --- kill -9, and everything at once ---------------------------------------------------------

@test "a process whose first thread has ended is not taken for dead" {
  bundle
  cp "$ATTACKER" "$bundle/rootfs/attacker"
  edit '.process.args = ["/attacker", "leave-leader", "100"]'
  started
  sleep 0.3
  oci state "$id"
  equal running "$(jq -r .status <<<"$output")" "its status"
  oci delete "$id"
  assert_failed_clearly
  oci kill "$id" KILL
  assert_status 0
  stopped() { oci state "$id" >/dev/null; [[ $(jq -r .status <<<"$output") == stopped ]]; }
  eventually stopped
  oci delete "$id"
  assert_status 0
}

@test "delete --force does not wait for a hook that hangs, or a start of a frozen container" {
  bundle
  edit '.hooks.startContainer = [{"path": "/bin/sleep", "args": ["sleep", "50"]}]'
  id=$(fresh_id)
  oci create --bundle "$bundle" "$id"
  assert_status 0
  helper "$MYCONTAINER" oci --root "$BATS_FILE_TMPDIR/oci" start "$id"
  sleep 0.3
  SECONDS=0
  oci delete --force "$id"
  assert_status 0
  ((SECONDS < 9)) || fail "it took $SECONDS seconds"
  is_root || return 0
  bundle
  id=$(fresh_id)
  oci create --bundle "$bundle" "$id"
  oci pause "$id"
  assert_status 0
  helper "$MYCONTAINER" oci --root "$BATS_FILE_TMPDIR/oci" start "$id"
  sleep 0.3
  SECONDS=0
  oci delete --force "$id"
  assert_status 0
  ((SECONDS < 9)) || fail "it took $SECONDS seconds"
}

# interrupt MILLISECONDS ARG...: the command, killed at a random moment before that.
interrupt() {
  local most=$1 pid wait
  shift
  "$MYCONTAINER" oci --root "$BATS_FILE_TMPDIR/oci" "$@" </dev/null >/dev/null 2>&1 3>&- &
  pid=$!
  wait=$(printf '0.%03d' $((RANDOM % most)))
  sleep "$wait"
  kill -KILL "$pid" 2>/dev/null || true
  wait "$pid" 2>/dev/null || true
}

# What state and list say of $id is what is.
says_what_is() {
  local said alive
  oci state "$id" >/dev/null
  ((status == 0)) || { assert_clear; return; }
  said=$(jq -r '"\(.status) \(.pid)"' <<<"$output")
  oci list -q
  assert_contains "$id"
  alive=no
  grep -ls "/$id" /proc/[0-9]*/cgroup >/dev/null && alive=yes
  case $said in
    stopped*) ;;
    created*) [[ -p $BATS_FILE_TMPDIR/oci/$id/exec.fifo ]] || fail "created, but cannot be started" ;;
    running*) ! is_root || [[ $alive == yes ]] || fail "$said, but nothing runs" ;;
    creating*) ;;
    *) fail "it says $said" ;;
  esac
}

# What a killed command leaves may need a moment to end; then it must be so.
assert_truth() { eventually says_what_is; }

@test "create, start, run, exec and delete killed at random moments leave nothing, and state tells the truth" {
  local i most=60
  bundle
  edit '.process.args = ["/bin/sleep", "1000"]'
  for ((i = 0; i < $(rounds 25); i++)); do
    id=$(fresh_id)
    interrupt $most create --bundle "$bundle" "$id"
    assert_truth >/dev/null
    interrupt $most start "$id"
    assert_truth >/dev/null
    interrupt $most exec "$id" /bin/true
    interrupt $most delete --force "$id"
    assert_truth >/dev/null
    oci delete --force "$id" >/dev/null
    assert_status 0
    interrupt $most run --detach --bundle "$bundle" "$id"
    assert_truth >/dev/null
    oci delete --force "$id" >/dev/null
    assert_status 0
    oci state "$id" >/dev/null
    assert_stderr_contains "does not exist"
  done
  eventually no_leftovers
}

@test "a container that was never published does not stay" {
  bundle
  edit '.hooks.createRuntime = [{"path": "/bin/sleep", "args": ["sleep", "20"]}]'
  id=$(fresh_id)
  "$MYCONTAINER" oci --root "$BATS_FILE_TMPDIR/oci" create --bundle "$bundle" "$id" </dev/null >/dev/null 2>&1 3>&- &
  local creator=$!
  creating() { oci state "$id" >/dev/null; [[ $(jq -r .status <<<"$output") == creating ]]; }
  eventually creating
  kill -KILL $creator
  stopped() { oci state "$id" >/dev/null; [[ $(jq -r .status <<<"$output") == stopped ]]; }
  eventually stopped
  oci delete "$id"
  assert_status 0
}

# both COMMAND... + COMMAND...: at the same time; $first and $second are their exit codes.
both() {
  local one=()
  while [[ $1 != + ]]; do
    one+=("$1")
    shift
  done
  shift
  local root=$BATS_FILE_TMPDIR/oci pids=()
  timeout 30 "$MYCONTAINER" oci --root "$root" "${one[@]}" </dev/null >/dev/null 2>"$BATS_TEST_TMPDIR/one" 3>&- &
  pids+=($!)
  timeout 30 "$MYCONTAINER" oci --root "$root" "$@" </dev/null >/dev/null 2>"$BATS_TEST_TMPDIR/two" 3>&- &
  pids+=($!)
  first=0 second=0
  wait "${pids[0]}" || first=$?
  wait "${pids[1]}" || second=$?
  ((first != 124 && second != 124)) || fail "hangs"
}

@test "two creates, two starts, two deletes, start and delete at the same time" {
  bundle
  edit '.process.args = ["/bin/sleep", "1000"]'
  local i
  for ((i = 0; i < $(rounds 10); i++)); do
    id=$(fresh_id)
    both create --bundle "$bundle" "$id" + create --bundle "$bundle" "$id"
    (((first == 0) + (second == 0) == 1)) || fail "creates: $first $second"
    both start "$id" + start "$id"
    (((first == 0) + (second == 0) == 1)) || fail "starts: $first $second"
    both delete --force "$id" + delete --force "$id"
    ((first == 0 && second == 0)) || fail "deletes: $first $second $(cat "$BATS_TEST_TMPDIR"/{one,two})"
    oci create --bundle "$bundle" "$id" >/dev/null
    both start "$id" + delete --force "$id"
    ((second == 0)) || fail "delete against start: $(cat "$BATS_TEST_TMPDIR/two")"
    oci state "$id" >/dev/null
    assert_stderr_contains "does not exist"
    oci create --bundle "$bundle" "$id" >/dev/null
    both delete "$id" + delete "$id"
    (((first == 0) + (second == 0) == 1)) || fail "deletes: $first $second"
    both run --detach --bundle "$bundle" "$id" + delete --force "$id"
    ((first == 0)) || assert_clear
    oci delete --force "$id" >/dev/null
    assert_status 0
  done
  eventually no_leftovers
}

# --- want of space and processes -------------------------------------------------------------

@test "as root: a full disk below --root gives a clear line, leaves nothing, and works again afterwards" {
  require_root
  local full=$BATS_TEST_TMPDIR/full blocks
  bundle
  mkdir "$full"
  for blocks in 1 2 3 4 6 8 12; do
    capture 60 unshare --mount --propagation private bash -c '
      full=$1 runtime=$2 bundle=$3 blocks=$4 id=$5
      mount -t tmpfs -o size=2m,nr_inodes=100 tmpfs "$full" && mkdir "$full/oci"
      dd if=/dev/zero of="$full/fill" bs=4096 2>/dev/null
      truncate -s -$((blocks * 4096)) "$full/fill"
      $runtime --root "$full/oci" run --bundle "$bundle" "$id" </dev/null
      echo "first=$?"
      ls -A "$full/oci" | grep -v seccomp
      rm "$full/fill"
      $runtime --root "$full/oci" run --bundle "$bundle" "$id" </dev/null
      echo "second=$?"' - "$full" "$OCI_RUNTIME" "$bundle" $blocks "$(fresh_id)"
    [[ $output == "first="*$'\n'"second=0" ]] || fail "$output"
    [[ $output == "first=0"* ]] || [[ $stderr == "mycontainer: oci "*ENOSPC* ]] || fail "not clear: $stderr"
  done
}

@test "as root: exec and start at the pids limit fail clearly and do not hang" {
  require_root
  require_controller pids
  bundle
  edit '.linux.resources.pids = {"limit": 4}
    | .process.args = ["/bin/sh", "-c", "sleep 1000 & sleep 1000 & sleep 1000 & wait"]'
  started
  sleep 0.2
  local i
  for i in 1 2 3; do
    oci exec "$id" /bin/sh -c 'sleep 0.1 & wait; echo done'
    assert_clear || [[ $stderr == *fork* ]]
  done
  oci delete --force "$id"
  assert_status 0
}
