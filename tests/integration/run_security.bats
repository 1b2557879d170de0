#!/usr/bin/env bats
# Defaults are safe, and what loosens or tightens them does just that.
load helpers

# Docker's default set: chown, dac_override, fowner, fsetid, kill, setgid, setuid, setpcap,
# net_bind_service, net_raw, sys_chroot, mknod, audit_write, setfcap.
docker_default=00000000a80425fb

# What this kernel and caller have at most.
caller_bound() { sed -n 's/^CapBnd:\t//p' /proc/self/status; }

@test "capabilities are Docker's default set; none is inheritable or ambient" {
  inside -- show status_
  assert_seen status_CapEff $docker_default
  assert_seen status_CapPrm $docker_default
  assert_seen status_CapBnd $docker_default
  assert_seen status_CapInh 0000000000000000
  assert_seen status_CapAmb 0000000000000000
}

@test "other users: a user other than root has no capability, but the bounding set" {
  is_root || require_subids
  inside -u 1234 -- show status_
  assert_seen status_CapEff 0000000000000000
  assert_seen status_CapPrm 0000000000000000
  assert_seen status_CapBnd $docker_default
}

@test "--cap-drop and --cap-add change the set, in any spelling" {
  inside --cap-drop ALL -- show status_
  assert_seen status_CapEff 0000000000000000
  assert_seen status_CapBnd 0000000000000000
  inside --cap-drop all --cap-add chown --cap-add CAP_KILL -- show status_
  assert_seen status_CapEff 0000000000000021
  inside --cap-add NET_ADMIN -- show status_
  assert_seen status_CapEff 00000000a80435fb
  inside --cap-drop MKNOD --cap-drop net_raw -- show status_
  assert_seen status_CapEff 00000000a00405fb
}

@test "no_new_privs is off as with Docker, and on when asked for" {
  inside -- show status_NoNewPrivs
  assert_seen status_NoNewPrivs 0
  inside --security-opt no-new-privileges -- show status_NoNewPrivs
  assert_seen status_NoNewPrivs 1
  inside --security-opt no-new-privileges:true -- show status_NoNewPrivs
  assert_seen status_NoNewPrivs 1
}

@test "seccomp is on by default and refuses what the field's default refuses" {
  inside -- show status_Seccomp
  assert_seen status_Seccomp 2
  inside -- attempt keyctl add_key bpf swapon reboot init_module kexec unshare_user mount settimeofday clone3_user vsock io_uring
  # Newer calls are unknown to the table and end as a kernel would that never had them.
  local call
  for call in keyctl add_key bpf swapon reboot init_module kexec unshare_user mount settimeofday vsock io_uring; do
    [[ $(seen $call) == EPERM || $(seen $call) == ENOSYS ]] || fail "$call gives '$(seen $call)'"
  done
  assert_seen clone3_user ENOSYS
}

@test "what ordinary programs need is allowed" {
  inside -- attempt chown
  assert_seen chown ok
  mc run --rm busybox sh -c 'mkdir /d && chown 0:0 /d && chmod 700 /d && ln -s a /d/b && mkfifo /d/p && cat /proc/self/status >/dev/null'
  assert_status 0
}

@test "--security-opt seccomp=unconfined turns the filter off" {
  inside --security-opt seccomp=unconfined -- show status_Seccomp
  assert_seen status_Seccomp 0
}

@test "--security-opt seccomp=FILE uses that profile" {
  cat >"$BATS_TEST_TMPDIR/profile.json" <<'JSON'
{"defaultAction": "SCMP_ACT_ALLOW",
 "syscalls": [{"names": ["sethostname"], "action": "SCMP_ACT_ERRNO", "errnoRet": 95},
              {"names": ["chown", "fchownat", "lchown", "fchown"], "action": "SCMP_ACT_ERRNO"}]}
JSON
  inside --security-opt "seccomp=$BATS_TEST_TMPDIR/profile.json" -- attempt sethostname chown
  assert_status 0
  assert_seen sethostname EOPNOTSUPP
  assert_seen chown EPERM
}

@test "--privileged keeps a profile that was asked for" {
  echo '{"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [{"names": ["sethostname"], "action": "SCMP_ACT_ERRNO", "errnoRet": 95}]}' \
    >"$BATS_TEST_TMPDIR/profile.json"
  inside --privileged --security-opt "seccomp=$BATS_TEST_TMPDIR/profile.json" -- attempt sethostname
  assert_seen sethostname EOPNOTSUPP
}

@test "a profile whose calls somebody would have to answer is refused" {
  echo '{"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [{"names": ["mkdir"], "action": "SCMP_ACT_NOTIFY"}]}' \
    >"$BATS_TEST_TMPDIR/notify.json"
  mc run --rm --security-opt "seccomp=$BATS_TEST_TMPDIR/notify.json" /bin/true
  assert_refused SCMP_ACT_NOTIFY
}

@test "a profile that is missing or broken is refused" {
  mc run --rm --security-opt seccomp=/no/such/profile /bin/true
  assert_refused /no/such/profile
  echo '{"defaultAction": ' >"$BATS_TEST_TMPDIR/broken.json"
  mc run --rm --security-opt "seccomp=$BATS_TEST_TMPDIR/broken.json" /bin/true
  assert_refused broken.json
  echo '{"defaultAction": "SCMP_ACT_NONSENSE"}' >"$BATS_TEST_TMPDIR/nonsense.json"
  mc run --rm --security-opt "seccomp=$BATS_TEST_TMPDIR/nonsense.json" /bin/true
  assert_refused SCMP_ACT_NONSENSE
}

