#!/usr/bin/env bats
# What is under /: the default mounts, volumes, tmpfs, --rootfs, devices and files of ours.
load helpers

setup() {
  dir=$BATS_TEST_TMPDIR/dir
  mkdir "$dir"
  echo text >"$dir/file"
}

mount_line() { sed -n "s|^mount=$1 ||p" <<<"$output"; }

@test "/proc, /sys, /dev and what lies below are there, with safe options" {
  inside -- show mount
  assert_status 0
  [[ $(mount_line /proc) == "proc rw,nosuid,nodev,noexec,relatime "* ]] || fail "/proc: $(mount_line /proc)"
  [[ $(mount_line /sys) == "sysfs ro,nosuid,nodev,noexec,relatime "* ]] || fail "/sys: $(mount_line /sys)"
  [[ $(mount_line /dev) == "tmpfs rw,nosuid"* ]] || fail "/dev: $(mount_line /dev)"
  [[ $(mount_line /dev/pts) == "devpts rw,nosuid,noexec,relatime "* ]] || fail "/dev/pts: $(mount_line /dev/pts)"
  [[ $(mount_line /dev/shm) == "tmpfs rw,nosuid,nodev,noexec,relatime "* ]] || fail "/dev/shm: $(mount_line /dev/shm)"
  [[ $(mount_line /dev/mqueue) == "mqueue rw,nosuid,nodev,noexec,relatime "* ]] || fail "/dev/mqueue: $(mount_line /dev/mqueue)"
  [[ $(mount_line /) == overlay* ]] || fail "/: $(mount_line /)"
}

@test "the default devices are there and nothing else" {
  mc run --rm busybox sh -c 'cd /dev && find . -type c -o -type b | grep -v -e ./pts/ | sort | xargs'
  assert_status 0
  assert_output "./full ./null ./random ./tty ./urandom ./zero"
  mc run --rm busybox sh -c 'for link in fd stdin stdout stderr ptmx core; do readlink /dev/$link; done'
  assert_output $'/proc/self/fd\n/proc/self/fd/0\n/proc/self/fd/1\n/proc/self/fd/2\npts/ptmx\n/proc/kcore'
}

@test "/proc shows the container's processes only" {
  mc run --rm busybox sh -c 'cd /proc && ls -d [0-9]* | wc -l'
  assert_status 0
  ((output <= 4)) || fail "$output processes"
}

@test "kernel files are masked or read-only" {
  mc run --rm busybox sh -c 'cat /proc/kcore /proc/keys /proc/timer_list 2>/dev/null | wc -c; ls /proc/scsi /sys/firmware 2>/dev/null | grep -v : | xargs'
  assert_status 0
  assert_output 0
  mc run --rm busybox sh -c 'for f in /proc/sys/kernel/hostname /proc/sysrq-trigger /proc/irq/default_smp_affinity /sys/kernel/profiling; do echo x 2>/dev/null >$f && echo "$f is writable"; done; true'
  assert_output ""
}

@test "--rootfs DIR uses the directory itself" {
  local tree=$BATS_TEST_TMPDIR/tree
  mkdir -p "$tree/bin"
  cp "$PROBE" "$tree/bin/probe"
  : >"$tree/note"
  mc run --rm --rootfs "$tree" /bin/probe write /note written
  assert_status 0
  assert_seen write ok
  equal written "$(cat "$tree/note")" "the file in the directory"
}

@test "--rootfs DIR:O leaves the directory untouched" {
  local tree=$BATS_TEST_TMPDIR/tree
  mkdir -p "$tree/bin"
  cp "$PROBE" "$tree/bin/probe"
  : >"$tree/note"
  find "$tree" | sort >"$BATS_TEST_TMPDIR/before"
  mc run --rm --rootfs "$tree:O" /bin/probe write /note written
  assert_status 0
  assert_seen write ok
  equal "" "$(cat "$tree/note")" "the file in the directory"
  find "$tree" | sort | diff "$BATS_TEST_TMPDIR/before" -
}

