# load and save: archives of skopeo, podman and umoci, ours read by them, and hostile ones.
load helpers
load images

setup() {
  export MYCONTAINER_ROOT=$BATS_TEST_TMPDIR/root
  work=$BATS_TEST_TMPDIR
  mkdir -p "$work/one/bin" "$work/two"
  cp /bin/busybox "$work/one/bin/busybox"
  ln -s busybox "$work/one/bin/cat"
  echo from the second layer >"$work/two/word"
  layer_tar "$work/one.tar" "$work/one"
  layer_tar "$work/two.tar" "$work/two"
  gzip -kn "$work/two.tar"
  printf '{"default":[{"type":"insecureAcceptAnything"}]}' >"$work/policy.json"
}

copy() { skopeo --policy "$work/policy.json" copy -q "$@"; }
demo() { oci_archive "$work/oci.tar" "${1-demo:one}" '{"Cmd":["/bin/cat","/word"]}' "$work/one.tar" "$work/two.tar.gz"; }
image_id() { mc inspect --type image --format '{{.Id}}' "$1" >&2 && echo "$output"; }
blobs() { find "$MYCONTAINER_ROOT/images/blobs" "$MYCONTAINER_ROOT/images/incomplete" -type f | wc -l; }
layers() { find "$MYCONTAINER_ROOT/layers" -mindepth 1 -maxdepth 1 -type d | wc -l; }
nothing_left() {
  [[ ! -d $MYCONTAINER_ROOT/images ]] || equal 0 "$(blobs)" "number of blobs left"
  [[ ! -d $MYCONTAINER_ROOT/layers ]] || equal 0 "$(layers)" "number of layers left"
}
# docker_archive FILE MANIFEST.JSON MEMBER...: a hand-made one; MANIFEST.JSON may use $CONFIG.
docker_archive() {
  local tree=$work/tree diff
  rm -rf "$tree" && mkdir "$tree"
  cp "$work/one.tar" "$tree/layer.tar"
  diff=$(sha256sum <"$work/one.tar" | cut -d' ' -f1)
  printf '{"architecture":"%s","os":"linux","config":{},"rootfs":{"type":"layers","diff_ids":["sha256:%s"]}}' \
    "$(dpkg --print-architecture)" "$diff" >"$tree/config.json"
  printf '%s' "$2" >"$tree/manifest.json"
  tar -C "$tree" -cf "$1" .
}
refused() { # refused WORDS: what load just said, with nothing left
  assert_status 1
  assert_stderr_contains "$1"
  nothing_left
}

@test "an OCI archive is loaded from a file, from a pipe and compressed in any way, once" {
  demo
  mc load -i "$work/oci.tar"
  assert_status 0
  assert_output "Loaded image: demo:one"
  before=$(blobs)
  local compress
  for compress in cat gzip bzip2 xz "zstd -q"; do
    mc_shell "$compress <'$work/oci.tar' | \$MYCONTAINER load -q"
    assert_status 0
    assert_output "Loaded image: demo:one"
  done
  equal "$before" "$(blobs)" "number of blobs"
  equal 2 "$(layers)" "number of layers"
}

@test "a directory with an OCI layout is loaded" {
  oci_layout "$work/layout" demo:dir '{}' "$work/one.tar" >/dev/null
  mc load -i "$work/layout"
  assert_output "Loaded image: demo:dir"
}

@test "a docker-archive of skopeo's is loaded, from a file and from a pipe" {
  demo
  copy "oci-archive:$work/oci.tar" "docker-archive:$work/docker.tar:demo:docker"
  mc load -i "$work/docker.tar"
  assert_output "Loaded image: demo:docker"
  mc_shell "cat '$work/docker.tar' | \$MYCONTAINER load"
  assert_output "Loaded image: demo:docker"
  # The configuration is the same, and so is the image.
  mc load -q -i "$work/oci.tar"
  equal "$(image_id demo:one)" "$(image_id demo:docker)" "the image's ID"
}