@test "--privileged has every capability of the caller, no filter and nothing masked" {
  inside --privileged -- show status_ mount
  assert_status 0
  assert_seen status_Seccomp 0
  ! is_root || assert_seen status_CapEff "$(caller_bound)"
  [[ $(grep -c "^mount=/proc/" <<<"$output") == 0 ]] || fail "something below /proc is masked"
}

@test "the kernel's log and raw devices are out of reach" {
  inside -- attempt kmsg
  [[ $(seen kmsg) != ok ]] || fail "/dev/kmsg can be opened"
  # mknod is among the default capabilities, but the device behind the node is refused.
  local major minor name
  read -r major minor _ name < <(tail -n +3 /proc/partitions)
  [[ -b /dev/$name ]] || fail "this machine has no disk to protect"
  mc run --rm busybox sh -c "mknod /tmp/disk b $major $minor; head -c 1 /tmp/disk | wc -c"
  assert_output 0
}

@test "input cannot be pushed into the caller's terminal" {
  on_terminal -- run --rm -v "$PROBE:/probe:ro" /probe attempt push_input
  [[ $(seen push_input) != ok ]] || fail "TIOCSTI worked"
}

@test "a masked path is the real null device, not what the image put there" {
  local tree=$BATS_TEST_TMPDIR/tree
  mkdir -p "$tree/bin" "$tree/dev"
  cp "$PROBE" "$tree/bin/probe"
  ln -s /proc/self/environ "$tree/dev/null"
  mc run --rm --rootfs "$tree:O" /bin/probe show mount
  # The node in /dev, or in a user namespace the host's.
  [[ $output == *"mount=/proc/keys tmpfs "* || $output == *"mount=/proc/keys devtmpfs "* ]] || fail "/proc/keys is not masked by the null device of /dev"
}

@test "CVE-2024-21626: a working directory below /proc/self/fd does not reach the host" {
  local number
  for number in 3 4 5 6 7 8 9 10 11 12 20 100; do
    mc_shell "exec 9</sys/fs/cgroup 100</
      '$MYCONTAINER' run --rm -w /proc/self/fd/$number busybox sh -c 'cat ../../../../../../etc/debian_version; pwd'"
    [[ $status == 125 || $status == 126 || $status == 127 ]] || {
      refute_contains "$(cat /etc/debian_version)"
      [[ ${output##*$'\n'} == /* ]] || fail "the working directory is outside: $output"
    }
  done
}

@test "CVE-2024-21626: a program below /proc/self/fd is not found" {
  mc_shell "exec 9</ && '$MYCONTAINER' run --rm busybox /proc/self/fd/9/bin/sh -c 'echo escaped'"
  assert_status 127
  refute_contains escaped
}

@test "CVE-2019-5736: the program is not overwritten through #!/proc/self/exe" {
  local hash loop=$BATS_TEST_TMPDIR/loop
  cp "$MYCONTAINER" "$BATS_TEST_TMPDIR/mycontainer"
  MYCONTAINER=$BATS_TEST_TMPDIR/mycontainer
  hash=$(sha256sum <"$MYCONTAINER")
  printf '#!/proc/self/exe\n' >"$loop"
  chmod 755 "$loop"
  # What the kernel runs is our own program, inside: it must be harmless, and a sealed copy.
  mc run --rm -v "$loop:/loop:ro" /loop
  [[ $status != 0 ]] || fail "our own program ran inside"
  mc run --rm --cap-add SYS_ADMIN -v "$loop:/loop:ro" busybox sh -c '/loop & echo x >>/proc/$!/exe; wait' 2>/dev/null
  equal "$hash" "$(sha256sum <"$MYCONTAINER")" "the hash of the program"
}

@test "as root: CVE-2019-5736: the program is not overwritten through /proc/PID/exe" {
  require_root
  local hash
  cp "$MYCONTAINER" "$BATS_TEST_TMPDIR/mycontainer"
  MYCONTAINER=$BATS_TEST_TMPDIR/mycontainer
  hash=$(sha256sum <"$MYCONTAINER")
  printf '#!/proc/self/exe\n' >"$BATS_TEST_TMPDIR/loop"
  chmod 755 "$BATS_TEST_TMPDIR/loop"
  # The attacker sees every process of the machine; its victims come and go meanwhile. When they
  # are gone, nothing keeps the kernel from letting it write, but the seal.
  mc_shell "exec 3< <(exec '$MYCONTAINER' run --rm --pid host -v '$PROBE:/probe:ro' /probe overwrite 6)
    read -r line <&3
    for i in 1 2 3 4 5 6 7 8 9 10; do
      '$MYCONTAINER' run --rm --pid host -v '$BATS_TEST_TMPDIR/loop:/loop:ro' /loop 2>/dev/null
      '$MYCONTAINER' run --rm --pid host /bin/true
    done
    cat <&3"
  assert_status 0
  assert_contains held=
  equal "$hash" "$(sha256sum <"$MYCONTAINER")" "the hash of the program"
}

@test "files of the state are for their owner only, whatever the umask" {
  mc_shell 'umask 000; "$MYCONTAINER" run --rm /bin/true'
  assert_status 0
  equal "" "$(find "$MYCONTAINER_STATE_ROOT" "$MYCONTAINER_ROOT" -maxdepth 0 -perm /022)" "directories that others can write"
  equal "" "$(find "$MYCONTAINER_STATE_ROOT" -perm /022 ! -type l)" "state that others can write"
}

@test "apparmor=unconfined is taken everywhere" {
  mc run --rm --security-opt apparmor=unconfined /bin/true
  assert_status 0
}

@test "AppArmor: the named profile confines the program" {
  require_root
  require_apparmor
  inside --security-opt apparmor=unconfined -- exit 0
  assert_status 0
  mc run --rm --security-opt apparmor=no-such-profile /bin/true
  assert_refused no-such-profile
}
