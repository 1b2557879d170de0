#!/usr/bin/env bats
# More layers than one mount option can name. A file of its own, because the virtual machine's kernel
# mounts them in another way (before 6.8: rootfs/layer/joined_mount.h).

load helpers
load lifecycle
load images

@test "an image of a hundred layers shows all of them" {
  local layers=() number
  busybox_tree "$BATS_TEST_TMPDIR/tree"
  layer_tar "$BATS_TEST_TMPDIR/base.tar" "$BATS_TEST_TMPDIR/tree"
  mkdir -p "$BATS_TEST_TMPDIR/small/etc"
  echo same >"$BATS_TEST_TMPDIR/small/etc/same"
  layer_tar "$BATS_TEST_TMPDIR/small.tar" "$BATS_TEST_TMPDIR/small"
  echo top >"$BATS_TEST_TMPDIR/small/etc/top"
  layer_tar "$BATS_TEST_TMPDIR/top.tar" "$BATS_TEST_TMPDIR/small"
  # The same layer again and again is a new tree each time: its chain ID is another.
  for ((number = 0; number < 98; number++)); do layers+=("$BATS_TEST_TMPDIR/small.tar"); done
  oci_archive "$BATS_TEST_TMPDIR/image.tar" many:1 '{"Cmd":["cat","/etc/same","/etc/top"]}' \
    "$BATS_TEST_TMPDIR/base.tar" "${layers[@]}" "$BATS_TEST_TMPDIR/top.tar"
  mc_shell "'$MYCONTAINER' load -q -i '$BATS_TEST_TMPDIR/image.tar'"
  assert_status 0
  equal 100 "$(find "$MYCONTAINER_ROOT/layers" -name diff -maxdepth 2 | wc -l)" "the number of trees"
  mc run --rm many:1
  assert_status 0
  assert_output "same
top"
}
