#!/usr/bin/env bats
# Every option with a bad value: one clear line that names it, 125, and nothing left behind.
load helpers

# bad WHAT-THE-LINE-NAMES OPTION...
bad() {
  mc run --rm "${@:2}" /bin/true
  assert_refused "$1"
}

@test "nothing to run" {
  mc run --rm ''
  assert_status 125
}

@test "--name" {
  bad 'a/b' --name 'a/b'
  bad -- --name ''
  bad '../x' --name '../x'
  bad 'name' --name "$(printf 'x%.0s' {1..300})"
}

@test "-e and --env-file" {
  bad '=value' -e '=value'
  bad /no/such/file --env-file /no/such/file
  printf 'A=b\nbad key=c\n' >"$BATS_TEST_TMPDIR/env"
  bad 'bad key' --env-file "$BATS_TEST_TMPDIR/env"
  bad "$BATS_TEST_TMPDIR" --env-file "$BATS_TEST_TMPDIR"
}

@test "-w" {
  bad relative -w relative
  bad /etc/passwd -w /etc/passwd
}

@test "-u and --group-add" {
  bad 'a:b:c' -u a:b:c
  bad no-such-group --group-add no-such-group
  bad 4294967296 --group-add 4294967296
}

@test "-h" {
  bad hostname -h "$(printf 'x%.0s' {1..100})"
  bad 'a/b' -h 'a/b'
}

@test "-v" {
  bad relative -v /tmp:relative
  bad nonsense -v /tmp:/data:nonsense
  bad ':/data' -v :/data
  bad 'a:b:c:d' -v /a:b:c:d
  bad /proc -v /tmp:/proc
  bad "directory cannot be mounted on a file" -v /tmp:/etc/hosts
  bad "file cannot be mounted on a directory" -v /etc/passwd:/tmp
}

@test "--mount" {
  bad nonsense --mount type=nonsense,destination=/x
  bad target --mount type=tmpfs
  bad source --mount type=bind,destination=/x
  bad no-such-key --mount type=tmpfs,destination=/x,no-such-key=1
  bad 12q --mount type=tmpfs,destination=/x,tmpfs-size=12q
  bad 999 --mount type=tmpfs,destination=/x,tmpfs-mode=999
  bad sideways --mount type=bind,source=/tmp,destination=/x,bind-propagation=sideways
}

@test "--tmpfs and --shm-size" {
  bad relative --tmpfs relative
  bad nonsense --tmpfs /x:nonsense
  bad 12q --shm-size 12q
  bad -- --shm-size -5
}

@test "--device" {
  bad /dev/no-such-device --device /dev/no-such-device
  bad /etc/passwd --device /etc/passwd
  bad xyz --device /dev/zero:/dev/zero:xyz
}

@test "--cap-add and --cap-drop" {
  bad NO_SUCH --cap-add NO_SUCH
  bad NO_SUCH --cap-drop NO_SUCH
}

@test "--security-opt" {
  bad nonsense --security-opt nonsense
  bad maybe --security-opt no-new-privileges:maybe
}

@test "--sysctl" {
  bad novalue --sysctl novalue
  bad vm.swappiness --sysctl vm.swappiness=1
  bad 'net/../kernel' --sysctl net/../kernel/core_pattern=x
  bad net.no.such.key --sysctl net.no.such.key=1
}

@test "--ulimit" {
  bad nosuch --ulimit nosuch=1
  bad 'nofile' --ulimit nofile
  bad '20:10' --ulimit nofile=20:10
  bad many --ulimit nofile=many
}

@test "--network, --pid, --ipc, --uts and --userns" {
  bad nonsense --network nonsense
  bad nonsense --pid nonsense
  bad nonsense --ipc nonsense
  bad nonsense --uts nonsense
  bad nonsense --userns nonsense
}

@test "memory" {
  bad lots -m lots
  bad 1k -m 1k
  bad 10q --memory-swap 10q
  bad memoryswap -m 64m --memory-swap 32m
  bad 10q --memory-reservation 10q
}

@test "cpus" {
  bad many --cpus many
  bad -- --cpus -1
  bad x --cpu-shares x
  bad 1- --cpuset-cpus 1-
  bad a --cpuset-cpus a
  bad a --cpuset-mems a
}

@test "pids, block weight and OOM score" {
  bad x --pids-limit x
  bad 5 --blkio-weight 5
  bad 2000 --oom-score-adj 2000
  bad x --oom-score-adj x
}

@test "--stop-signal" {
  bad SIGNONSENSE --stop-signal SIGNONSENSE
  bad 99 --stop-signal 99
}

@test "--label" {
  bad '=x' --label '=x'
}

@test "--rootfs" {
  bad /no/such --rootfs /no/such
  bad /etc/passwd --rootfs /etc/passwd
}

@test "--trace=FILE that cannot be written" {
  bad /no/such/directory --trace=/no/such/directory/file
  mc run --rm --trace=/no/such/directory/file /bin/echo ran
  assert_output ""
}

@test "-t without a terminal" {
  mc_shell '"$MYCONTAINER" run --rm -it /bin/true </dev/null'
  assert_refused TTY 1 # Docker's own status for this one
}

@test "an unknown option and an option without its value" {
  bad --no-such-option --no-such-option
  mc run --name
  assert_refused --name
}

@test "--root and --state-root that cannot be used" {
  mc --root /proc/nothing run --rm /bin/true
  assert_refused /proc/nothing
  mc --state-root /proc/nothing run --rm /bin/true
  assert_refused /proc/nothing
  mc --log-level loud run --rm /bin/true
  assert_refused loud
}

@test "after bad input nothing is left behind" {
  remember_what_is_there
  local options
  for options in '--name a/b' '-v /tmp:/proc' '--device /dev/no-such-device' '-u nobody-here' \
    '--sysctl net.no.such.key=1' '-w /etc/passwd' '--rootfs /no/such' '--trace=/no/such/directory/file'; do
    # shellcheck disable=SC2086  # two words
    mc run --rm $options /bin/true
    assert_status 125
  done
  assert_nothing_left
}
