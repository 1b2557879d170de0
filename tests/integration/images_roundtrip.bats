#!/usr/bin/env bats
# What is in an image stays as it is, byte for byte, through a registry, a commit, an archive and
# back; judged by GNU tar and umoci.

load helpers
load lifecycle
load images
load registry

teardown() {
  remove_all
  stop_registry
}

# Everything that GNU tar knows of a tree, as one digest. seen_by_tar TREE [TAR-OPTION...]
seen_by_tar() {
  tar -C "$1" --sort=name --format=pax --pax-option=delete=atime,delete=ctime --numeric-owner \
    --xattrs --xattrs-include='user.*' --xattrs-include='security.*' --acls "${@:2}" -cf - . | sha256sum
}

# all_kinds DIRECTORY: a node of each kind, with what it can have.
all_kinds() {
  local tree=$1
  busybox_tree "$tree"
  mkdir -p "$tree/kinds/empty" "$tree/kinds/closed"
  cd "$tree/kinds" || return
  echo text >file
  ln file other-name
  ln -s ../../../outside link
  mkfifo fifo
  mknod null c 1 3
  truncate -s 5G sparse
  printf end >>sparse
  cp /bin/busybox capable
  echo quoted >$'name with\nnewline'
  chown 1000:50 file closed
  chown -h 70000:80000 link
  chmod 2750 closed
  chmod 4711 capable
  setcap cap_net_raw+ep capable
  setfattr -n user.note -v $'a\xffb' file
  setfacl -m u:1234:rx,g:99:r file
  setfacl -d -m u:1234:rwx empty
  touch -d '2001-02-03 04:05:06.123456789' file fifo empty sparse
  touch -h -d '1999-12-31 23:59:59.987654321' link
  cd - >/dev/null || return
}

tree_of_first_layer() { # tree_of_first_layer ROOT DIFF-ID
  printf '%s/layers/%s/diff\n' "$1" "${2#sha256:}"
}

@test "as root: all that a tree has survives a registry, a commit, an archive and the way back" {
  require_root
  local tree=$BATS_TEST_TMPDIR/tree wanted diff_id first second upper id
  all_kinds "$tree"
  # With the owners as they are, and all attributes.
  tar -C "$tree" --sort=name --format=pax --pax-option=delete=atime,delete=ctime --numeric-owner \
    --xattrs --xattrs-include='user.*' --xattrs-include='security.*' --acls --sparse \
    -cf "$BATS_TEST_TMPDIR/layer.tar" .
  gzip -k "$BATS_TEST_TMPDIR/layer.tar"
  diff_id=sha256:$(sha256sum <"$BATS_TEST_TMPDIR/layer.tar" | cut -d' ' -f1)
  wanted=$(seen_by_tar "$tree")
  oci_layout "$BATS_TEST_TMPDIR/layout" kinds '{"Cmd":["/bin/true"]}' "$BATS_TEST_TMPDIR/layer.tar.gz"

  # umoci's view of the same layer is GNU tar's, but for ACLs, which it does not know.
  umoci unpack --image "$BATS_TEST_TMPDIR/layout:kinds" "$BATS_TEST_TMPDIR/bundle"
  equal "$(seen_by_tar "$BATS_TEST_TMPDIR/bundle/rootfs" --no-acls)" "$(seen_by_tar "$tree" --no-acls)" \
    "umoci's view"

  start_registry plain
  skopeo --insecure-policy copy -q --dest-tls-verify=false "oci:$BATS_TEST_TMPDIR/layout:kinds" \
    "docker://$REGISTRY/kinds:1"
  mc pull -q "$REGISTRY/kinds:1"
  assert_status 0
  first=$(tree_of_first_layer "$MYCONTAINER_ROOT" "$diff_id")
  equal "$(seen_by_tar "$first")" "$wanted" "what was pulled"
  (($(stat -c %b "$first/kinds/sparse") < 1000)) || fail "the sparse file has become a whole one"

  mc run --name changer "$REGISTRY/kinds:1" /bin/sh -c 'cd /kinds; rm fifo; rm -r closed; mkdir closed
    echo more >>file; ln file third-name; touch -d "2011-01-01 01:01:01" empty; chmod 1777 empty'
  assert_status 0
  id=$(id_of changer)
  upper=$MYCONTAINER_ROOT/containers/$id/upper
  [[ -d $upper/kinds ]] || fail "no upper directory"
  mc commit changer changed:1
  assert_status 0
  mc save --format oci-archive -o "$BATS_TEST_TMPDIR/saved.tar" changed:1
  assert_status 0

  export MYCONTAINER_ROOT=$BATS_TEST_TMPDIR/elsewhere
  mc load -i "$BATS_TEST_TMPDIR/saved.tar"
  assert_status 0
  equal "$(seen_by_tar "$(tree_of_first_layer "$MYCONTAINER_ROOT" "$diff_id")")" "$wanted" \
    "the first layer in the end"
  second=$(find "$MYCONTAINER_ROOT/layers" -maxdepth 1 -mindepth 1 -type d ! -name "${diff_id#sha256:}")
  equal "$(cd "$second/diff/kinds" && find . ! -type c -printf '%P %y %m %U %G %s %T@ %l %n\n' | sort)" \
    "$(cd "$upper/kinds" && find . ! -type c -printf '%P %y %m %U %G %s %T@ %l %n\n' | sort)" "the committed layer"

  mc run --rm changed:1 /bin/sh -c 'cd /kinds; ls; cat third-name; stat -c "%u:%g %a" file closed'
  assert_status 0
  refute_contains fifo
  assert_contains more
  assert_contains "1000:50 "

  skopeo --insecure-policy copy -q "oci-archive:$BATS_TEST_TMPDIR/saved.tar" "oci:$BATS_TEST_TMPDIR/copy:saved"
  umoci unpack --image "$BATS_TEST_TMPDIR/copy:saved" "$BATS_TEST_TMPDIR/bundle2"
  equal "$(cd "$BATS_TEST_TMPDIR/bundle2/rootfs/kinds" && find . | sort)" "$(printf '%s\n' . ./capable ./closed ./empty ./file \
    ./link $'./name with\nnewline' ./null ./other-name ./sparse ./third-name | sort)" "umoci's view of the commit"
}