@test "what is saved gives the same image again, in every format, and the same bytes each time" {
  demo
  mc load -q -i "$work/oci.tar"
  id=$(image_id demo:one)
  local format
  for format in "" --format=docker-archive --format=oci-archive --format=oci-dir; do
    rm -rf "$work/saved"
    mc save $format -o "$work/saved" demo:one
    assert_status 0
    MYCONTAINER_ROOT=$work/other mc load -i "$work/saved"
    assert_output "Loaded image: demo:one"
    equal "$id" "$(MYCONTAINER_ROOT=$work/other image_id "$id")" "the ID after $format"
    rm -rf "$work/other"
  done
  mc_shell "\$MYCONTAINER save demo:one >'$work/a'; \$MYCONTAINER save -o '$work/b' demo:one; cmp '$work/a' '$work/b'"
  assert_status 0
}

@test "skopeo and umoci read what is saved, with equal digests" {
  demo
  mc load -q -i "$work/oci.tar"
  manifest=$(jq -r '.manifests[0].digest' "$MYCONTAINER_ROOT/images/index.json")
  mc save -o "$work/saved.tar" demo:one
  copy --preserve-digests "oci-archive:$work/saved.tar" "oci:$work/copied:x"
  equal "$manifest" "$(jq -r '.manifests[0].digest' "$work/copied/index.json")" "the manifest's digest"
  copy "docker-archive:$work/saved.tar:demo:one" "dir:$work/dir"
  mc save --format docker-archive -o "$work/docker.tar" demo:one
  copy "docker-archive:$work/docker.tar:demo:one" "dir:$work/dir2"
  mc save --format oci-dir -o "$work/layout" demo:one
  umoci list --layout "$work/layout"
  umoci unpack --rootless --image "$work/layout:one" "$work/unpacked"
  equal "from the second layer" "$(cat "$work/unpacked/rootfs/word")" "the file that umoci unpacked"
}

@test "as root: podman loads what is saved, and what podman saves is loaded" {
  require_root
  podman=(podman --root "$work/podman" --runroot "$work/podrun" --tmpdir "$work/podtmp" --storage-driver vfs)
  demo
  mc load -q -i "$work/oci.tar"
  id=$(image_id demo:one)
  mc save -o "$work/saved.tar" demo:one
  "${podman[@]}" load -q -i "$work/saved.tar"
  equal "${id#sha256:}" "$("${podman[@]}" images --no-trunc -q | sed 's/^sha256://' | head -n1)" "podman's ID"
  local format
  for format in docker-archive oci-archive; do
    rm -f "$work/theirs"
    "${podman[@]}" save -q --format $format -o "$work/theirs" "$id"
    MYCONTAINER_ROOT=$work/other-$format mc load -i "$work/theirs"
    assert_status 0
    MYCONTAINER_ROOT=$work/other-$format mc images -q --no-trunc
    assert_output "$id"
  done
}

@test "several images share their blobs, and a repository stands for all its tags" {
  demo demo:one
  mc load -q -i "$work/oci.tar"
  oci_archive "$work/oci2.tar" demo:two '{"Cmd":["x"]}' "$work/one.tar" "$work/two.tar.gz"
  mc load -q -i "$work/oci2.tar"
  mc save -o "$work/both.tar" demo
  assert_status 0
  # Two manifests, two configurations, two layers.
  equal 6 "$(tar -tf "$work/both.tar" | grep -c '^blobs/sha256/.')" "number of blobs in the archive"
  MYCONTAINER_ROOT=$work/other mc load -i "$work/both.tar"
  assert_output "Loaded image: demo:one
Loaded image: demo:two"
}

@test "a name that moves is told of, and an image by its ID is saved without a name" {
  demo
  mc load -q -i "$work/oci.tar"
  id=$(image_id demo:one)
  mc save -o "$work/nameless.tar" "$id"
  MYCONTAINER_ROOT=$work/other mc load -i "$work/nameless.tar"
  assert_output "Loaded image ID: $id"
  oci_archive "$work/new.tar" demo:one '{"Cmd":["new"]}' "$work/one.tar"
  mc load -i "$work/new.tar"
  assert_output "The image demo:one already exists, renaming the old one with ID $id to empty string
Loaded image: demo:one"
}

