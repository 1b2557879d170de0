#!/usr/bin/env bats
# Images and the ids in them. A file of its own, without a registry, because only the virtual machine has an
# ordinary user with subordinate ids.

load helpers
load lifecycle
load images

# What belongs to subordinate ids is not for bats to remove.
teardown() {
  remove_all
  mc image prune -af
}

# image CONFIG [LAYER...]: makes the image "$image" of a tree with busybox and the layers, and loads it.
image() {
  image=t$BATS_TEST_NUMBER:1
  [[ -d $BATS_TEST_TMPDIR/base ]] || busybox_tree "$BATS_TEST_TMPDIR/base"
  tree_layer base
  oci_archive "$BATS_TEST_TMPDIR/image.tar" "$image" "$1" "$BATS_TEST_TMPDIR/base.tar" "${@:2}"
  mc load -q -i "$BATS_TEST_TMPDIR/image.tar"
  assert_status 0
}
# tree_layer NAME [TAR-OPTION...]: packs $BATS_TEST_TMPDIR/NAME as a layer, NAME.tar there.
tree_layer() { layer_tar "$BATS_TEST_TMPDIR/$1.tar" "$BATS_TEST_TMPDIR/$1" "${@:2}"; }

@test "other users: an image's user is looked up in the image's own passwd and group, whichever layer has them" {
  require_many_ids
  image '{"User":"ada","Cmd":["id"]}'
  mc run --rm "$image"
  assert_output "uid=1000(ada) gid=1000(ada) groups=50(staff),1000(ada)"
  mc run --rm -u ada:staff "$image"
  assert_output "uid=1000(ada) gid=50(staff) groups=50(staff)"
  mc run --rm -u 0 "$image" sh -c 'echo $HOME'
  assert_output /root
  mkdir -p "$BATS_TEST_TMPDIR/above/etc"
  printf 'bob:x:77:88::/home/bob:/bin/sh\n' >"$BATS_TEST_TMPDIR/above/etc/passwd"
  tree_layer above
  image '{"User":"bob","Cmd":["id"]}' "$BATS_TEST_TMPDIR/above.tar"
  mc run --rm "$image"
  assert_output "uid=77(bob) gid=88 groups=88"
  mc run --rm -u ada "$image"
  assert_refused "unable to find user ada: no matching entries in passwd file"
}

@test "other users: files keep the owners that the image gives them" {
  require_many_ids
  mkdir -p "$BATS_TEST_TMPDIR/owned/home"
  echo text >"$BATS_TEST_TMPDIR/owned/home/file"
  tree_layer owned --owner=1000 --group=50
  image '{"Cmd":["stat","-c","%u:%g","/home","/home/file"]}' "$BATS_TEST_TMPDIR/owned.tar"
  mc run --rm "$image"
  assert_output "1000:50
1000:50"
  mc run --name changer "$image" sh -c 'chown 7:8 /home/file'
  assert_status 0
  mc commit changer changed:1
  assert_status 0
  mc run --rm changed:1 stat -c %u:%g /home /home/file
  assert_output "1000:50
7:8"
  remove_all
  mc image prune -af
  assert_status 0
  equal "" "$(find "$MYCONTAINER_ROOT/layers" "$MYCONTAINER_ROOT/images/blobs" -type f)" "what is left"
}
