#!/usr/bin/env bats
# "mounts" and "root" of config.json, each seen from inside.
load oci

setup() {
  bundle
  dir=$bundle/dir
  mkdir "$dir"
  chmod 755 "$dir"
  echo text >"$dir/file"
}

mount_line() { sed -n "s|^mount=$1 ||p" <<<"$output"; }
# add_mount JSON: one more mount at the end.
add_mount() { edit ".mounts += [$1]"; }

@test "root.readonly" {
  edit '.root.readonly = true'
  shell 'touch /x; echo $?; touch /dev/shm/x && echo shm'
  assert_contains shm
  assert_stderr_contains "Read-only file system"
}

@test "a bind mount with a source relative to the bundle, its type absent, none or bind" {
  local type
  for type in '' '"type": "none",' '"type": "bind",'; do
    bundle
    cp -r "$dir" "$bundle/"
    add_mount "{\"destination\": \"/data\", $type \"source\": \"dir\", \"options\": [\"bind\", \"ro\"]}"
    shell 'cat /data/file; touch /data/x'
    assert_output text
    assert_stderr_contains "Read-only file system"
  done
}

@test "a bind of a file makes its place" {
  add_mount '{"destination": "/etc/new/name", "source": "dir/file", "options": ["rbind"]}'
  shell 'cat /etc/new/name'
  assert_output text
}

@test "a missing source is named" {
  add_mount '{"destination": "/data", "source": "/missing/source", "options": ["bind"]}'
  oci run --bundle "$bundle" "$(fresh_id)"
  assert_config_refused /missing/source
}

@test "as root: options of the mount and of its tree" {
  require_root
  mkdir "$dir/below"
  add_mount "{\"destination\": \"/data\", \"source\": \"dir\", \"options\": [\"rbind\", \"rro\", \"nosuid\", \"nodev\", \"rnoexec\", \"noatime\", \"nosymfollow\"]}"
  unshare_mount() { capture 60 unshare --mount bash -c "mount -t tmpfs below '$dir/below' && $OCI_RUNTIME --root '$BATS_FILE_TMPDIR/oci' run --bundle '$bundle' $(fresh_id)"; }
  edit '.process.args = ["/probe", "show", "mount"]'
  unshare_mount
  [[ $(mount_line /data) == *" ro,nosuid,nodev,noexec,noatime,nosymfollow "* ]] || fail "$(mount_line /data)"
  [[ $(mount_line /data/below) == "tmpfs ro,noexec,relatime "* ]] || fail "$(mount_line /data/below)"
}

@test "access times: strictatime, relatime, noatime and their opposites" {
  local word wanted
  for word in strictatime= relatime=relatime noatime=noatime nodiratime=nodiratime,relatime norelatime=relatime; do
    wanted=${word#*=}
    bundle
    add_mount "{\"destination\": \"/t\", \"type\": \"tmpfs\", \"source\": \"t\", \"options\": [\"${word%%=*}\"]}"
    look show mount
    [[ $(mount_line /t) == "tmpfs rw${wanted:+,$wanted} "* ]] ||
      [[ $(mount_line /t) == "tmpfs rw,relatime,nodiratime "* && $word == nodiratime* ]] ||
      fail "$word: $(mount_line /t)"
  done
}

@test "propagation of a bind: private by default, slave and shared where asked for" {
  local word
  add_mount '{"destination": "/plain", "source": "dir", "options": ["bind"]}'
  for word in private unbindable; do
    add_mount "{\"destination\": \"/$word\", \"source\": \"dir\", \"options\": [\"bind\", \"r$word\"]}"
  done
  add_mount '{"destination": "/shared", "type": "tmpfs", "source": "t", "options": ["shared"]}'
  look show mount
  [[ $(mount_line /plain) == *" private" ]] || fail "$(mount_line /plain)"
  [[ $(mount_line /private) == *" private" ]] || fail "$(mount_line /private)"
  [[ $(mount_line /unbindable) == *" unbindable" ]] || fail "$(mount_line /unbindable)"
  [[ $(mount_line /shared) == *" shared:"* ]] || fail "$(mount_line /shared)"
}

@test "as root: a slave bind receives what the host mounts later, and gives nothing back" {
  require_root
  add_mount '{"destination": "/data", "source": "dir", "options": ["rbind", "rslave"]}'
  edit '.process.args = ["/bin/sh", "-c", "until [ -e /data/go ]; do sleep 0.1; done; ls /data/below"]'
  mkdir "$dir/below"
  capture 60 unshare --mount bash -c "mount --bind '$dir' '$dir' && mount --make-shared '$dir'
    cd '$bundle' && $OCI_RUNTIME --root '$BATS_FILE_TMPDIR/oci' run --bundle '$bundle' $(fresh_id) & sleep 1
    mount -t tmpfs below '$dir/below' && touch '$dir/below/seen' '$dir/go'; wait"
  assert_output seen
}

@test "rootfsPropagation" {
  local word
  for word in shared slave private unbindable; do
    edit ".linux.rootfsPropagation = \"$word\""
    look show mount
    case $word in
      shared) [[ $(mount_line /) == *" shared:"* ]] ;;
      unbindable) [[ $(mount_line /) == *" unbindable" ]] ;;
      *) [[ $(mount_line /) == *" private" || $(mount_line /) == *" master:"* ]] ;;
    esac || fail "$word: $(mount_line /)"
  done
  edit '.linux.rootfsPropagation = "public"'
  oci run --bundle "$bundle" "$(fresh_id)"
  assert_config_refused 'linux.rootfsPropagation: unknown "public"'
}

