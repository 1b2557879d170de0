# import: an image of one layer from an archive of files.
load helpers
load images

setup() {
  export MYCONTAINER_ROOT=$BATS_TEST_TMPDIR/root
  work=$BATS_TEST_TMPDIR
  mkdir -p "$work/tree/bin"
  cp /bin/busybox "$work/tree/bin/busybox"
  ln "$work/tree/bin/busybox" "$work/tree/bin/cat"
  echo word >"$work/tree/word"
  layer_tar "$work/tree.tar" "$work/tree"
}

@test "a tar archive becomes an image with one layer, from a file and from a pipe, compressed or not" {
  mc import "$work/tree.tar" demo
  assert_status 0
  id=$output
  [[ $id =~ ^sha256:[0-9a-f]{64}$ ]] || fail "'$id' is no ID"
  mc inspect --type image --format '{{.Id}} {{len .RootFS.Layers}} {{index .RootFS.Layers 0}}' demo
  assert_output "$id 1 sha256:$(sha256sum <"$work/tree.tar" | cut -d' ' -f1)"
  local compress
  for compress in cat gzip xz bzip2 "zstd -q"; do
    mc_shell "$compress <'$work/tree.tar' | \$MYCONTAINER import - 'demo:${compress%% *}'"
    assert_status 0
    mc inspect --type image --format '{{index .RootFS.Layers 0}}' "demo:${compress%% *}"
    assert_output "sha256:$(sha256sum <"$work/tree.tar" | cut -d' ' -f1)"
  done
}

@test "--change and --message are in the image" {
  mc import -c 'ENV A=1 B="x y"' -c 'CMD ["/bin/cat", "/word"]' -c 'EXPOSE 80' -m 'by hand' "$work/tree.tar" demo
  assert_status 0
  mc inspect --type image --format '{{json .Config.Env}} {{json .Config.Cmd}} {{json .Config.ExposedPorts}}' demo
  assert_output '["A=1","B=x y"] ["/bin/cat","/word"] {"80/tcp":{}}'
  mc history --format '{{.Comment}}' demo
  assert_output "by hand"
}

@test "what is wrong is refused before anything is kept" {
  mc import -c 'RUN x' "$work/tree.tar" demo
  assert_status 1
  assert_stderr_contains "RUN is not a valid change command"
  mc import "$work/tree.tar" "demo@sha256:$(printf 'a%.0s' {1..64})"
  assert_status 1
  mc import "$work/tree.tar" UPPER
  assert_status 1
  mc_shell 'head -c 100000 /dev/urandom | $MYCONTAINER import - demo'
  assert_status 1
  mc_shell '$MYCONTAINER import - demo </dev/null'
  assert_status 1
  assert_stderr_contains "the archive is empty"
  mc import http://127.0.0.1:1/x.tar demo
  assert_status 1
  assert_stderr_contains "curl"
  equal 0 "$(find "$MYCONTAINER_ROOT/images/blobs" "$MYCONTAINER_ROOT/images/incomplete" -type f | wc -l)" "number of blobs left"
}

@test "members that lead out of the layer are refused" {
  mkdir "$work/x"
  echo out >"$work/x/f"
  tar -C "$work/x" --transform 's,f,../../../../../..'"$work"'/escaped,' -P -cf "$work/evil.tar" f
  mc import "$work/evil.tar" demo
  assert_status 1
  [[ ! -e $work/escaped ]] || fail "it was written outside"
}
