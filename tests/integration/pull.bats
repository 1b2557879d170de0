#!/usr/bin/env bats
# pull from a real registry: plain, TLS, with sign-on; names, platforms, interruption, hostile answers.
load helpers
load images
load registry
load lifecycle

setup_file() {
  private_roots
  export IMAGES=$BATS_FILE_TMPDIR/images
  local BATS_TEST_TMPDIR=$BATS_FILE_TMPDIR tree=$BATS_FILE_TMPDIR/tree
  mkdir -p "$tree/second"
  busybox_tree "$tree/first"
  echo first >"$tree/first/which"
  echo second >"$tree/second/which"
  layer_tar "$tree/base.tar" "$tree/first"
  gzip -n "$tree/base.tar"
  layer_tar "$tree/top.tar" "$tree/second"
  gzip -nk "$tree/top.tar"
  oci_layout "$IMAGES" one '{"Cmd":["cat","/which"]}' "$tree/base.tar.gz" >"$IMAGES.one"
  oci_layout "$IMAGES" two '{"Cmd":["cat","/which"]}' "$tree/base.tar.gz" "$tree/top.tar.gz" >"$IMAGES.two"
  IMAGE_ARCHITECTURE=s390x oci_layout "$IMAGES" other '{"Cmd":["x"]}' "$tree/top.tar" >"$IMAGES.other"
}

setup() {
  export MYCONTAINER_ROOT=$BATS_TEST_TMPDIR/root MYCONTAINER_STATE_ROOT=$BATS_TEST_TMPDIR/state
  export CONTAINERS_REGISTRIES_CONF=$BATS_TEST_TMPDIR/registries.conf DOCKER_CONFIG=$BATS_TEST_TMPDIR/docker
  : >"$CONTAINERS_REGISTRIES_CONF"
  chmod 755 "$BATS_TEST_TMPDIR"
}
teardown() {
  stop_registry
  remove_all
  ! mountpoint -q "$MYCONTAINER_ROOT" || umount "$MYCONTAINER_ROOT"
}

blob() { printf '%s/images/blobs/sha256/%s\n' "$MYCONTAINER_ROOT" "${1#sha256:}"; }
# The digests of the layers of an image of the layout.
layers_of() { jq -r '.layers[].digest' "$IMAGES/blobs/sha256/$(cut -d: -f2 "$IMAGES.$1")"; }
# asked METHOD-AND-PATH: how many such requests the registry had.
asked() { grep -c "\"$1 HTTP" "$REGISTRY_HOME/log" || true; }
nothing_incomplete() { [[ -z $(ls -A "$MYCONTAINER_ROOT/images/incomplete") ]]; }
# big_image NAME MEGABYTES: with a layer that cannot be compressed; prints the layer's digest.
big_image() {
  local tree=$BATS_TEST_TMPDIR/$1.tree
  mkdir -p "$tree"
  head -c "${2}M" /dev/urandom >"$tree/data"
  layer_tar "$tree.tar" "$tree"
  rm -rf "$tree"
  oci_layout "$BATS_TEST_TMPDIR/$1.layout" "$1" '{}' "$tree.tar" >/dev/null
  put_layout "$BATS_TEST_TMPDIR/$1.layout" "$1" "$1:latest" >&2
  printf 'sha256:%s\n' "$(sha256sum <"$tree.tar" | cut -d' ' -f1)"
}

@test "an image that is pulled by its tag runs, and pulling it again finds it up to date" {
  start_registry
  put_layout "$IMAGES" two box/two:v1
  mc pull "$REGISTRY/box/two:v1"
  assert_status 0
  assert_contains "v1: Pulling from box/two"
  assert_contains "$(layers_of two | head -1 | cut -c8-19): Pull complete"
  assert_contains "Digest: $(cat "$IMAGES.two")"
  assert_contains "Status: Downloaded newer image for $REGISTRY/box/two:v1"
  equal "$REGISTRY/box/two:v1" "${output##*$'\n'}" "the last line"
  mc run --rm "$REGISTRY/box/two:v1"
  assert_status 0
  assert_output second
  mc pull "$REGISTRY/box/two:v1"
  assert_status 0
  assert_contains "Status: Image is up to date for $REGISTRY/box/two:v1"
  equal 1 "$(asked "GET /v2/box/two/blobs/$(layers_of two | head -1)")" "downloads of the layer"
  nothing_incomplete
}