@test "as root: --rootfs /:O is a disposable copy of the host" {
  require_root
  mc run --rm --rootfs /:O /bin/bash -c 'touch /etc/mycontainer-test-marker && ls /etc/mycontainer-test-marker && cat /etc/debian_version'
  assert_status 0
  assert_output "/etc/mycontainer-test-marker"$'\n'"$(cat /etc/debian_version)"
  [[ ! -e /etc/mycontainer-test-marker ]] || fail "the host was written to"
}

@test "as root: --rootfs /:O with --userns auto belongs to the container's root" {
  require_root
  mc run --rm --userns auto --rootfs /:O /bin/sh -c 'stat -c %u /etc && : >/etc/made'
  assert_status 0
  assert_output 0
  [[ ! -e /etc/made ]] || fail "written to the host"
}

@test "as an ordinary user: --rootfs /:O is refused, and the hint says what is in the way" {
  require_rootless
  mc run --rm --rootfs /:O /bin/true
  assert_refused overlay
  assert_stderr_contains "mounts below it"
}

@test "three hundred volumes at once, also in a user namespace" {
  local volumes=() i
  for ((i = 0; i < 300; i++)); do volumes+=(-v "$dir:/volume$i"); done
  mc run --rm "${volumes[@]}" --userns auto /bin/sh -c 'cat /volume*/file | wc -l'
  assert_status 0
  assert_output 300
}

@test "--read-only makes the root filesystem read-only, and volumes and /dev/shm not" {
  mc run --rm --read-only -v "$dir:/data" busybox sh -c 'touch /x 2>/dev/null; test ! -e /x && touch /data/y /dev/shm/z'
  assert_status 0
  [[ -e $dir/y ]]
}

@test "-v shows a directory, writable" {
  mc run --rm -v "$dir:/data" busybox sh -c 'cat /data/file; echo new >/data/made'
  assert_status 0
  assert_output text
  equal new "$(cat "$dir/made")" "the file made inside"
}

@test "-v with ro is read-only" {
  mc run --rm -v "$dir:/data:ro" busybox sh -c 'cat /data/file; touch /data/made 2>/dev/null || echo refused'
  assert_status 0
  assert_output $'text\nrefused'
  [[ ! -e $dir/made ]]
}

@test "-v shows a single file" {
  mc run --rm -v "$dir/file:/etc/one:ro" /bin/cat /etc/one
  assert_status 0
  assert_output text
}

@test "-v creates a missing host directory and --mount refuses one" {
  mc run --rm -v "$dir/made:/data" /bin/true
  assert_status 0
  [[ -d $dir/made ]]
  mc run --rm --mount "type=bind,source=$dir/missing,destination=/data" /bin/true
  assert_refused "$dir/missing"
  [[ ! -e $dir/missing ]]
}

@test "a mount point that the root filesystem lacks is made inside only" {
  mc run --rm -v "$dir:/a/new/place:ro" /bin/cat /a/new/place/file
  assert_status 0
  assert_output text
}

@test "a symbolic link in the root filesystem cannot move a mount outside" {
  local tree=$BATS_TEST_TMPDIR/tree
  mkdir -p "$tree/bin" "$BATS_TEST_TMPDIR/outside"
  cp "$PROBE" "$tree/bin/probe"
  ln -s "$BATS_TEST_TMPDIR/outside" "$tree/absolute"
  ln -s ../../../../../../../../../..${BATS_TEST_TMPDIR}/outside "$tree/relative"
  mc run --rm --rootfs "$tree" -v "$dir:/absolute/one" -v "$dir:/relative/two" /bin/probe show mount
  equal "" "$(ls "$BATS_TEST_TMPDIR/outside")" "what lies outside"
}

@test "an image whose /dev, /proc or /sys is a symbolic link harms nothing" {
  local name tree outside=$BATS_TEST_TMPDIR/outside
  for name in dev proc sys tmp etc; do
    tree=$BATS_TEST_TMPDIR/tree-$name
    rm -rf "$outside"
    mkdir -p "$tree/bin" "$outside"
    cp "$PROBE" "$tree/bin/probe"
    ln -s "$outside" "$tree/$name"
    mc run --rm --rootfs "$tree:O" -h box /bin/probe exit 0
    equal "" "$(ls "$outside")" "what lies outside after /$name"
  done
}

