#!/usr/bin/env bats
# The properties below "linux" of config.json that are not about the process or about mounts, each
# seen from inside.
load oci

setup() { bundle; }

in_user_namespace() {
  edit '.linux.namespaces += [{"type": "user"}]
    | .linux.uidMappings = [{"containerID": 0, "hostID": 100000, "size": 65536}]
    | .linux.gidMappings = [{"containerID": 0, "hostID": 100000, "size": 65536}]
    | del(.linux.resources)'
  chown -R 100000:100000 "$bundle/rootfs"
}

@test "as root: namespaces: new ones for those that are listed, ours for the rest" {
  require_root
  edit '.linux.namespaces = [{"type": "mount"}, {"type": "pid"}, {"type": "ipc"}]
    | del(.hostname) | .mounts |= map(select(.destination != "/sys"))'
  look show ns_
  local name
  for name in mnt pid ipc; do
    [[ $(seen "ns_$name") != "$(readlink "/proc/self/ns/$name")" ]] || fail "$name is the host's"
  done
  for name in net uts user cgroup; do assert_seen "ns_$name" "$(readlink "/proc/self/ns/$name")"; done
}

@test "as root: timeOffsets set the clocks of a time namespace" {
  require_root
  edit '.linux.namespaces += [{"type": "time"}]
    | .linux.timeOffsets = {"boottime": {"secs": 1000000}, "monotonic": {"secs": 5, "nanosecs": 1}}'
  shell 'cut -d. -f1 /proc/uptime; cat /proc/self/timens_offsets | tr -s " "'
  assert_status 0
  ((${output%%$'\n'*} > 1000000)) || fail "uptime is ${output%%$'\n'*}"
}

@test "as root: devices: the defaults, and others with owner and mode, wherever they are" {
  require_root
  edit '.linux.devices = [
    {"type": "c", "path": "/dev/fuse", "major": 10, "minor": 229, "fileMode": 432, "uid": 5, "gid": 6},
    {"type": "u", "path": "/srv/deep/null", "major": 1, "minor": 3, "fileMode": 438},
    {"type": "p", "path": "/dev/fifo", "fileMode": 384}]'
  shell 'cd /dev; stat -c "%n %F %t:%T %a %u:%g" null zero full random urandom tty fuse fifo /srv/deep/null;
    readlink ptmx'
  assert_output 'null character special file 1:3 666 0:0
zero character special file 1:5 666 0:0
full character special file 1:7 666 0:0
random character special file 1:8 666 0:0
urandom character special file 1:9 666 0:0
tty character special file 5:0 666 0:0
fuse character special file a:e5 660 5:6
fifo fifo 0:0 600 0:0
/srv/deep/null character special file 1:3 666 0:0
pts/ptmx'
}

@test "as root: a file where a device should be is refused" {
  require_root
  touch "$bundle/rootfs/srv-file"
  edit '.linux.devices = [{"type": "c", "path": "/srv-file", "major": 1, "minor": 3}]'
  oci run --bundle "$bundle" "$(fresh_id)"
  assert_config_refused /srv-file
}

@test "as root: in a user namespace devices are the host's nodes, found by their numbers" {
  require_root
  in_user_namespace
  edit '.linux.devices = [{"type": "c", "path": "/dev/another-name", "major": 1, "minor": 5}]'
  shell 'echo x >/dev/null && stat -c "%t:%T" /dev/another-name && head -c 3 /dev/another-name | wc -c'
  assert_output $'1:5\n3'
}

@test "as root: in a user namespace limits may be raised and the score lowered, as the parent may" {
  require_root
  in_user_namespace
  edit '.process.rlimits = [{"type": "RLIMIT_NOFILE", "soft": 512, "hard": 1024}] | .process.oomScoreAdj = 77'
  look show rlimit_nofile oom_score_adj uid
  assert_seen rlimit_nofile "512 1024"
  assert_seen oom_score_adj 77
  assert_seen uid "0 0 0"
}