@test "without a tag it is latest, which the first line says; quiet prints the name alone" {
  start_registry
  put_layout "$IMAGES" one one:latest
  mc pull "$REGISTRY/one"
  assert_status 0
  equal "Using default tag: latest" "${output%%$'\n'*}" "the first line"
  mc pull -q "$REGISTRY/one"
  assert_output "$REGISTRY/one:latest"
  equal "" "$stderr" "stderr"
}

@test "by digest: the manifest that was asked for, without a tag" {
  start_registry
  put_layout "$IMAGES" one one:latest
  local digest
  digest=$(cat "$IMAGES.one")
  mc pull -q "$REGISTRY/one@$digest"
  assert_status 0
  assert_output "$REGISTRY/one@$digest"
  mc run --rm --pull never "$REGISTRY/one@$digest"
  assert_output first
  mc run --rm --pull never "$REGISTRY/one:latest"
  assert_status 125
  mc pull "$REGISTRY/one@sha256:$(printf '%064d' 7)"
  assert_status 1
  assert_one_line
}

@test "over TLS with a private authority, and never without it" {
  start_registry tls
  put_layout "$IMAGES" one one:latest
  mc pull -q --cert-dir "$REGISTRY_CERTS" "$REGISTRY/one"
  assert_status 0
  rm -rf "$MYCONTAINER_ROOT"
  mc pull -q --tls-verify "$REGISTRY/one"
  assert_error certificate
  mc pull -q --tls-verify=false "$REGISTRY/one"
  assert_status 0
}

@test "with a user's name and password, and refused without" {
  start_registry auth
  put_layout "$IMAGES" one one:latest
  mc pull "$REGISTRY/one"
  assert_status 1
  assert_one_line
  assert_stderr_contains "unauthorized"
  printf '{"auths":{"%s":{"auth":"%s"}}}' "$REGISTRY" \
    "$(printf '%s:%s' "$REGISTRY_USER" "$REGISTRY_PASSWORD" | base64 -w0)" >"$BATS_TEST_TMPDIR/auth.json"
  mc pull -q --authfile "$BATS_TEST_TMPDIR/auth.json" "$REGISTRY/one"
  assert_status 0
}

