#!/usr/bin/env bats
# Layers that want out, through `load`: what unit_layer does with every kind of them byte by byte, here
# with the whole program around it. A canary stands beside the data root.
load helpers
load images
load lifecycle

setup() {
  name=c$BATS_TEST_NUMBER
  tree=$BATS_TEST_TMPDIR/tree
  mkdir -p "$tree" "$BATS_FILE_TMPDIR/canary"
  echo canary >"$BATS_FILE_TMPDIR/canary/file"
  canary_before=$(canary)
}
teardown() { remove_all; }

canary() { find "$BATS_FILE_TMPDIR/canary" -printf '%p %y %m %U %G %s %n\n' | sort; cat "$BATS_FILE_TMPDIR/canary/file"; }

# hostile TAR-OPTION...: a layer of $tree's files with names as the options make them, as an image.
hostile() {
  tar -C "$tree" --numeric-owner -P "$@" -cf "$BATS_TEST_TMPDIR/layer.tar"
  oci_archive "$BATS_TEST_TMPDIR/image.tar" "hostile:$BATS_TEST_NUMBER" '{}' "$BATS_TEST_TMPDIR/layer.tar"
  mc load -i "$BATS_TEST_TMPDIR/image.tar"
}
assert_nothing_came() { # assert_nothing_came WORDS: the error has them, and that is all there is
  [[ $status != 0 ]] || fail "it was loaded"
  assert_stderr_contains "$1"
  equal "$canary_before" "$(canary)" "the canary"
  mc images -q "hostile:$BATS_TEST_NUMBER"
  assert_output ""
  equal "" "$(find "$MYCONTAINER_ROOT/layers" -mindepth 1 -maxdepth 1 -name '.unfinished*')" "what is left"
}

@test "a hostile layer: names with .. are refused" {
  echo evil >"$tree/x"
  hostile --transform "s,^x,../../../../canary/file," x
  assert_nothing_came "leads out of"
}

@test "a hostile layer: a link out of the layer is not followed" {
  ln -s "$BATS_FILE_TMPDIR/canary" "$tree/way"
  echo evil >"$tree/file"
  hostile --transform 's,^file,way/file,' way file
  assert_nothing_came "follow the link to a directory of this layer"
}

@test "a hostile layer: a hard link to what the layer does not have is an error that says so" {
  echo x >"$tree/a"
  ln "$tree/a" "$tree/b"
  tar -C "$tree" -cf "$BATS_TEST_TMPDIR/layer.tar" a b
  tar --delete -f "$BATS_TEST_TMPDIR/layer.tar" a
  oci_archive "$BATS_TEST_TMPDIR/image.tar" "hostile:$BATS_TEST_NUMBER" '{}' "$BATS_TEST_TMPDIR/layer.tar"
  mc load -i "$BATS_TEST_TMPDIR/image.tar"
  assert_nothing_came "a hard link to \"a\", which this layer does not have"
}

@test "a hostile layer: a whiteout of .. is refused" {
  echo >"$tree/x"
  hostile --transform 's,^x,.wh...,' x
  assert_nothing_came "whiteout"
}

@test "a hostile layer: a wrong diff ID is an error, and nothing of the layer stays" {
  echo x >"$tree/x"
  tar -C "$tree" -cf "$BATS_TEST_TMPDIR/layer.tar" x
  oci_layout "$BATS_TEST_TMPDIR/layout" "hostile:$BATS_TEST_NUMBER" '{}' "$BATS_TEST_TMPDIR/layer.tar"
  cd "$BATS_TEST_TMPDIR/layout"
  local manifest config wrong digest
  manifest=$(jq -r '.manifests[0].digest' index.json)
  config=$(jq -r .config.digest "blobs/sha256/${manifest#*:}")
  wrong=$(printf '%064d' 7)
  jq -c --arg d "sha256:$wrong" '.rootfs.diff_ids = [$d]' "blobs/sha256/${config#*:}" >../config
  read -r digest size < <(put_blob . ../config)
  jq -c --arg d "$digest" --argjson s "$size" '.config.digest = $d | .config.size = $s' "blobs/sha256/${manifest#*:}" >../manifest
  read -r digest size < <(put_blob . ../manifest)
  jq -c --arg d "$digest" --argjson s "$size" '.manifests[0].digest = $d | .manifests[0].size = $s' index.json >../index
  cp ../index index.json
  tar -cf ../image.tar .
  mc load -i ../image.tar
  assert_nothing_came "$wrong"
}

@test "a hostile layer: a bomb is stopped, and nothing of it stays" {
  truncate -s 3G "$tree/zeros"
  tar -C "$tree" -cf - zeros | zstd -q >"$BATS_TEST_TMPDIR/layer.tar.zst"
  oci_archive "$BATS_TEST_TMPDIR/image.tar" "hostile:$BATS_TEST_NUMBER" '{}' "$BATS_TEST_TMPDIR/layer.tar.zst"
  mc load -i "$BATS_TEST_TMPDIR/image.tar"
  assert_nothing_came "unpacks to more than"
}

@test "as an ordinary user: without subuid ranges the files of other ids are root's, and he is told once" {
  require_rootless
  if grep -q "^$(id -un):" /etc/subuid 2>/dev/null; then skip "needs one id only"; fi
  echo x >"$tree/x"
  echo y >"$tree/y"
  hostile --owner=33 --group=44 x y
  assert_status 0
  assert_stderr_contains "2 files belong to ids that user"
  assert_stderr_contains "only one id is mapped"
}
