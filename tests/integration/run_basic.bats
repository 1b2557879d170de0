#!/usr/bin/env bats
# What a container is, with no option at all.
load helpers

@test "run without options runs the program in the built-in root filesystem" {
  mc run /bin/echo hello world
  assert_status 0
  assert_output "hello world"
  equal "" "$stderr" "stderr"
}

@test "run busybox names the built-in image" {
  mc run --rm busybox echo hello
  assert_status 0
  assert_output "hello"
}

@test "run without a command runs the image's shell" {
  mc_shell 'echo "echo from \$0" | "$MYCONTAINER" run --rm -i busybox'
  assert_status 0
  assert_contains "from"
}

@test "everything after the image belongs to the container" {
  mc run --rm /bin/echo --name x -it --rm
  assert_status 0
  assert_output "--name x -it --rm"
}

@test "arguments arrive as they were given" {
  mc run --rm -v "$PROBE:/probe:ro" busybox sh -c 'for a; do echo "[$a]"; done' sh 'a b' '' '"q"' $'t\tb' '*' '$HOME'
  assert_status 0
  assert_output $'[a b]\n[]\n["q"]\n[t\tb]\n[*]\n[$HOME]'
}

@test "any other image, when it is not here and may not be pulled, says how images come" {
  mc run --rm --pull never alpine true
  assert_refused "no such image: alpine:latest"
  assert_stderr_contains "pull"
}

@test "the program is PID 1 of its own PID namespace" {
  inside -- show pid ppid
  assert_seen pid 1
  assert_seen ppid 0
}

@test "the mount, PID, UTS, IPC, network and cgroup namespaces are the container's own" {
  inside -- show ns_
  local name
  for name in mnt pid uts ipc net cgroup; do
    [[ -n $(seen "ns_$name") ]] || fail "no $name namespace seen"
    [[ $(seen "ns_$name") != "$(readlink "/proc/self/ns/$name")" ]] || fail "the $name namespace is the host's"
  done
}

@test "descriptors seen inside are 0, 1 and 2 only" {
  inside -- show fds
  assert_seen fds "0 1 2"
}

@test "descriptors open in the caller do not reach the container" {
  mc_shell 'exec 5</ 7</etc/passwd 9</sys/fs/cgroup 200</
    "$MYCONTAINER" run --rm -v "$PROBE:/probe:ro" /probe show fds'
  assert_status 0
  assert_seen fds "0 1 2"
}

@test "the hostname is the container's id" {
  mc run --rm /bin/hostname
  assert_status 0
  [[ $output =~ ^[0-9a-f]{12}$ ]] || fail "not twelve hexadecimal digits"
}

@test "two containers have two ids" {
  mc run --rm /bin/hostname
  local first=$output
  mc run --rm /bin/hostname
  [[ $output != "$first" ]] || fail "both have the id $first"
}

@test "nothing written to the root filesystem survives" {
  mc run --rm /bin/sh -c 'echo changed >/etc/marker && rm /bin/ls && cat /etc/marker'
  assert_status 0
  assert_output "changed"
  mc run --rm /bin/sh -c 'test ! -e /etc/marker && ls / >/dev/null'
  assert_status 0
}

@test "umask is 0022 and no signal is blocked or ignored, whatever the caller has" {
  mc_shell 'umask 0077; trap "" INT PIPE USR1
    "$MYCONTAINER" run --rm -v "$PROBE:/probe:ro" /probe show umask status_'
  assert_status 0
  assert_seen umask 0022
  assert_seen status_SigBlk 0000000000000000
  assert_seen status_SigIgn 0000000000000000
}

@test "the caller's environment stays outside" {
  MC_SECRET=leak mc run --rm -v "$PROBE:/probe:ro" /probe show env_
  assert_status 0
  refute_contains leak
  assert_seen env_PATH /usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
  assert_seen env_HOME /root
  [[ -n $(seen env_HOSTNAME) ]] || fail "HOSTNAME is not set"
}

@test "the working directory is / by default" {
  inside -- show cwd
  assert_seen cwd /
}

@test "the loopback interface is up, and there is no other" {
  inside -- loopback
  assert_status 0
  assert_seen loopback ok
  mc run --rm /bin/ls /sys/class/net
  assert_output lo
}

