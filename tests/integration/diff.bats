#!/usr/bin/env bats
# `diff`: what a container has changed in its filesystem.
load helpers

setup() { name=box$BATS_TEST_NUMBER; }
teardown() { "$MYCONTAINER" rm -f "$name" >/dev/null 2>&1 || true; }
box() { "$MYCONTAINER" run -d --name "$name" "$@" /bin/sleep 1000 >/dev/null; }
sh() { "$MYCONTAINER" exec "$name" /bin/sh -c "$1"; }

@test "diff of a container that changed nothing is empty" {
  "$MYCONTAINER" create --name "$name" /bin/true >/dev/null
  mc diff "$name"
  assert_status 0
  assert_output ""
  "$MYCONTAINER" start "$name" >/dev/null
  "$MYCONTAINER" wait "$name" >/dev/null
  mc diff "$name"
  assert_output ""
}

@test "diff lists what was added, changed and deleted, running and stopped" {
  box
  sh 'echo x >/etc/new; echo z >>/etc/passwd; rm /etc/group
      mkdir -p /a/b; echo f >/a/b/f; rmdir /srv; chmod 700 /opt; rm /bin/yes'
  local wanted='A /a
A /a/b
A /a/b/f
C /bin
D /bin/yes
C /etc
D /etc/group
A /etc/new
C /etc/passwd
C /opt
D /srv'
  mc diff "$name"
  assert_status 0
  assert_output "$wanted"
  "$MYCONTAINER" stop -t 0 "$name" >/dev/null
  mc diff "$name"
  assert_output "$wanted"
  mc container diff "$name"
  assert_output "$wanted"
}

@test "diff sees through a directory that was removed and made again" {
  box
  sh 'rm -r /usr && mkdir /usr && echo x >/usr/x'
  mc diff "$name"
  assert_contains $'C /usr\n'
  assert_contains 'A /usr/x'
  assert_contains 'D /usr/'
}

@test "diff does not list what was only opened or touched in a volume" {
  mkdir "$BATS_TEST_TMPDIR/volume"
  box -v "$BATS_TEST_TMPDIR/volume:/mnt" --tmpfs /run
  sh 'echo x >/mnt/x; echo x >/run/x; cat </etc/passwd >/dev/null; : >>/etc/group'
  mc diff "$name"
  assert_status 0
  assert_output ""
}

@test "diff shows what cp brought" {
  box
  echo x >"$BATS_TEST_TMPDIR/x"
  "$MYCONTAINER" cp "$BATS_TEST_TMPDIR/x" "$name:/etc/x"
  mc diff "$name"
  assert_output $'C /etc\nA /etc/x'
}

@test "diff of a directory used as it is says that there is nothing to compare" {
  mkdir -p "$BATS_TEST_TMPDIR/rootfs/"{bin,proc,sys,dev,etc}
  cp "$PROBE" "$BATS_TEST_TMPDIR/rootfs/bin/probe"
  "$MYCONTAINER" create --name "$name" --rootfs "$BATS_TEST_TMPDIR/rootfs" /bin/probe >/dev/null
  mc diff "$name"
  assert_refused "no layer of its own" 1
}

@test "diff refuses bad input" {
  mc diff nobody && assert_refused "no such container: nobody" 1
  mc diff && assert_refused "requires exactly 1 argument" 1
  mc diff "" && assert_refused "Container name cannot be empty" 1
}

@test "as root: diff of a container with a user namespace of its own" {
  require_root
  box --userns auto
  sh 'echo x >/etc/x; : >>/etc/passwd'
  mc diff "$name"
  assert_output $'C /etc\nA /etc/x'
}

@test "diff and cp know a container that 'run --rm' runs by itself" {
  "$MYCONTAINER" run --rm --name "$name" busybox sh -c 'echo x >/new; echo there; exec sleep 1000' \
    >"$BATS_TEST_TMPDIR/out" &
  for ((look = 0; look < 1000; look++)); do
    grep -q there "$BATS_TEST_TMPDIR/out" && break
    sleep 0.02
  done
  mc diff "$name"
  assert_status 0
  assert_output "A /new"
  mc_shell '"$MYCONTAINER" cp '"$name"':/new - | tar -xO'
  assert_output x
}
