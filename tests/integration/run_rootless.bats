#!/usr/bin/env bats
# What is different for an ordinary user: a user namespace, with subuid ranges or with one id.
load helpers

@test "as an ordinary user: root inside, in a user namespace" {
  require_rootless
  inside -- show uid gid ns_user
  assert_status 0
  assert_seen uid "0 0 0"
  assert_seen gid "0 0 0"
  [[ $(seen ns_user) != "$(readlink /proc/self/ns/user)" ]] || fail "the user namespace is the caller's"
}

@test "as an ordinary user: files written to a volume belong to the caller" {
  require_rootless
  mkdir "$BATS_TEST_TMPDIR/data"
  mc run --rm -v "$BATS_TEST_TMPDIR/data:/data" /bin/touch /data/made
  assert_status 0
  equal "$(id -u):$(id -g)" "$(stat -c %u:%g "$BATS_TEST_TMPDIR/data/made")" "the owner"
}

@test "as an ordinary user: with subuid ranges other users exist inside" {
  require_rootless
  require_subids
  inside -u 1234:4321 -- show uid gid
  assert_seen uid "1234 1234 1234"
  assert_seen gid "4321 4321 4321"
  mc run --rm busybox sh -c 'touch /tmp/x && chown 77:88 /tmp/x && stat -c %u:%g /tmp/x'
  assert_output 77:88
}

@test "as an ordinary user: without subuid ranges one id is enough to run" {
  require_rootless
  ! grep -q "^$(id -un):" /etc/subuid || skip "needs a user without subuid ranges"
  mc run --rm /bin/id -u
  assert_status 0
  assert_output 0
}

@test "as an ordinary user: without subuid ranges another user is refused, and the line says what is missing" {
  require_rootless
  ! grep -q "^$(id -un):" /etc/subuid || skip "needs a user without subuid ranges"
  mc run --rm -u 1234 /bin/id -u
  assert_refused 1234
  assert_stderr_contains /etc/subuid
}

@test "as an ordinary user: data and live state lie below the user's own directories by default" {
  require_rootless
  mc_shell 'unset MYCONTAINER_ROOT MYCONTAINER_STATE_ROOT
    export XDG_DATA_HOME=$BATS_TEST_TMPDIR/share XDG_RUNTIME_DIR=$BATS_TEST_TMPDIR/run
    mkdir -m 700 $XDG_RUNTIME_DIR
    "$MYCONTAINER" run --rm /bin/true && ls -d $XDG_DATA_HOME/mycontainer'
  assert_status 0
  assert_contains share/mycontainer
}

@test "as an ordinary user: a limit that the user may not set is refused and says what to do, or is in force" {
  require_rootless
  inside --pids-limit 20 -- fork 100
  if [[ $status == 0 ]]; then
    assert_seen fork EAGAIN
  else
    assert_status 125
    assert_stderr_contains "hint: "
    [[ ${stderr,,} == *delegat* ]] || fail "the hint does not speak of delegation"
  fi
}

@test "as an ordinary user: with subuid ranges but no user namespaces allowed, the line says what forbids them" {
  require_rootless
  require_subids
  chmod 755 "$BATS_TEST_TMPDIR"
  mkdir -m 777 "$BATS_TEST_TMPDIR/home"
  export HERE=$BATS_TEST_TMPDIR/home
  mc_shell 'unshare --user --map-auto --map-root-user sh -c "echo 0 >/proc/sys/user/max_user_namespaces &&
    setpriv --reuid 1 --regid 1 --clear-groups \"$MYCONTAINER\" --root $HERE/data --state-root $HERE/state run /bin/true
    code=\$?; rm -rf $HERE/data $HERE/state; exit \$code"'
  assert_refused user.max_user_namespaces
}

@test "as root: --userns auto gives root's container a user namespace too" {
  require_root
  inside --userns auto -- show uid ns_user
  assert_status 0
  assert_seen uid "0 0 0"
  [[ $(seen ns_user) != "$(readlink /proc/self/ns/user)" ]] || fail "the user namespace is the caller's"
}
