# push and manifest inspect, against Debian's docker-registry and with skopeo as the second opinion.
load helpers
load images
load registry

setup() {
  work=$BATS_TEST_TMPDIR
  export MYCONTAINER_ROOT=$work/data
}
teardown() { stop_registry; }

# An image NAME of three layers in the store: two compressed, one not unless $2 is "compressed".
stored_image() {
  local name=$1 count
  mkdir -p "$work/layers"
  for count in 1 2 3; do
    mkdir -p "$work/tree$count"
    head -c 300000 /dev/urandom >"$work/tree$count/file"
    layer_tar "$work/layers/$count.tar" "$work/tree$count"
    [[ $count == 3 && ${2-} != compressed ]] || gzip -nf "$work/layers/$count.tar"
  done
  oci_archive "$work/image.tar" "$name" '{"Cmd":["/bin/sh"]}' "$work"/layers/{1,2,3}.tar*
  mc load -i "$work/image.tar"
  assert_status 0
}
options() { # of every verb here that talks to $REGISTRY
  options=()
  [[ -z $REGISTRY_CERTS ]] || options+=(--tls-verify --cert-dir "$REGISTRY_CERTS")
  if [[ -n $REGISTRY_USER ]]; then
    printf '{"auths":{"%s":{"auth":"%s"}}}' "$REGISTRY" \
      "$(printf '%s:%s' "$REGISTRY_USER" "$REGISTRY_PASSWORD" | base64 -w0)" >"$work/auth.json"
    options+=(--authfile "$work/auth.json")
  fi
}
digest_of_push() { sed -nE 's/^[^ ]+: digest: (sha256:[0-9a-f]{64}) size: [0-9]+$/\1/p' <<<"$output"; }