# An index of the images "one" (this machine) and "other".
put_index() {
  local name entries="" digest
  for name in one other; do
    digest=$(cat "$IMAGES.$name")
    entries+=$(printf '{"mediaType":"application/vnd.oci.image.manifest.v1+json","digest":"%s","size":%s,"platform":{"os":"linux","architecture":"%s"}},' \
      "$digest" "$(stat -c %s "$IMAGES/blobs/sha256/${digest#sha256:}")" \
      "$([[ $name == one ]] && dpkg --print-architecture || echo s390x)")
    with_skopeo copy --preserve-digests "oci:$IMAGES:$name" "docker://$REGISTRY/$1:$name"
    assert_status 0
  done
  printf '{"schemaVersion":2,"mediaType":"application/vnd.oci.image.index.v1+json","manifests":[%s]}' \
    "${entries%,}" >"$BATS_TEST_TMPDIR/index"
  registry_get "/v2/$1/manifests/latest" -X PUT --data-binary "@$BATS_TEST_TMPDIR/index" \
    -H 'Content-Type: application/vnd.oci.image.index.v1+json'
  index_digest=sha256:$(sha256sum <"$BATS_TEST_TMPDIR/index" | cut -d' ' -f1)
}

@test "of an index the manifest of this machine, or of the platform that was asked for" {
  start_registry
  put_index multi
  mc pull "$REGISTRY/multi"
  assert_status 0
  assert_contains "Digest: $index_digest"
  mc run --rm "$REGISTRY/multi"
  assert_output first
  mc pull -q --platform linux/s390x "$REGISTRY/multi"
  assert_status 0
  mc run --rm --pull never "$REGISTRY/multi"
  assert_stderr_contains "The requested image's platform (linux/s390x) does not match"
  mc run --rm --pull never --platform "linux/$(dpkg --print-architecture)" "$REGISTRY/multi"
  assert_status 125
  assert_stderr_contains "no such image"
  mc pull -q --platform linux/riscv64 "$REGISTRY/multi"
  assert_error "no matching manifest for linux/riscv64"
  mc pull -q --platform linux/s390x "$REGISTRY/multi:one"
  assert_error "does not match the specified platform"
}

@test "all tags of a repository" {
  start_registry
  put_layout "$IMAGES" one many:a
  put_layout "$IMAGES" two many:b
  mc pull -a "$REGISTRY/many"
  assert_status 0
  assert_contains "a: Pulling from many"
  assert_contains "b: Pulling from many"
  mc run --rm --pull never "$REGISTRY/many:a"
  assert_output first
  mc run --rm --pull never "$REGISTRY/many:b"
  assert_output second
  mc pull -a "$REGISTRY/many:a"
  assert_error "tag can't be used with --all-tags/-a"
}

@test "from a mirror that registries.conf names, under the name that was meant" {
  start_registry
  put_layout "$IMAGES" one there/one:latest
  cat >"$CONTAINERS_REGISTRIES_CONF" <<END
[[registry]]
prefix = "away.invalid/here"
location = "away.invalid/here"
[[registry.mirror]]
location = "$REGISTRY/there"
insecure = true
[aliases]
shorty = "away.invalid/here/one"
END
  mc pull -q away.invalid/here/one
  assert_status 0
  assert_output away.invalid/here/one:latest
  mc run --rm --pull never shorty
  assert_output first
  mc pull -q shorty
  assert_output away.invalid/here/one:latest
}

@test "from a blocked registry nothing comes" {
  start_registry
  put_layout "$IMAGES" one one:latest
  printf '[[registry]]\nlocation = "%s"\nblocked = true\n' "$REGISTRY" >"$CONTAINERS_REGISTRIES_CONF"
  mc pull -q "$REGISTRY/one"
  assert_error blocked
  equal 0 "$(asked "GET /v2/one/manifests/latest")" "requests"
}

# pull_until HEX IMAGE: a pull that is killed once a megabyte of the blob is here.
pull_until() {
  python3 - "$MYCONTAINER_ROOT/images/incomplete" "$1" "$MYCONTAINER" "$2" <<'END'
import os, subprocess, sys
directory, name, program, image = sys.argv[1:]
pull = subprocess.Popen([program, "pull", "-q", image], stdout=subprocess.DEVNULL)
while pull.poll() is None:
    try:
        if any(e.name.startswith(name) and e.stat().st_size > 1 << 20 for e in os.scandir(directory)):
            break
    except FileNotFoundError:
        pass
pull.kill()
pull.wait()
END
}

@test "what kill -9 interrupted goes on where it was" {
  start_registry
  local digest hex size left attempt
  digest=$(big_image big 96)
  hex=${digest#sha256:}
  size=$(stat -c %s "$BATS_TEST_TMPDIR/big.tree.tar")
  for ((attempt = 0; attempt < 10; attempt++)); do
    rm -rf "$MYCONTAINER_ROOT"
    pull_until "sha256-$hex" "$REGISTRY/big"
    left=$(stat -c %s "$MYCONTAINER_ROOT/images/incomplete/sha256-$hex" 2>/dev/null) && break
  done
  echo "left: $left of $size"
  ((left > 0 && left < size))
  mc run --rm --pull never "$REGISTRY/big"
  assert_stderr_contains "no such image"
  mc pull -q "$REGISTRY/big"
  assert_status 0
  # All that was missing, and no byte more.
  grep "GET /v2/big/blobs/$digest HTTP/1.1\" 206 $((size - left)) " "$REGISTRY_HOME/log"
  equal "$hex  -" "$(sha256sum <"$(blob "$digest")")" "the blob's digest"
  nothing_incomplete
}

@test "Ctrl-C ends a pull from a registry that does not answer" {
  start_registry
  put_layout "$IMAGES" one one:latest
  kill -STOP "$REGISTRY_PID"
  on_terminal pause=500 'send=\x03' -- pull "$REGISTRY/one"
  kill -CONT "$REGISTRY_PID"
  assert_status 130
  mc pull -q "$REGISTRY/one"
  assert_status 0
  nothing_incomplete
}

@test "the same image pulled four times at once comes once" {
  start_registry
  local digest pids=() pid
  digest=$(big_image big 24)
  for _ in 1 2 3 4; do
    "$MYCONTAINER" pull -q "$REGISTRY/big" >/dev/null 3>&- &
    pids+=($!)
  done
  for pid in "${pids[@]}"; do wait "$pid"; done
  equal 1 "$(asked "GET /v2/big/blobs/$digest")" "downloads"
  nothing_incomplete
  equal 1 "$(find "$MYCONTAINER_ROOT/layers" -mindepth 1 -maxdepth 1 -type d | wc -l)" "layers"
}

@test "different images with common layers pulled at once are all whole" {
  start_registry
  put_layout "$IMAGES" one one:latest
  put_layout "$IMAGES" two two:latest
  local pids=() pid name
  for name in one two one two; do
    "$MYCONTAINER" pull -q "$REGISTRY/$name" >/dev/null 3>&- &
    pids+=($!)
  done
  for pid in "${pids[@]}"; do wait "$pid"; done
  mc run --rm --pull never "$REGISTRY/one"
  assert_output first
  mc run --rm --pull never "$REGISTRY/two"
  assert_output second
  nothing_incomplete
}

@test "a blob whose content is not its digest's is refused, and nothing of it is kept" {
  start_registry
  put_layout "$IMAGES" one one:latest
  local hex
  hex=$(layers_of one | cut -d: -f2)
  printf 'XX' | dd of="$REGISTRY_HOME/data/docker/registry/v2/blobs/sha256/${hex:0:2}/$hex/data" \
    bs=1 seek=1000 conv=notrunc status=none
  mc pull "$REGISTRY/one"
  assert_status 1
  assert_one_line
  assert_stderr_contains "$hex"
  [[ ! -e $(blob "$hex") ]] || fail "the blob is in the store"
  nothing_incomplete
  mc run --rm --pull never "$REGISTRY/one"
  assert_stderr_contains "no such image"
}

@test "as root: a full disk is one clear error, and leaves nothing behind" {
  require_root
  start_registry
  big_image big 40 >/dev/null
  mkdir -p "$MYCONTAINER_ROOT"
  mount -t tmpfs -o size=24m full-disk "$MYCONTAINER_ROOT"
  mc pull "$REGISTRY/big"
  assert_status 1
  assert_one_line
  assert_stderr_contains ENOSPC
  nothing_incomplete
  equal 0 "$(find "$MYCONTAINER_ROOT/layers" -name diff 2>/dev/null | wc -l)" "layers"
}

@test "a name that is none, and an image that is not there, are one line" {
  start_registry
  mc pull "$REGISTRY/UPPER"
  assert_error "must be lowercase"
  mc pull "$REGISTRY/absent"
  assert_status 1
  assert_one_line
  mc pull
  assert_status 1
  stop_registry
  mc pull "$REGISTRY/absent"
  assert_status 1
  assert_one_line
}

@test "a pull is an event" {
  start_registry
  put_layout "$IMAGES" one one:latest
  mc pull -q "$REGISTRY/one"
  grep '"action":"pull"' "$MYCONTAINER_STATE_ROOT/events" | grep -F "$REGISTRY/one:latest"
}

@test "run pulls what is missing and says so on standard error" {
  start_registry
  put_layout "$IMAGES" one one:latest
  mc run --rm "$REGISTRY/one"
  assert_status 0
  assert_output first
  assert_stderr_contains "Unable to find image '$REGISTRY/one:latest' locally"
  assert_stderr_contains "latest: Pulling from one"
  assert_stderr_contains "Status: Downloaded newer image for $REGISTRY/one:latest"
  mc run --rm "$REGISTRY/one"
  assert_output first
  equal "" "$stderr" "stderr of the second run"
}

@test "run --quiet pulls without a word, --pull never not at all, --pull always anew" {
  start_registry
  put_layout "$IMAGES" one one:latest
  mc run --rm --pull never "$REGISTRY/one"
  assert_refused "no such image: $REGISTRY/one:latest"
  mc run --rm -q "$REGISTRY/one"
  assert_output first
  equal "" "$stderr" "stderr"
  put_layout "$IMAGES" two one:latest
  mc run --rm "$REGISTRY/one"
  assert_output first
  mc run --rm --pull always -q "$REGISTRY/one"
  assert_output second
  mc run --rm --pull sometimes "$REGISTRY/one"
  assert_refused "--pull"
}
