#!/usr/bin/env bats
# Volumes of an ordinary user whose containers have more ids than his own.
load helpers
load lifecycle

@test "as an ordinary user: with subuid ranges a volume keeps the owners that the container sees, and is removed" {
  require_rootless
  require_subids
  local root=$BATS_TEST_TMPDIR/root applet
  mkdir -p "$root"/{bin,etc,proc,sys,dev,tmp,work}
  mc run --rm /bin/true
  cp "$(find "$MYCONTAINER_ROOT"/builtin* -name busybox -type f | head -1)" "$root/bin/busybox"
  for applet in sh chown chmod stat touch; do ln -s busybox "$root/bin/$applet"; done
  echo text >"$root/work/file"
  mc run --rm --rootfs "$root" /bin/sh -c 'chown 5:6 /work/file && chown 7:8 /work && chmod 750 /work'
  assert_status 0
  mc run --rm --rootfs "$root:O" -v data:/work /bin/stat -c '%u:%g %a' /work /work/file
  assert_output $'7:8 750\n5:6 644'
  mc run --rm -v closed:/nothing /bin/sh -c 'touch /nothing/file && chown 9:9 /nothing && chmod 700 /nothing'
  mc run --rm -v closed:/etc /bin/sh -c 'stat -c %u:%a /etc && ls /etc'
  assert_output $'9:700\nfile'
  mc volume prune -af
  assert_status 0
  equal "" "$(ls -A "$MYCONTAINER_ROOT/volumes")" "what is left"
  mc run --rm --rootfs "$root" /bin/chown -R 0:0 /work
}
