#!/usr/bin/env bats
# `exec`: one more process in a container that runs.
load helpers

setup() {
  name=box$BATS_TEST_NUMBER
  : >"$BATS_TEST_TMPDIR/log"
}
teardown() {
  [[ -z ${runner-} ]] || end "$runner"
}
# The third demand kills, and `run` cleans up.
end() { # end PID
  while kill -TERM "$1" 2>/dev/null; do sleep 0.02; done
  wait "$1" 2>/dev/null || true
}

# box OPTION... [-- COMMAND...]: a container $name that runs until the test ends.
box() {
  local options=()
  while (($#)) && [[ $1 != -- ]]; do
    options+=("$1")
    shift
  done
  local command=("${@:2}")
  ((${#command[@]})) || command=(/bin/sleep 1000)
  "$MYCONTAINER" run --rm --name "$name" -v "$PROBE:/probe:ro" "${options[@]}" "${command[@]}" \
    </dev/null >>"$BATS_TEST_TMPDIR/log" 2>&1 3>&- &
  runner=$!
  eventually is_running
}
is_running() { "$MYCONTAINER" exec "$name" /bin/true 2>/dev/null; }

@test "other users: exec runs a program with the container's user, directory and environment" {
  require_many_ids
  box -e FROM_RUN=yes -w /tmp --user 12:34
  mc exec "$name" /bin/sh -c 'id -u; id -g; pwd; echo $FROM_RUN'
  assert_status 0
  assert_output $'12\n34\n/tmp\nyes'
}

@test "the exit code of exec is the program's, a shell's for a signal, Docker's for what cannot run" {
  box
  mc exec "$name" /bin/sh -c 'exit 7'
  assert_status 7
  mc exec "$name" /bin/sh -c 'kill -TERM $$'
  assert_status 143
  mc exec "$name" nosuch
  assert_refused nosuch 127
  mc exec "$name" /etc
  assert_refused /etc 126
  mc exec -w /nosuch "$name" /bin/true
  assert_refused /nosuch 126
}

@test "exec in a container that does not run changes nothing and says so" {
  mc exec nosuch /bin/true
  assert_refused "no such container: nosuch" 1
  mc exec
  assert_refused "requires at least 2 arguments" 1
  box
  "$MYCONTAINER" kill "$name"
  wait "$runner" || true
  mc exec "$name" /bin/true
  assert_refused "no such container: $name" 1
}

@test "a working directory must be absolute" {
  mc exec -w relative box /bin/true
  assert_refused relative
}

# --- the environment -------------------------------------------------------------------------

@test "-e comes over the container's variables, and --env-file before -e" {
  box -e KEPT=kept -e CHANGED=old
  printf 'FILE=file\nBOTH=file\n' >"$BATS_TEST_TMPDIR/env"
  CALLER=caller mc exec -e BOTH=typed --env-file "$BATS_TEST_TMPDIR/env" -e CHANGED=new -e CALLER -e ABSENT \
    "$name" /bin/sh -c 'echo $KEPT $CHANGED $FILE $BOTH $CALLER ${ABSENT-absent}'
  assert_output "kept new file typed caller absent"
}

@test "HOME is the home of who runs, TERM comes with a terminal" {
  box --rootfs "$(tree_with_users):O"
  mc exec "$name" /probe show env_HOME env_TERM
  assert_seen env_HOME /root
  assert_seen env_TERM ""
  mc exec -e HOME=/mine "$name" /probe show env_HOME
  assert_seen env_HOME /mine
  on_terminal -- exec -t "$name" /probe show env_TERM
  assert_seen env_TERM xterm
}

# --- users -----------------------------------------------------------------------------------

tree_with_users() { # prints the directory of a root filesystem with a probe and some users
  local tree=$BATS_TEST_TMPDIR/tree
  mkdir -p "$tree/bin" "$tree/etc" "$tree/probe-here"
  cp "$PROBE" "$tree/bin/probe"
  : >"$tree/probe"
  cp "$(builtin_file bin/busybox)" "$tree/bin/busybox"
  ln -sf busybox "$tree/bin/sleep"
  ln -sf busybox "$tree/bin/true"
  ln -sf busybox "$tree/bin/sh"
  printf 'root:x:0:0::/root:/bin/sh\nalice:x:1001:1002::/home/alice:/bin/sh\n1234:x:0:0::/root:/bin/sh\n' >"$tree/etc/passwd"
  printf 'root:x:0:\nalice:x:1002:\nteam:x:1003:bob,alice\n' >"$tree/etc/group"
  echo "$tree"
}
builtin_file() {
  "$MYCONTAINER" run --rm /bin/true >/dev/null 2>&1
  find "$MYCONTAINER_ROOT"/builtin -path "*/$1" | head -n 1
}

@test "as root: exec -u takes names and numbers of the container's own files" {
  require_root
  box --rootfs "$(tree_with_users):O"
  local row rows=(
    "alice|1001 1001 1001|1002 1002 1002|/home/alice"
    "1001|1001 1001 1001|1002 1002 1002|/home/alice"
    "alice:0|1001 1001 1001|0 0 0|/home/alice"
    "0:team|0 0 0|1003 1003 1003|/root"
    "1234|1234 1234 1234|0 0 0|/"
    "77:88|77 77 77|88 88 88|/"
  )
  for row in "${rows[@]}"; do
    IFS='|' read -r user uid gid home <<<"$row"
    mc exec -u "$user" "$name" /probe show uid gid env_HOME
    assert_status 0
    assert_seen uid "$uid"
    assert_seen gid "$gid"
    assert_seen env_HOME "$home"
  done
  mc exec -u alice "$name" /probe show groups
  [[ " $(seen groups) " == *" 1003 "* ]] || fail "groups: $(seen groups)"
}

@test "a user that the container does not know, or cannot have, is refused" {
  box
  mc exec -u nobody-like-this "$name" /bin/true
  assert_refused nobody-like-this 126
  mc exec -u 0:no-such-group "$name" /bin/true
  assert_refused no-such-group 126
  local bad
  for bad in 4294967295 4294967296 -1 1000abc 0x0; do
    mc exec -u "$bad" "$name" /bin/true
    ((status != 0)) || fail "-u $bad was taken"
  done
}

@test "a hostile passwd leads nowhere, holds nobody up and makes nobody root" {
  box
  local canary=$BATS_TEST_TMPDIR/canary
  echo 'canary:x:0:0::/:' >"$canary"
  local kind kinds=(
    "ln -s $canary /etc/passwd"
    "ln -s ../../../../../../../../..$canary /etc/passwd"
    "ln -s /proc/1/root$canary /etc/passwd"
    "ln -s passwd /etc/passwd"
    "mkfifo /etc/passwd"
    "mkdir /etc/passwd"
    "dd if=/dev/zero of=/etc/passwd bs=1M seek=100 count=0"
    "printf 'canary:x:4294967295:0::/:\ncanary:x:-1:0::/:\ncanary:x:0x0:0::/:\ncanary:x:0 :0::/:\n' >/etc/passwd"
    "rm -rf /etc"
  )
  for kind in "${kinds[@]}"; do
    mc exec "$name" /bin/sh -c "rm -rf /etc/passwd; mkdir -p /etc; $kind"
    mc exec -u canary "$name" /bin/true
    assert_status 126
    assert_output ""
    mc exec -u 12 "$name" /probe show env_HOME
    ((status == 0 || status == 126)) || fail "status $status"
  done
}

@test "as root: --privileged gives every capability and no filter, without it nothing more than the container has" {
  require_root
  box --cap-drop ALL
  mc exec "$name" /bin/sh -c 'grep -E "^(CapEff|CapBnd|Seccomp):" /proc/self/status'
  assert_contains $'CapEff:\t0000000000000000'
  assert_contains $'CapBnd:\t0000000000000000'
  assert_contains $'Seccomp:\t2'
  mc exec --privileged "$name" /bin/sh -c 'grep -E "^(CapEff|CapBnd|Seccomp):" /proc/self/status; grep CapBnd /proc/1/status'
  assert_contains $'Seccomp:\t0'
  equal "$(sed -n 's/^CapBnd:\t//p' /proc/self/status)" "$(sed -n 's/^CapEff:\t//p' <<<"$output")" "CapEff"
}

# --- streams ---------------------------------------------------------------------------------

@test "input ends for the program when the pipe, the file or nothing does" {
  box
  mc_shell "printf 'from a pipe' | '$MYCONTAINER' exec -i $name /bin/cat"
  assert_output "from a pipe"
  printf 'from a file' >"$BATS_TEST_TMPDIR/input"
  mc_shell "'$MYCONTAINER' exec -i $name /bin/cat <'$BATS_TEST_TMPDIR/input'"
  assert_output "from a file"
  mc_shell "'$MYCONTAINER' exec -i $name /bin/cat </dev/null"
  assert_status 0
  assert_output ""
  mc_shell "echo unseen | '$MYCONTAINER' exec $name /bin/cat"
  assert_output ""
}

@test "standard output and error stay apart" {
  box
  mc exec "$name" /bin/sh -c 'echo out; echo err >&2'
  assert_output out
  equal err "$stderr" "stderr"
}

@test "three hundred short execs lose no output" {
  box
  mc_shell "for i in {1..300}; do '$MYCONTAINER' exec $name printf x; done | wc -c"
  assert_output 300
  mc_shell "for i in {1..100}; do '$MYCONTAINER' exec $name printf y >'$BATS_TEST_TMPDIR/one'; cat '$BATS_TEST_TMPDIR/one'; done | wc -c"
  assert_output 100
}

@test "much output and input pass through whole" {
  box
  mc_shell "head -c 20000000 /dev/urandom >'$BATS_TEST_TMPDIR/bytes'; '$MYCONTAINER' exec -i $name /bin/cat <'$BATS_TEST_TMPDIR/bytes' | cmp - '$BATS_TEST_TMPDIR/bytes'"
  assert_status 0
}

@test "signals go to the program of exec and not to the container" {
  box
  "$MYCONTAINER" exec "$name" /probe catch 10 15 >"$BATS_TEST_TMPDIR/caught" 3>&- &
  local exec=$!
  eventually grep -q ready "$BATS_TEST_TMPDIR/caught"
  kill -USR1 "$exec"
  eventually grep -q "caught 10" "$BATS_TEST_TMPDIR/caught"
  kill -TERM "$exec"
  local code=0
  wait "$exec" || code=$?
  equal 7 "$code" "exit code"
  is_running || fail "the container has ended"
}

# --- the terminal ----------------------------------------------------------------------------

@test "exec -it is a terminal of the container's, in the right size, and gives ours back" {
  box
  on_terminal --size 33x77 'expect=# ' 'send=stty size; tty; echo $((6*7))\n' 'expect=33 77' 'expect=/dev/pts/' 'expect=42' \
    'resize=44x99' 'pause=300' 'send=stty size\n' 'expect=44 99' 'send=exit 5\n' -- exec -it "$name" /bin/sh
  assert_status 5
  assert_restored
}
assert_restored() { assert_stderr_contains "modes: restored"; }

@test "ctrl-c and ctrl-z at exec's terminal are for the job inside" {
  box
  on_terminal 'expect=# ' 'send=sleep 100\n' 'pause=500' 'send=\x1a' 'expect=Stopped' 'send=fg\n' 'pause=300' 'send=\x03' 'expect=# ' 'send=exit 4\n' \
    -- exec -it "$name" /bin/sh
  assert_status 4
  assert_restored
}

@test "exec -it needs a terminal" {
  box
  mc exec -it "$name" /bin/sh
  assert_refused "not a TTY" 1
}

@test "by its detach keys exec is left, and its program and terminal live on" {
  box
  on_terminal 'expect=# ' 'send=trap "echo hup >/hup" HUP; while ! test -e /go; do sleep 0.1; done; tty >/tty; echo done >/done\n' 'pause=500' \
    'send=a\x10' 'pause=200' 'send=\x11' -- exec -it --detach-keys ctrl-p,ctrl-q "$name" /bin/sh
  assert_status 0
  assert_restored
  mc exec "$name" /bin/sh -c 'echo go >/go'
  eventually "$MYCONTAINER" exec "$name" test -e /done
  mc exec "$name" /bin/sh -c 'cat /tty; test ! -e /hup'
  assert_status 0
  assert_contains /dev/pts/
}

@test "detach keys that are none are refused" {
  mc exec --detach-keys ctrl-p,nonsense box /bin/sh
  assert_refused nonsense
}

# --- detached --------------------------------------------------------------------------------

@test "exec -d returns at once, and its program lives on and is reaped" {
  box
  mc exec -d "$name" /bin/sh -c 'ls -l /proc/self/fd >/fds; while ! test -e /go; do sleep 0.1; done; echo done >/done'
  assert_status 0
  assert_output ""
  mc exec "$name" /bin/sh -c 'test ! -e /done; echo go >/go'
  eventually "$MYCONTAINER" exec "$name" test -e /done
  mc exec "$name" /bin/sh -c 'grep -c "/dev/null" /fds'
  eventually no_zombies
}
no_zombies() {
  mc exec "$name" /bin/sh -c 'cat /proc/[0-9]*/stat'
  ! grep -q ') Z ' <<<"$output"
}

@test "exec -d says why its program could not be started" {
  box
  mc exec -d "$name" nosuch
  assert_refused nosuch 127
  mc exec -d nobox /bin/true
  assert_refused "no such container: nobox" 1
}

@test "an exec that outlives its container ends with it, and so does a detached one" {
  box -- /bin/sh -c 'while ! test -e /go; do sleep 0.05; done'
  "$MYCONTAINER" exec "$name" /bin/sleep 1000 3>&- &
  local exec=$!
  mc exec -d "$name" /bin/sleep 1000
  assert_status 0
  mc exec "$name" /bin/sh -c 'echo go >/go'
  local code=0
  wait "$exec" || code=$?
  equal 137 "$code" "exit code"
  wait "$runner"
  runner=
}

@test "an exec that races with its container's end runs or says that it does not" {
  local round life=0.2
  [[ -z ${SLOW_MACHINE-} ]] || life=3 # a start alone takes longer than 0.2 s there
  for round in {1..10}; do
    runner=
    box -- /bin/sleep "$life"
    while :; do
      mc exec "$name" /bin/true
      case $status in
        0 | 137) ;;
        1)
          [[ $stderr == *"is not running"* || $stderr == *"no such container"* ]] || fail "$stderr"
          break
          ;;
        *) fail "exec ended with $status" ;;
      esac
    done
    wait "$runner" || true
  done
}

# --- what the container sees of it -----------------------------------------------------------

@test "no descriptor of ours or our caller's reaches the container" {
  box
  capture 60 "$ATTACKER" leak "$MYCONTAINER" exec "$name" /probe show fds
  assert_status 0
  assert_seen fds "0 1 2"
  capture 60 "$ATTACKER" leak "$MYCONTAINER" exec -d "$name" /bin/sh -c 'ls /proc/self/fd | wc -l >/count'
  eventually "$MYCONTAINER" exec "$name" test -s /count
}

@test "CVE-2016-9962, CVE-2019-5736: a container sees nothing of the host in those who exec in it" {
  cp "$MYCONTAINER" "$BATS_TEST_TMPDIR/mycontainer" # the attack may harm it
  MYCONTAINER=$BATS_TEST_TMPDIR/mycontainer
  local canary=$BATS_TEST_TMPDIR/canary hash end=$((SECONDS + 4))
  echo "canary of the host" >"$canary"
  hash=$(sha256sum <"$MYCONTAINER")
  box -v "$ATTACKER:/attacker:ro"
  "$MYCONTAINER" exec "$name" /bin/sh -c "/probe overwrite 5 & /attacker spy $canary 5; wait" \
    >"$BATS_TEST_TMPDIR/spy" 2>&1 </dev/null 3>&- &
  local spy=$!
  eventually grep -q ready "$BATS_TEST_TMPDIR/spy"
  while ((SECONDS < end)); do
    "$ATTACKER" leak "$MYCONTAINER" exec -i "$name" /bin/true </dev/null
    "$ATTACKER" leak "$MYCONTAINER" exec -d -w /tmp "$name" /bin/true </dev/null
    "$ATTACKER" leak "$MYCONTAINER" exec -u 0 "$name" /bin/true <"$canary"
  done
  wait "$spy" || true
  output=$(<"$BATS_TEST_TMPDIR/spy")
  echo "$output"
  assert_seen hits 0
  (($(seen processes) > 2)) || fail "it saw only $(seen processes) processes"
  equal "$hash" "$(sha256sum <"$MYCONTAINER")" "the hash of the program"
}

@test "who waits for the end of what the caller has open does not wait for a detached exec" {
  box
  mc_shell "'$MYCONTAINER' exec -d $name /bin/sleep 1000 9>&1 | cat"
  assert_status 0
  mc_shell "'$MYCONTAINER' exec -d -t $name /bin/sleep 1000 | cat"
  assert_status 0
}

@test "an exec while the container starts never sees the host" {
  local round mounts=() # many, so that the start takes its time
  for round in {1..300}; do mounts+=(--tmpfs "/many/$round"); done
  for round in {1..10}; do
    "$MYCONTAINER" run --rm --name "$name-$round" "${mounts[@]}" /bin/sleep 100 </dev/null >/dev/null 2>&1 3>&- &
    local started=$! code=1 tries
    for ((tries = 0; code == 1 && tries < 1000; tries++)); do
      code=0
      "$MYCONTAINER" exec "$name-$round" /bin/sh -c "test -e '$BATS_FILE_TMPDIR' && exit 2; exit 3" \
        2>/dev/null || code=$?
    done
    ((code == 3)) || fail "round $round: exec ended with $code"
    end "$started"
  done
}