@test "saving to a terminal is refused, and a save that fails leaves no file" {
  on_terminal -- save demo:one
  [[ $output$stderr == *"cowardly refusing to save to a terminal"* ]] || fail "it was not refused"
  demo
  mc load -q -i "$work/oci.tar"
  mkdir "$work/out"
  mc save -o "$work/out/x" demo:one no-such-image
  assert_status 1
  layer=$(find "$MYCONTAINER_ROOT/images/blobs" -type f -size +100k)
  chmod u+w "$layer"
  truncate -s 1000 "$layer"
  mc save -o "$work/out/x" demo:one
  assert_status 1
  mc save --format oci-dir -o "$work/out/x" demo:one
  assert_status 1
  equal "" "$(ls -A "$work/out")" "what was left"
}

@test "a truncated archive is refused whatever it is and however it comes" {
  demo
  copy "oci-archive:$work/oci.tar" "docker-archive:$work/docker.tar:demo:docker"
  local archive
  for archive in oci docker; do
    head -c 1000000 "$work/$archive.tar" >"$work/cut.tar"
    mc load -i "$work/cut.tar"
    assert_status 1
    nothing_left
    mc_shell "cat '$work/cut.tar' | \$MYCONTAINER load"
    assert_status 1
    nothing_left
  done
  gzip -c "$work/oci.tar" | head -c 500000 >"$work/cut.gz"
  mc load -i "$work/cut.gz"
  assert_status 1
  nothing_left
}

@test "what is no archive of images is refused" {
  head -c 100000 /dev/urandom >"$work/noise"
  mc load -i "$work/noise"
  refused ""
  : >"$work/empty"
  mc load -i "$work/empty"
  refused "neither manifest.json nor index.json"
  mc load -i "$work/one.tar"
  refused "neither manifest.json nor index.json"
  mc load -i "$work/missing"
  refused "No such file"
}

@test "a blob that is not what its name says is refused" {
  oci_layout "$work/layout" demo:bad '{}' "$work/one.tar" >/dev/null
  blob=$(find "$work/layout/blobs" -size +100k)
  printf X | dd of="$blob" conv=notrunc bs=1 seek=5000 2>/dev/null
  tar -C "$work/layout" -cf "$work/bad.tar" .
  mc load -i "$work/bad.tar"
  refused "wrong content"
  mc_shell "cat '$work/bad.tar' | \$MYCONTAINER load"
  refused "wrong content"
  mc load -i "$work/layout"
  refused "wrong content"
}

@test "a layer that is not what the configuration says is refused" {
  docker_archive "$work/x.tar" '[{"Config":"config.json","RepoTags":["demo:x"],"Layers":["layer.tar"]}]'
  mc load -i "$work/x.tar"
  assert_output "Loaded image: demo:x"
  printf X | dd of="$work/tree/layer.tar" conv=notrunc bs=1 seek=5000 2>/dev/null
  tar -C "$work/tree" -cf "$work/x.tar" .
  MYCONTAINER_ROOT=$work/other mc load -i "$work/x.tar"
  assert_status 1
  MYCONTAINER_ROOT=$work/other mc_shell "cat '$work/x.tar' | \$MYCONTAINER load"
  assert_status 1
}