@test "what was pushed is read back by skopeo with equal digests, over plain HTTP, TLS and signed on" {
  local kind digest
  for kind in plain tls auth tls-auth; do
    rm -rf "$work/data" "$work"/tree* "$work/layers" "$work/back"
    start_registry "$kind"
    options
    stored_image "$REGISTRY/a/b:1"
    mc push "${options[@]}" "$REGISTRY/a/b:1"
    assert_status 0
    assert_contains "The push refers to repository [$REGISTRY/a/b]"
    equal 3 "$(grep -c ': Pushed$' <<<"$output")" "layers pushed"
    digest=$(digest_of_push)
    with_skopeo inspect --format '{{.Digest}}' "docker://$REGISTRY/a/b:1"
    assert_output "$digest"
    with_skopeo copy "docker://$REGISTRY/a/b:1" "oci:$work/back:x"
    assert_status 0
    equal 3 "$(jq '.layers | map(select(.mediaType | endswith("+gzip"))) | length' \
      "$work/back/blobs/sha256/${digest#sha256:}")" "compressed layers"
    # The third layer is what it was before it was compressed.
    local layer
    layer=$(jq -r '.layers[2].digest' "$work/back/blobs/sha256/${digest#sha256:}")
    gzip -dc <"$work/back/blobs/sha256/${layer#sha256:}" | cmp - "$work/layers/3.tar"
    stop_registry
  done
}

@test "a second push finds all layers, and another repository has them mounted" {
  start_registry
  stored_image "$REGISTRY/a/b:1"
  mc push "$REGISTRY/a/b:1"
  assert_status 0
  local digest
  digest=$(digest_of_push)
  mc push "$REGISTRY/a/b:1"
  assert_status 0
  equal 3 "$(grep -c ': Layer already exists$' <<<"$output")" "layers that are there"
  equal "$digest" "$(digest_of_push)" "digest"
  mc tag "$REGISTRY/a/b:1" "$REGISTRY/c:2"
  mc push "$REGISTRY/c:2"
  assert_status 0
  equal 3 "$(grep -c ': Mounted from a/b$' <<<"$output")" "layers mounted"
  equal "$digest" "$(digest_of_push)" "digest"
  registry_has_manifest c 2
}

@test "push -q prints the name, push -a pushes all tags" {
  start_registry
  stored_image "$REGISTRY/a/b:1" compressed
  mc tag "$REGISTRY/a/b:1" "$REGISTRY/a/b:2"
  mc push -q "$REGISTRY/a/b:1"
  assert_status 0
  assert_output "$REGISTRY/a/b:1"
  if registry_has_manifest a/b 2; then fail "2 is there"; fi
  mc push -a "$REGISTRY/a/b"
  assert_status 0
  registry_has_manifest a/b 2
  mc push -a "$REGISTRY/a/b:1"
  assert_refused "tag can't be used with --all-tags/-a" 1
}

@test "push says what is wrong in Docker's words" {
  start_registry auth
  stored_image "$REGISTRY/a/b:1" compressed
  mc push "$REGISTRY/a/nothing"
  assert_refused "An image does not exist locally with the tag: $REGISTRY/a/nothing" 1
  mc push -q --authfile /dev/null "$REGISTRY/a/b:1"
  assert_status 1
  mc push -q "$REGISTRY/a/b:1"
  assert_refused "unauthorized: authentication required" 1
  local address=$REGISTRY
  stop_registry
  mc push -q "$address/a/b:1"
  assert_refused "Connection refused" 1
}

@test "an authority that nobody vouches for is refused, and so is another host's certificate" {
  start_registry tls
  stored_image "$REGISTRY/a/b:1" compressed
  mc push -q --tls-verify "$REGISTRY/a/b:1"
  assert_refused "certificate not accepted" 1
  mc push -q --tls-verify=false "$REGISTRY/a/b:1"
  assert_status 0
  # localhost is in the certificate, 127.0.0.2 is not; the server is the same.
  local elsewhere=localhost:${REGISTRY##*:}
  mc tag "$REGISTRY/a/b:1" "$elsewhere/a/b:1"
  mc push -q --tls-verify --cert-dir "$REGISTRY_CERTS" "$elsewhere/a/b:1"
  assert_status 0
}

@test "a push that was killed is done again" {
  start_registry
  mkdir "$work/tree"
  head -c 60000000 /dev/urandom >"$work/tree/file"
  layer_tar "$work/big.tar" "$work/tree"
  gzip -1n "$work/big.tar"
  oci_archive "$work/image.tar" "$REGISTRY/big:1" '{}' "$work/big.tar.gz"
  mc load -i "$work/image.tar"
  assert_status 0
  "$MYCONTAINER" push -q "$REGISTRY/big:1" &
  local pid=$!
  eventually upload_has_begun
  kill -9 "$pid"
  wait "$pid" || true
  mc push "$REGISTRY/big:1"
  assert_status 0
  with_skopeo inspect --format '{{.Digest}}' "docker://$REGISTRY/big:1"
  assert_output "$(jq -r '.manifests[0].digest' "$MYCONTAINER_ROOT/images/index.json")"
}
upload_has_begun() { [[ -n $(find "$REGISTRY_HOME/data" -path '*_uploads*' -name data -size +0 2>/dev/null) ]]; }

@test "manifest inspect shows what the registry has" {
  start_registry
  stored_image "$REGISTRY/a/b:1" compressed
  mc push -q "$REGISTRY/a/b:1"
  mc manifest inspect "$REGISTRY/a/b:1"
  assert_status 0
  equal 3 "$(jq '.layers | length' <<<"$output")" "layers"
  mc manifest inspect -v "$REGISTRY/a/b:1"
  assert_status 0
  equal "$REGISTRY/a/b:1 linux 3" \
    "$(jq -r '"\(.Ref) \(.Descriptor.platform.os) \(.OCIManifest.layers | length)"' <<<"$output")" "document"
  equal "$(jq -r .Descriptor.digest <<<"$output")" \
    "sha256:$(jq -r .Raw <<<"$output" | base64 -d | sha256sum | cut -d' ' -f1)" "digest of Raw"
  mc manifest inspect "$REGISTRY/a/b:nothing"
  assert_refused "no such manifest: $REGISTRY/a/b:nothing" 1
}
