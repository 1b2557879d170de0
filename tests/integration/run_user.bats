#!/usr/bin/env bats
# Who the program is, where it starts and what it is told.
load helpers

@test "root by default, with root's groups" {
  inside -- show uid gid env_HOME
  assert_seen uid "0 0 0"
  assert_seen gid "0 0 0"
  assert_seen env_HOME /root
}

@test "other users: -u UID keeps group 0 when the image does not know the user" {
  require_many_ids
  inside -u 4321 -- show uid gid groups
  assert_seen uid "4321 4321 4321"
  assert_seen gid "0 0 0"
}

@test "other users: -u UID:GID sets both and no other group" {
  require_many_ids
  inside -u 1234:4321 -- show uid gid groups
  assert_seen uid "1234 1234 1234"
  assert_seen gid "4321 4321 4321"
  [[ $(seen groups) == "" || $(seen groups) == 4321 ]] || fail "groups: $(seen groups)"
}

@test "other users: every user can write to /dev/null" {
  require_many_ids
  mc run --rm -u 1234:4321 /bin/sh -c 'echo x >/dev/null && stat -c %a /dev/null /dev/zero /dev/tty | xargs'
  assert_status 0
  assert_output "666 666 666"
}

@test "other users: -u NAME of the root filesystem sets uid, gid, groups and HOME" {
  require_many_ids
  tree_with_users
  mc run --rm --rootfs "$tree:O" -u alice /bin/probe show uid gid groups env_HOME
  assert_status 0
  assert_seen uid "1001 1001 1001"
  assert_seen gid "1002 1002 1002"
  [[ " $(seen groups) " == *" 1003 "* ]] || fail "groups: $(seen groups)"
  assert_seen env_HOME /home/alice
}

@test "other users: -u NAME:GROUP takes the group by name" {
  require_many_ids
  tree_with_users
  mc run --rm --rootfs "$tree:O" -u alice:team /bin/probe show uid gid
  assert_seen uid "1001 1001 1001"
  assert_seen gid "1003 1003 1003"
}

@test "other users: a user name that is a number is a number" {
  require_many_ids
  tree_with_users
  echo '1234:x:0:0::/root:/bin/sh' >>"$tree/etc/passwd"
  mc run --rm --rootfs "$tree:O" -u 1234 /bin/probe show uid
  assert_seen uid "1234 1234 1234"
}

@test "other users: --group-add adds groups by number and name" {
  require_many_ids
  tree_with_users
  mc run --rm --rootfs "$tree:O" -u 1234 --group-add 77 --group-add team /bin/probe show groups
  assert_status 0
  [[ " $(seen groups) " == *" 77 "* && " $(seen groups) " == *" 1003 "* ]] || fail "groups: $(seen groups)"
}

@test "an unknown user or group is refused and named" {
  mc run --rm -u nobody-like-this /bin/true
  assert_refused nobody-like-this
  mc run --rm -u 0:no-such-group /bin/true
  assert_refused no-such-group
}

@test "numbers outside uint32 are refused" {
  local bad
  for bad in 4294967296 -1 99999999999999999999 0:4294967296 1000abc 0x0; do
    mc run --rm -u "$bad" /bin/true
    assert_refused "$bad"
  done
}

@test "-w sets the working directory and makes a missing one" {
  inside -w /tmp -- show cwd
  assert_seen cwd /tmp
  inside -w /made/for/this -- show cwd
  assert_seen cwd /made/for/this
}

@test "-e sets, overrides, inherits; the last wins" {
  export FROM_CALLER=yes
  inside -e A=1 -e A=2 -e B= -e 'C=a=b c' -e FROM_CALLER -e NOT_SET_ANYWHERE -e HOME=/elsewhere -- show env_
  assert_seen env_A 2
  assert_seen env_C "a=b c"
  assert_seen env_FROM_CALLER yes
  assert_seen env_HOME /elsewhere
  assert_contains env_B=
  refute_contains NOT_SET_ANYWHERE
}

@test "--env-file is read as Docker reads it, and -e wins over it" {
  printf '# comment\n\nA=file\nB=two words\nFROM_CALLER\nC="quoted"\n' >"$BATS_TEST_TMPDIR/env"
  FROM_CALLER=yes inside --env-file "$BATS_TEST_TMPDIR/env" -e A=option -- show env_
  assert_status 0
  assert_seen env_A option
  assert_seen env_B "two words"
  assert_seen env_C '"quoted"'
  assert_seen env_FROM_CALLER yes
}

@test "TERM is set with a terminal only" {
  inside -- show env_
  refute_contains env_TERM=
}

@test "-h sets the hostname" {
  inside -h box -- show hostname env_HOSTNAME
  assert_seen hostname box
  assert_seen env_HOSTNAME box
}

@test "--entrypoint replaces the program, and the rest are its arguments" {
  mc run --rm --entrypoint /bin/echo busybox one two
  assert_status 0
  assert_output "one two"
}

@test "--name sets the name, and a name in use is refused" {
  mc run --rm --name box /bin/true
  assert_status 0
  mc_shell "exec 3< <(exec '$MYCONTAINER' run --rm --name box --init /bin/sh -c 'echo ready; exec sleep 30')
    pid=\$!; read -r line <&3
    '$MYCONTAINER' run --rm --name box /bin/true; echo \$?
    kill -TERM \$pid; wait \$pid
    '$MYCONTAINER' run --rm --name box /bin/true; echo \$?"
  assert_output $'125\n0'
  assert_stderr_contains box
}

@test "as root: --uts host, --ipc host, --pid host and --network host share the caller's namespaces" {
  require_root
  inside --uts host --ipc host --pid host --network host -- show ns_
  local name
  for name in uts ipc pid net; do
    assert_seen "ns_$name" "$(readlink "/proc/self/ns/$name")"
  done
}

@test "--ulimit sets soft and hard limits" {
  inside --ulimit nofile=100:200 --ulimit core=0 --ulimit nproc=50 -- show rlimit_
  assert_seen rlimit_nofile "100 200"
  assert_seen rlimit_core "0 0"
  assert_seen rlimit_nproc "50 50"
}

@test "--sysctl sets a sysctl of the container's namespaces" {
  mc run --rm --sysctl net.ipv4.ip_forward=1 --sysctl kernel.msgmax=4096 busybox cat /proc/sys/net/ipv4/ip_forward /proc/sys/kernel/msgmax
  assert_status 0
  assert_output $'1\n4096'
}

@test "--label is kept as an annotation" {
  mc run --rm --dry-run --label a=b --label only-a-key /bin/true
  assert_status 0
  equal b "$(jq -r .annotations.a <<<"$output")" "the label"
}

# A machine or user with one mapped id has no other user to become.
tree_with_users() {
  tree=$BATS_TEST_TMPDIR/tree
  mkdir -p "$tree/bin" "$tree/etc"
  cp "$PROBE" "$tree/bin/probe"
  printf 'root:x:0:0::/root:/bin/sh\nalice:x:1001:1002::/home/alice:/bin/sh\n' >"$tree/etc/passwd"
  printf 'root:x:0:\nalice:x:1002:\nteam:x:1003:bob,alice\n' >"$tree/etc/group"
}