@test "another's configuration with layers that are not its own is refused, also where the true ones are" {
  mkdir -p "$work/layout"
  oci_layout "$work/layout" demo:true '{}' "$work/one.tar"
  mc load -i "$work/layout"
  assert_status 0
  mc save -o "$work/before.tar" demo:true
  local manifest false size config
  manifest=$(jq -r '.manifests[0].digest' "$work/layout/index.json")
  config=$(jq -c .config "$work/layout/blobs/sha256/${manifest#sha256:}")
  printf 'no layer' >"$work/false"
  read -r false size < <(put_blob "$work/layout" "$work/false")
  printf '{"schemaVersion":2,"config":%s,"layers":[{"mediaType":"application/vnd.oci.image.layer.v1.tar","digest":"%s","size":%s}]}' \
    "$config" "$false" "$size" >"$work/manifest"
  read -r manifest size < <(put_blob "$work/layout" "$work/manifest")
  printf '{"schemaVersion":2,"manifests":[{"mediaType":"application/vnd.oci.image.manifest.v1+json","digest":"%s","size":%s,"annotations":{"org.opencontainers.image.ref.name":"demo:false"}}]}' \
    "$manifest" "$size" >"$work/layout/index.json"
  mc load -i "$work/layout"
  assert_status 1
  mc images -q demo:false
  assert_output ""
  mc save -o "$work/after.tar" demo:true
  cmp "$work/before.tar" "$work/after.tar"
}

@test "names in an archive are never paths" {
  local name
  for name in ../../../../etc/passwd /etc/passwd config.json/../../../etc/passwd; do
    docker_archive "$work/x.tar" "[{\"Config\":\"$name\",\"RepoTags\":[],\"Layers\":[\"layer.tar\"]}]"
    mc load -i "$work/x.tar"
    refused ""
    mc load -i "$work/tree"
    refused ""
    docker_archive "$work/x.tar" "[{\"Config\":\"config.json\",\"RepoTags\":[],\"Layers\":[\"$name\"]}]"
    mc load -i "$work/x.tar"
    refused ""
    mc load -i "$work/tree"
    refused ""
  done
}

@test "links lead to members of the archive only" {
  docker_archive "$work/x.tar" '[{"Config":"config.json","RepoTags":["demo:x"],"Layers":["a/layer.tar"]}]'
  mkdir "$work/tree/a"
  ln -s ../layer.tar "$work/tree/a/layer.tar"
  tar -C "$work/tree" -cf "$work/x.tar" .
  mc load -i "$work/x.tar"
  assert_output "Loaded image: demo:x"
  mc load -i "$work/tree"
  assert_output "Loaded image: demo:x"
  mc_shell "cat '$work/x.tar' | \$MYCONTAINER load"
  assert_output "Loaded image: demo:x"
  mc rmi demo:x
  local target
  for target in "$work/one.tar" ../../one.tar layer.tar /proc/self/exe; do
    ln -sfn "$target" "$work/tree/a/layer.tar"
    tar -C "$work/tree" -cf "$work/x.tar" .
    mc load -i "$work/x.tar"
    refused ""
    mc load -i "$work/tree"
    refused ""
  done
}

@test "manifest.json of four megabytes and more, of great depth and of nonsense is refused" {
  docker_archive "$work/x.tar" "$(printf '[%.0s' {1..10000})"
  mc load -i "$work/x.tar"
  refused "nested deeper"
  docker_archive "$work/x.tar" '[{"Config":5}]'
  mc load -i "$work/x.tar"
  refused "Config"
  { printf '['; head -c 6000000 /dev/zero | tr '\0' ' '; printf ']'; } >"$work/tree/manifest.json"
  tar -C "$work/tree" -cf "$work/x.tar" .
  mc load -i "$work/x.tar"
  refused "4 MiB"
  mc_shell "cat '$work/x.tar' | \$MYCONTAINER load"
  refused "4 MiB"
}

@test "two members of one name, and a layer that is missing, are refused" {
  docker_archive "$work/x.tar" '[{"Config":"config.json","RepoTags":["demo:x"],"Layers":["layer.tar"]}]'
  tar -C "$work/tree" -rf "$work/x.tar" ./layer.tar
  mc load -i "$work/x.tar"
  refused "several members"
  mc_shell "cat '$work/x.tar' | \$MYCONTAINER load"
  refused "several members"
  docker_archive "$work/x.tar" '[{"Config":"config.json","RepoTags":["demo:x"],"Layers":["other.tar"]}]'
  mc load -i "$work/x.tar"
  refused "no member other.tar"
}

