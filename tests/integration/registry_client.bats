# What the client of registries puts up with: a registry that errs (tests/programs), and proxies.
load helpers
load images
load registry

ERRING=${ERRING:-$here/../bin/registry_that_errs}

setup() {
  work=$BATS_TEST_TMPDIR
  export MYCONTAINER_ROOT=$work/data
}
teardown() {
  stop_registry
  stop_erring
}

# An image of one large layer, made once for the file: $layout.
setup_file() {
  private_roots
  export layout=$BATS_FILE_TMPDIR/layout BATS_TEST_TMPDIR=$BATS_FILE_TMPDIR
  mkdir "$BATS_FILE_TMPDIR/tree"
  head -c 300000 /dev/urandom >"$BATS_FILE_TMPDIR/tree/file"
  layer_tar "$BATS_FILE_TMPDIR/layer.tar" "$BATS_FILE_TMPDIR/tree"
  gzip -n "$BATS_FILE_TMPDIR/layer.tar"
  oci_layout "$layout" x '{}' "$BATS_FILE_TMPDIR/layer.tar.gz" >/dev/null
}

# erring FAULT: starts such a registry; $REGISTRY, and $requests its log.
erring() {
  requests=$work/requests
  rm -f "$requests" "$work/port"
  "$ERRING" "$layout" "$1" "$requests" >"$work/port" 3>&- &
  erring_pid=$!
  eventually test -s "$work/port"
  REGISTRY=127.0.0.1:$(cat "$work/port")
}
stop_erring() {
  [[ -z ${erring_pid-} ]] || { kill "$erring_pid"; wait "$erring_pid" 2>/dev/null || true; }
  erring_pid=""
}
# How many requests were for what $1 matches.
asked() { grep -cE "$1" "$requests" || true; }

@test "a registry that is busy is asked again" {
  local fault
  for fault in busy later; do
    erring "$fault"
    mc manifest inspect "$REGISTRY/a:1"
    assert_status 0
    assert_contains '"layers"'
    stop_erring
  done
  equal 2 "$(asked '/v2/a/manifests/1 ')" "requests of the last one"
}

@test "a proxy is asked for what NO_PROXY does not name" {
  erring none
  local proxy=http://ada:pw@$REGISTRY
  HTTP_PROXY=$proxy mc manifest inspect --insecure registry.invalid:5000/a:1
  assert_status 0
  # "ada:pw" is for the proxy alone, which is told the whole URL.
  equal 1 "$(asked '^GET registry.invalid:5000http://registry.invalid:5000/v2/a/manifests/1 - - Basic YWRhOnB3$')" \
    "requests through the proxy"
  HTTPS_PROXY=$proxy NO_PROXY=.invalid mc manifest inspect registry.invalid:5000/a:1
  assert_refused "lookup registry.invalid: no such host" 1
  HTTPS_PROXY=$proxy mc manifest inspect registry.invalid:5000/a:1
  assert_refused "refuses to connect to registry.invalid:5000" 1
  equal 1 "$(asked '^CONNECT registry.invalid:5000')" "tunnels asked for"
}

layer_digest() { printf 'sha256:%s' "$(sha256sum <"$BATS_FILE_TMPDIR/layer.tar.gz" | cut -d' ' -f1)"; }

@test "a layer that breaks off or drips is pulled to its end" {
  local fault
  for fault in none drop no-range drip busy later; do
    rm -rf "$work/data" "$work/requests" "$work/port"
    erring "$fault"
    mc pull -q "$REGISTRY/a:1"
    assert_status 0
    cmp "$MYCONTAINER_ROOT/images/blobs/sha256/$(layer_digest | cut -d: -f2)" "$BATS_FILE_TMPDIR/layer.tar.gz"
    [[ $fault != drop ]] || equal 1 "$(asked "$(layer_digest) bytes=65536- ")" "resumptions after 64 KiB"
    stop_erring
  done
}

@test "a layer that is not what it should be is refused, and nothing of it is an image" {
  local fault
  declare -A words=([corrupt]="sha256:" [longer]="longer" [headers]="no proper HTTP" [circle]="circle")
  for fault in "${!words[@]}"; do
    rm -rf "$work/data" "$work/requests" "$work/port"
    erring "$fault"
    mc pull -q "$REGISTRY/a:1"
    assert_refused "${words[$fault]}" 1
    mc images -q
    assert_output ""
    [[ ! -e $MYCONTAINER_ROOT/images/blobs/sha256/$(layer_digest | cut -d: -f2) ]] || fail "the layer is a blob"
    stop_erring
  done
}

@test "a redirect to another host is followed without credentials" {
  erring elsewhere
  printf '{"auths":{"%s":{"auth":"%s"}}}' "$REGISTRY" "$(printf ada:pw | base64 -w0)" >"$work/auth.json"
  mc pull -q --authfile "$work/auth.json" "$REGISTRY/a:1"
  assert_status 0
  equal 1 "$(asked "^GET localhost:${REGISTRY##*:}/.* - - -$")" "requests there"
  equal 0 "$(asked '^GET localhost:.* Basic ')" "requests there with credentials"
  (($(asked '^GET 127[^ ]* [^ ]* Basic YWRhOnB3 -$') > 0)) || fail "the registry was not told who we are"
}
