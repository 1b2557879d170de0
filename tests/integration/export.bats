# export: the files of a container as an archive.
load helpers
load images

setup_file() {
  private_roots
  local tree=$BATS_FILE_TMPDIR/tree
  BATS_TEST_TMPDIR=$BATS_FILE_TMPDIR
  busybox_tree "$tree"
  mkdir "$tree/data" "$tree/sub"
  echo word >"$tree/sub/word"
  touch -d '2020-01-02 03:04:05.123456789Z' "$tree/sub/word"
  chmod 4751 "$tree/sub/word"
  ln -s word "$tree/sub/link"
  mkfifo "$tree/sub/fifo"
  layer_tar "$BATS_FILE_TMPDIR/tree.tar" "$tree"
}

# What GNU tar says of an archive, without the names that an engine adds.
listing() {
  tar --full-time --numeric-owner -tvf "$1" | sed 's, \./, ,' | grep -vE ' (|dev/.*|\.dockerenv|etc/(hosts|hostname|resolv.conf|mtab)|run/.*)$' | grep -vE ' (dev|proc|sys|etc|run)/$' | sort -k6
}

@test "a container is exported with all that GNU tar sees in its files, and imported again" {
  mc create --name one --rootfs "$BATS_FILE_TMPDIR/tree" true
  assert_status 0
  mc export -o "$BATS_TEST_TMPDIR/out.tar" one
  assert_status 0
  diff <(listing "$BATS_FILE_TMPDIR/tree.tar") <(listing "$BATS_TEST_TMPDIR/out.tar")
  mc_shell "\$MYCONTAINER export one | \$MYCONTAINER import - demo:again"
  assert_status 0
  mc inspect --type image --format '{{index .RootFS.Layers 0}}' demo:again
  assert_output "sha256:$(sha256sum <"$BATS_TEST_TMPDIR/out.tar" | cut -d' ' -f1)"
  mc rm one
}

@test "a running container is exported with its changes and without what is mounted in it" {
  mkdir -p "$BATS_TEST_TMPDIR/volume"
  chmod 755 "$BATS_TEST_TMPDIR"
  echo secret >"$BATS_TEST_TMPDIR/volume/secret"
  mc run -d --name two -v "$BATS_TEST_TMPDIR/volume:/data" /bin/sh -c 'echo new >/new; exec sleep 100'
  assert_status 0
  mc exec two sh -c 'until [ -s /new ]; do :; done'
  mc export -o "$BATS_TEST_TMPDIR/out.tar" two
  assert_status 0
  equal new "$(tar -xOf "$BATS_TEST_TMPDIR/out.tar" ./new)" "the new file"
  tar -tf "$BATS_TEST_TMPDIR/out.tar" >"$BATS_TEST_TMPDIR/names"
  grep -qx ./data/ "$BATS_TEST_TMPDIR/names" || fail "the mount point is missing"
  ! grep -E 'secret|^./proc/.|^./sys/.|^./dev/.' "$BATS_TEST_TMPDIR/names" || fail "what is mounted came along"
  mc rm -f two
}

@test "a terminal is refused, and a failed export leaves no file" {
  on_terminal -- export nobody
  [[ $output$stderr == *"cowardly refusing to save to a terminal"* ]] || fail "it was not refused"
  mkdir "$BATS_TEST_TMPDIR/out"
  mc export -o "$BATS_TEST_TMPDIR/out/x" nobody
  assert_status 1
  equal "" "$(ls -A "$BATS_TEST_TMPDIR/out")" "what was left"
}