@test "run works when the caller's directory was deleted" {
  mkdir "$BATS_TEST_TMPDIR/gone"
  mc_shell "cd '$BATS_TEST_TMPDIR/gone' && rmdir ../gone && '$MYCONTAINER' run --rm /bin/pwd"
  assert_status 0
  assert_output /
}

@test "--help groups the options and never shows a hidden entry" {
  mc --help
  assert_status 0
  assert_contains run
  refute_contains mycontainer-init
  refute_contains mycontainer-monitor
  mc run --help
  assert_status 0
  assert_contains --rm
}

@test "version says version, commit and what the kernel offers" {
  mc version
  assert_status 0
  assert_contains "$(uname -r)"
}

@test "a hidden entry started by hand says that it is internal" {
  mc_shell 'exec -a mycontainer-init "$MYCONTAINER"'
  [[ $status != 0 ]] || fail "it succeeded"
  assert_stderr_contains "mycontainer run"
}

@test "an unknown verb gets a suggestion" {
  mc rnu /bin/true
  assert_status 125
  assert_stderr_contains "run"
}

@test "--dry-run prints the OCI configuration and starts nothing" {
  mc run --rm --dry-run -e A=b --hostname box -w /tmp /bin/echo hi
  assert_status 0
  equal box "$(jq -r .hostname <<<"$output")" hostname
  equal /tmp "$(jq -r .process.cwd <<<"$output")" cwd
  equal '["/bin/echo","hi"]' "$(jq -c .process.args <<<"$output")" args
  equal true "$(jq '.process.env | any(. == "A=b")' <<<"$output")" "the environment has A=b"
  equal false "$(jq '.ociVersion == null' <<<"$output")" "ociVersion is missing"
}

@test "--trace prints every step with its microseconds on stderr" {
  mc run --rm --trace /bin/echo hi
  assert_status 0
  assert_output hi
  assert_stderr_contains "enter root"
  assert_stderr_contains us
}

@test "--trace=FILE writes trace events that are JSON" {
  mc run --rm "--trace=$BATS_TEST_TMPDIR/trace.json" /bin/true
  assert_status 0
  equal true "$(jq '(.traceEvents // .) | length > 5' "$BATS_TEST_TMPDIR/trace.json")" "more than five events"
}

@test "the options that Docker spells with = and apart mean the same" {
  mc run --rm --hostname=box /bin/hostname
  assert_output box
  mc run --rm --hostname box /bin/hostname
  assert_output box
  mc run --rm -h box /bin/hostname
  assert_output box
}

@test "short flags combine" {
  mc_shell 'echo input | "$MYCONTAINER" run --rm -ie A=1 busybox sh -c "cat; echo \$A"'
  assert_status 0
  assert_output $'input\n1'
}

@test "the program starts in a directory of the program's name too: --rootfs and relative paths" {
  mkdir -p "$BATS_TEST_TMPDIR/tree/bin" && cp "$PROBE" "$BATS_TEST_TMPDIR/tree/bin/probe"
  mc_shell "cd '$BATS_TEST_TMPDIR' && '$MYCONTAINER' run --rm --rootfs tree /bin/probe show pid"
  assert_status 0
  assert_seen pid 1
}

@test "as root: the binary needs nothing beside it: it runs a container from an otherwise empty root filesystem" {
  require_root
  local empty=$BATS_TEST_TMPDIR/empty
  mkdir "$empty" && cp "$MYCONTAINER" "$empty/mycontainer"
  mc run --rm --privileged --rootfs "$empty" /mycontainer run /bin/echo nested
  assert_status 0
  assert_output nested
}

@test "--domainname, --annotation and --label-file" {
  printf '# a comment\n\na=1\n  b=two words\n' >"$BATS_TEST_TMPDIR/labels"
  mc run --rm --domainname example.org /bin/cat /proc/sys/kernel/domainname
  assert_output example.org
  mc run --dry-run --annotation k=v --label-file "$BATS_TEST_TMPDIR/labels" /bin/true
  assert_contains '"k": "v"'
  assert_contains '"b": "two words"'
  mc run --rm --annotation k /bin/true
  assert_refused annotation
}