@test "tmpcopyup begins with what the root filesystem has" {
  mkdir "$bundle/rootfs/full"
  echo kept >"$bundle/rootfs/full/file"
  add_mount '{"destination": "/full", "type": "tmpfs", "source": "t", "options": ["tmpcopyup", "size=1m"]}'
  shell 'cat /full/file; echo more >/full/other'
  assert_output kept
  [[ ! -e $bundle/rootfs/full/other ]]
}

@test "remount changes a mount that is there" {
  add_mount '{"destination": "/dev/shm", "type": "tmpfs", "source": "shm", "options": ["remount", "ro"]}'
  shell 'touch /dev/shm/x'
  assert_stderr_contains "Read-only file system"
}

@test "an unknown option is the filesystem's to judge" {
  add_mount '{"destination": "/t", "type": "tmpfs", "source": "t", "options": ["rubbish=1"]}'
  oci run --bundle "$bundle" "$(fresh_id)"
  assert_config_refused rubbish
}

@test "dest-nofollow refuses a link" {
  ln -s /etc "$bundle/rootfs/link"
  add_mount '{"destination": "/link", "source": "dir", "options": ["bind", "dest-nofollow"]}'
  oci run --bundle "$bundle" "$(fresh_id)"
  assert_config_refused /link
}

@test "as root: ids of a bind mount are mapped as its mappings say, without a user namespace" {
  require_root
  chown 1000:2000 "$dir/file"
  add_mount '{"destination": "/data", "source": "dir", "options": ["rbind", "idmap"],
    "uidMappings": [{"containerID": 1000, "hostID": 0, "size": 1}],
    "gidMappings": [{"containerID": 2000, "hostID": 7, "size": 1}]}'
  shell 'stat -c %u:%g /data/file'
  if [[ $stderr == *"does not support id-mapped mounts"* ]]; then skip "the filesystem cannot map ids"; fi
  assert_output 0:7
  [[ $(stat -c %u:%g "$dir/file") == 1000:2000 ]]
}

@test "as root: ids are mapped by mappings alone too, and by the container's user namespace" {
  require_root
  edit '.linux.namespaces += [{"type": "user"}]
    | .linux.uidMappings = [{"containerID": 0, "hostID": 100000, "size": 65536}]
    | .linux.gidMappings = [{"containerID": 0, "hostID": 100000, "size": 65536}]
    | del(.linux.resources)'
  chown -R 100000:100000 "$bundle/rootfs"
  chmod 755 "$bundle" "$dir"
  chown 1000:2000 "$dir/file"
  add_mount '{"destination": "/by-namespace", "source": "dir", "options": ["bind", "idmap"]}'
  add_mount '{"destination": "/by-mapping", "source": "dir", "options": ["bind"],
    "uidMappings": [{"containerID": 1000, "hostID": 100005, "size": 1}],
    "gidMappings": [{"containerID": 2000, "hostID": 100006, "size": 1}]}'
  add_mount '{"destination": "/plain", "source": "dir", "options": ["bind"]}'
  shell 'for d in by-namespace by-mapping plain; do stat -c %u:%g /$d/file; done; stat -c %u /bin/busybox'
  if [[ $stderr == *"does not support id-mapped mounts"* ]]; then skip "the filesystem cannot map ids"; fi
  assert_output $'1000:2000\n5:6\n65534:65534\n0'
}