@test "ten thousand members that nobody asks for leave nothing" {
  docker_archive "$work/x.tar" '[{"Config":"config.json","RepoTags":["demo:x"],"Layers":["layer.tar"]}]'
  mkdir "$work/tree/many"
  (cd "$work/tree/many" && seq 10000 | split -l 1 -a 4 -)
  tar -C "$work/tree" -cf "$work/x.tar" .
  mc_shell "cat '$work/x.tar' | \$MYCONTAINER load"
  assert_output "Loaded image: demo:x"
  # Manifest, configuration and layer.
  equal 3 "$(blobs)" "number of blobs"
}

@test "one bad image among several: none is loaded" {
  docker_archive "$work/x.tar" '[{"Config":"config.json","RepoTags":["demo:x"],"Layers":["layer.tar"]},{"Config":"config.json","RepoTags":["demo:y"],"Layers":[]}]'
  mc load -i "$work/x.tar"
  refused "layers"
  mc images -q
  assert_output ""
}

@test "a load that is killed at any moment is done by the next one" {
  demo
  local moment
  for moment in 0.002 0.01 0.03 0.08; do
    timeout -s KILL $moment "$MYCONTAINER" load -q -i "$work/oci.tar" >/dev/null 2>&1 || true
  done
  mc load -i "$work/oci.tar"
  assert_output "Loaded image: demo:one"
  equal 2 "$(find "$MYCONTAINER_ROOT/layers" -mindepth 1 -maxdepth 1 -name '[0-9a-f]*' | wc -l)" "number of layers"
}

@test "loads and removals at once leave an image whole or none" {
  demo
  local pids=() i pid
  for i in 1 2 3 4; do
    "$MYCONTAINER" load -q -i "$work/oci.tar" >/dev/null &
    pids+=($!)
    "$MYCONTAINER" rmi demo:one >/dev/null 2>&1 &
  done
  for pid in "${pids[@]}"; do wait "$pid"; done
  wait
  mc load -q -i "$work/oci.tar"
  assert_status 0
  mc save -o "$work/after.tar" demo:one
  assert_status 0
}

@test "--platform takes the image of an index that is for it" {
  oci_layout "$work/layout" demo:host '{"Cmd":["host"]}' "$work/one.tar" >/dev/null
  IMAGE_ARCHITECTURE=s390x oci_layout "$work/layout" demo:other '{"Cmd":["other"]}' "$work/two.tar" >/dev/null
  jq -c --arg host "$(dpkg --print-architecture)" '.manifests |= [.[0] * {platform: {os: "linux", architecture: $host}}, .[1] * {platform: {os: "linux", architecture: "s390x"}}]
    | .manifests[].annotations = {"org.opencontainers.image.ref.name": "demo:multi"}' "$work/layout/index.json" >"$work/index"
  cp "$work/index" "$work/layout/index.json"
  mc load -q -i "$work/layout"
  assert_output "Loaded image: demo:multi"
  mc inspect --type image --format '{{.Architecture}}' demo:multi
  assert_output "$(dpkg --print-architecture)"
  mc load -q --platform linux/s390x -i "$work/layout"
  mc inspect --type image --format '{{.Architecture}}' demo:multi
  assert_output s390x
  mc load --platform linux/ppc64le -i "$work/layout"
  assert_status 1
  assert_stderr_contains "no image for linux/ppc64le"
}

@test "hostile: a layer that bzip2 makes of next to nothing is stopped" {
  docker_archive "$work/bomb.tar" '[{"Config":"config.json","RepoTags":["demo:bomb"],"Layers":["bomb"]}]'
  head -c 64M /dev/zero | bzip2 >"$work/tree/bomb"
  tar -C "$work/tree" -rf "$work/bomb.tar" bomb
  mc load -i "$work/bomb.tar"
  refused "too many for its blob"
}