@test "as root: a user namespace may be one that exists already" {
  require_root
  in_user_namespace
  local first
  first=$(fresh_id)
  edit '.process.args = ["/bin/sleep", "100"]'
  oci create --bundle "$bundle" "$first"
  assert_status 0
  oci state "$first"
  edit '(.linux.namespaces[] | select(.type == "user")).path = $path' \
    --arg path "/proc/$(jq .pid <<<"$output")/ns/user"
  look show uid
  assert_seen uid "0 0 0"
  shell 'echo x >/dev/null && cut -c1-33 /proc/self/uid_map | tr -s " "'
  assert_output " 0 100000 65536"
}

@test "as root: inside a user namespace that the configuration does not mention, as podman's" {
  require_root
  edit 'del(.linux.resources, .linux.namespaces[] | select(.type == "cgroup"))
    | (.mounts[] | select(.type == "devpts").options) -= ["gid=5"]
    | .mounts += [{"destination": "/sys/fs/cgroup", "type": "cgroup", "source": "cgroup", "options": ["ro"]}]
    | .process.args = ["/bin/sh", "-c",
        "echo x >/dev/null && stat -c %t:%T /dev/zero; for d in /sys/fs/cgroup /sys/fs/cgroup/*/; do mkdir $d/x 2>/dev/null && echo made; done; echo done"]'
  capture 60 unshare --user --map-root-user --mount \
    $OCI_RUNTIME --root "$BATS_FILE_TMPDIR/inner" run --bundle "$bundle" "$(fresh_id)"
  assert_output $'1:5\ndone'
}

@test "maskedPaths show nothing, readonlyPaths cannot be written to" {
  mkdir "$bundle/rootfs/secrets" "$bundle/rootfs/frozen"
  echo secret | tee "$bundle/rootfs/secrets/key" "$bundle/rootfs/secret" "$bundle/rootfs/frozen/f" >/dev/null
  edit '.linux.maskedPaths = ["/secrets", "/secret", "/proc/kcore", "/not/there"]
    | .linux.readonlyPaths = ["/frozen", "/proc/sys", "/not/there"]'
  shell 'ls /secrets; cat /secret /proc/kcore; cat /frozen/f; echo x >/frozen/f; echo 1 >/proc/sys/vm/drop_caches'
  assert_output secret
  [[ $stderr == *"/frozen/f"*"/proc/sys/vm/drop_caches"* ]] || fail "something could be written"
}

@test "masked and read-only paths must be absolute" {
  edit '.linux.maskedPaths = ["proc/kcore"]'
  oci run --bundle "$bundle" "$(fresh_id)"
  assert_config_refused 'linux.maskedPaths[0]: "proc/kcore" is not an absolute path'
}

@test "as root: sysctl: of the container's own namespaces, in both spellings" {
  require_root
  edit '.linux.sysctl = {"net.ipv4.ip_forward": "1", "net/ipv4/ping_group_range": "0 2147483647",
    "kernel.shm_rmid_forced": "1"}'
  shell 'cd /proc/sys; cat net/ipv4/ip_forward net/ipv4/ping_group_range kernel/shm_rmid_forced'
  assert_output $'1\n0\t2147483647\n1'
}

@test "sysctl: nothing of the host's" {
  local name
  for name in kernel.core_pattern vm.overcommit_memory net/../kernel/sysrq kernel.hostname; do
    edit '.linux.sysctl = {($name): "1"}' --arg name "$name"
    oci run --bundle "$bundle" "$(fresh_id)"
    assert_config_refused "linux.sysctl: "
  done
  edit '.linux.sysctl = {"net.ipv4.ip_forward": "1"} | .linux.namespaces -= [{"type": "network"}]'
  oci run --bundle "$bundle" "$(fresh_id)"
  assert_config_refused "net.ipv4.ip_forward needs its own network namespace"
}