@test "as root: idmap without any mapping is refused" {
  require_root
  add_mount '{"destination": "/data", "source": "dir", "options": ["bind", "idmap"]}'
  oci run --bundle "$bundle" "$(fresh_id)"
  assert_config_refused "mounts[6].options: idmap needs uidMappings and gidMappings, or a user namespace"
}

@test "as root: a container without /proc works, and scores and sysctls are set all the same" {
  require_root
  edit '.mounts |= map(select(.destination != "/proc")) | .process.oomScoreAdj = 123
    | .linux.sysctl = {"kernel.msgmax": "4242"} | .linux.maskedPaths = [] | .linux.readonlyPaths = []
    | .linux.resources = null'
  shell 'mkdir -p /proc && mount -t proc proc /proc 2>/dev/null; echo alive'
  assert_output alive
  edit '.process.capabilities.bounding += ["CAP_SYS_ADMIN"]
    | .process.capabilities.effective += ["CAP_SYS_ADMIN"]
    | .process.capabilities.permitted += ["CAP_SYS_ADMIN"]'
  shell 'mount -t proc proc /proc; cat /proc/self/oom_score_adj /proc/sys/kernel/msgmax'
  assert_output $'123\n4242'
}

@test "as root: a volume on /proc is only a volume: nothing is written into it" {
  require_root
  mkdir -p "$dir/sys/kernel" "$dir/self/attr"
  echo old | tee "$dir/sys/kernel/msgmax" "$dir/self/oom_score_adj" >/dev/null
  edit '(.mounts[] | select(.destination == "/proc")) = {"destination": "/proc", "type": "bind",
      "source": "dir", "options": ["rbind"]}
    | .process.oomScoreAdj = 123 | .linux.sysctl = {"kernel.msgmax": "4242"}
    | .linux.maskedPaths = [] | .linux.readonlyPaths = []'
  shell 'cat /proc/sys/kernel/msgmax /proc/self/oom_score_adj'
  assert_output $'old\nold'
}

@test "as root: what covers a part of /proc does not redirect a sysctl" {
  require_root
  echo old >"$dir/msgmax"
  add_mount '{"destination": "/proc/sys/kernel", "source": "dir", "options": ["bind"]}'
  edit '.linux.sysctl = {"kernel.msgmax": "4242"} | .linux.readonlyPaths = []'
  shell 'cat /proc/sys/kernel/msgmax; umount /proc/sys/kernel 2>/dev/null; true'
  assert_output old
  [[ $(<"$dir/msgmax") == old ]]
}

@test "a root filesystem whose /proc is a link is refused" {
  rmdir "$bundle/rootfs/proc"
  ln -s /etc "$bundle/rootfs/proc"
  oci run --bundle "$bundle" "$(fresh_id)"
  assert_config_refused "/proc"
}

@test "as root: the cgroup mount shows this container's cgroup, read-only when asked for" {
  require_root
  add_mount '{"destination": "/sys/fs/cgroup", "type": "cgroup", "source": "cgroup",
    "options": ["nosuid", "noexec", "nodev", "relatime", "ro"]}'
  shell 'ls /sys/fs/cgroup | head -c 20 >/dev/null && find /sys/fs/cgroup -name cgroup.procs | head -1 | xargs cat'
  assert_status 0
  [[ -n $output ]] || fail "no process in the cgroup"
  shell 'for d in /sys/fs/cgroup /sys/fs/cgroup/*/; do mkdir $d/x 2>/dev/null && echo made $d; done; true'
  refute_contains "made /sys/fs/cgroup/unified"
}

@test "mountLabel without SELinux is refused" {
  [[ ! -d /sys/fs/selinux/booleans ]] || skip "this machine has SELinux"
  edit '.linux.mountLabel = "system_u:object_r:container_file_t:s0:c1,c2"'
  oci run --bundle "$bundle" "$(fresh_id)"
  assert_config_refused "linux.mountLabel: this machine has no SELinux"
}