@test "--mount bind takes readonly and propagation" {
  mc run --rm -v "$PROBE:/probe:ro" --mount "type=bind,src=$dir,dst=/data,readonly,bind-propagation=rslave" /probe show mount
  assert_status 0
  [[ $(mount_line /data) == *" ro,"* ]] || fail "/data: $(mount_line /data)"
}

@test "as root: -v with rshared passes mounts on to the host, and without it does not" {
  require_root
  export HERE=$BATS_TEST_TMPDIR/shared
  mc_shell 'mkdir $HERE && exec unshare --mount --propagation private sh -c "
    mount -t tmpfs none $HERE && mount --make-shared $HERE && mkdir $HERE/in
    for mode in rprivate rslave rshared; do
      \"$MYCONTAINER\" run --rm --cap-add SYS_ADMIN --security-opt seccomp=unconfined --security-opt apparmor=unconfined \
        -v $HERE:/x:\$mode /bin/sh -c \"mount -t tmpfs none /x/in && : >/x/in/\$mode\"
      echo \$mode: \$(ls $HERE/in)
    done"'
  assert_status 0
  assert_output "$(printf 'rprivate:\nrslave:\nrshared: rshared')"
}

@test "--mount tmpfs takes size and mode" {
  mc run --rm --mount type=tmpfs,destination=/scratch,tmpfs-size=1m,tmpfs-mode=1770 busybox sh -c 'stat -c %a /scratch; df -k /scratch | tail -n 1 | tr -s " " | cut -d" " -f2; touch /scratch/x'
  assert_status 0
  assert_output $'1770\n1024'
}

@test "--tmpfs is writable, empty and nosuid, nodev, noexec" {
  inside --tmpfs /scratch --tmpfs /small:size=64k,mode=700 -- show mount
  assert_status 0
  [[ $(mount_line /scratch) == "tmpfs rw,nosuid,nodev,noexec"* ]] || fail "/scratch: $(mount_line /scratch)"
  [[ $(mount_line /small) == *size=64k* ]] || fail "/small: $(mount_line /small)"
}

@test "--shm-size sets the size of /dev/shm, 64 MiB by default" {
  mc run --rm busybox sh -c 'df -k /dev/shm | tail -n 1 | tr -s " " | cut -d" " -f2'
  assert_output 65536
  mc run --rm --shm-size 8m busybox sh -c 'df -k /dev/shm | tail -n 1 | tr -s " " | cut -d" " -f2'
  assert_output 8192
}

@test "--device shows a device" {
  mc run --rm --device /dev/zero:/dev/nothing busybox sh -c 'test -c /dev/nothing && head -c 3 /dev/nothing | wc -c'
  assert_status 0
  assert_output 3
}

@test "--device shows a device under another name, also in a user namespace" {
  mc run --rm --device /dev/zero:/dev/nothing /bin/sh -c 'head -c 3 /dev/nothing | wc -c; stat -c %t:%T /dev/nothing'
  assert_output "$(printf '3\n1:5')"
}

@test "/etc/hosts, /etc/hostname and /etc/resolv.conf are the container's own" {
  mc run --rm -h box.example busybox sh -c 'cat /etc/hostname; grep -w localhost /etc/hosts | head -n 1; grep -c box.example /etc/hosts; test -e /etc/resolv.conf'
  assert_status 0
  equal box.example "${output%%$'\n'*}" hostname
  assert_contains 127.0.0.1
  equal 1 "${output##*$'\n'}" "lines with the host name in /etc/hosts"
}

@test "on the host's network the host's own hosts and resolv.conf hold" {
  mc run --rm --network host /bin/cat /etc/hosts /etc/resolv.conf
  assert_output "$(cat /etc/hosts /etc/resolv.conf)"
}

@test "no mount inside is shared with the host" {
  inside -- show mount
  assert_status 0
  refute_contains shared:
}

@test "no mount of the container is seen on the host" {
  local before after
  before=$(list_mounts)
  mc_shell "exec 3< <(exec '$MYCONTAINER' run --rm --init /bin/sh -c 'echo ready; exec sleep 30')
    pid=\$!; read -r line <&3; cut -d' ' -f4- /proc/self/mountinfo | sort; kill -TERM \$pid; wait \$pid"
  after=$output
  nothing_new "$before" "$after"
}
