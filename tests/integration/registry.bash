# A registry of this test's own: Debian's docker-registry on 127.0.0.1, its configuration and data in the
# test's directory. Loaded by a .bats file after helpers.bash, whose teardown calls stop_registry.

# start_registry [plain|tls|auth|tls-auth]: sets
#   REGISTRY        127.0.0.1:PORT
#   REGISTRY_HOME   its directory: log (every request a line), data, ...
#   REGISTRY_CERTS  tls: a directory with ca.crt, for --cert-dir; its authority is private
#   REGISTRY_USER, REGISTRY_PASSWORD   auth
#   REGISTRY_SCHEME http or https
# The kernel chooses the port. A second call starts a second one (its variables replace those of
# the first); stop_registry ends all.
start_registry() {
  local kind=${1:-plain} tls="" auth=""
  REGISTRY_HOME=$(mktemp -d "$BATS_TEST_TMPDIR/registry.XXXXXX")
  REGISTRY_SCHEME=http REGISTRY_CERTS="" REGISTRY_USER="" REGISTRY_PASSWORD=""
  if [[ $kind == *tls* ]]; then
    REGISTRY_SCHEME=https REGISTRY_CERTS=$REGISTRY_HOME/certs
    private_authority "$REGISTRY_CERTS" "$REGISTRY_HOME"
    tls=", tls: {certificate: $REGISTRY_HOME/server.crt, key: $REGISTRY_HOME/server.key}"
  fi
  if [[ $kind == *auth* ]]; then
    REGISTRY_USER=ada REGISTRY_PASSWORD='s3cret:with "all" of it'
    htpasswd -Bbn -C 4 "$REGISTRY_USER" "$REGISTRY_PASSWORD" >"$REGISTRY_HOME/htpasswd" 2>/dev/null
    auth="auth: {htpasswd: {realm: test, path: $REGISTRY_HOME/htpasswd}}"
  fi
  cat >"$REGISTRY_HOME/config.yml" <<END
version: 0.1
log: {level: info}
storage: {filesystem: {rootdirectory: $REGISTRY_HOME/data}, delete: {enabled: true}}
http: {addr: "127.0.0.1:0"$tls}
$auth
END
  OTEL_TRACES_EXPORTER=none docker-registry serve "$REGISTRY_HOME/config.yml" \
    >"$REGISTRY_HOME/log" 2>&1 </dev/null 3>&- &
  REGISTRY_PID=$!
  REGISTRY_PIDS+=" $REGISTRY_PID"
  eventually listens_somewhere || { cat "$REGISTRY_HOME/log"; return 1; }
  REGISTRY=$(registry_address)
  export REGISTRY REGISTRY_HOME REGISTRY_CERTS REGISTRY_USER REGISTRY_PASSWORD REGISTRY_SCHEME REGISTRY_PID
  echo "# registry $kind at $REGISTRY"
}

registry_address() { sed -nE 's/.*listening on (127\.0\.0\.1:[0-9]+).*/\1/p' "$REGISTRY_HOME/log" | head -1; }
listens_somewhere() { [[ -n $(registry_address) ]]; }

stop_registry() {
  local pid
  for pid in ${REGISTRY_PIDS-}; do
    kill "$pid" 2>/dev/null || true
    wait "$pid" 2>/dev/null || true
  done
  REGISTRY_PIDS=""
}

# private_authority CERTS HOME: an authority (CERTS/ca.crt) and a certificate of it for 127.0.0.1 and
# localhost (HOME/server.crt, HOME/server.key); authority.key stays in HOME for further ones.
private_authority() {
  mkdir -p "$1" "$2"
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj "/CN=authority of a test" \
    -keyout "$2/authority.key" -out "$1/ca.crt" 2>/dev/null
  signed_certificate "$2/server" "$1/ca.crt" "$2/authority.key" "IP:127.0.0.1,DNS:localhost"
}
# signed_certificate NAME CA KEY SUBJECT_ALTERNATIVE_NAMES: NAME.crt and NAME.key.
signed_certificate() {
  openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj "/CN=of a test" \
    -keyout "$1.key" -out "$1.csr" 2>/dev/null
  openssl x509 -req -days 2 -in "$1.csr" -CA "$2" -CAkey "$3" -CAcreateserial -CAserial "$1.srl" \
    -extfile <(printf 'subjectAltName=%s\n' "$4") -out "$1.crt" 2>/dev/null
}

# registry_get PATH [CURL OPTION...]: what the registry answers, asked with curl.
registry_get() {
  local options=()
  [[ -z $REGISTRY_CERTS ]] || options+=(--cacert "$REGISTRY_CERTS/ca.crt")
  [[ -z $REGISTRY_USER ]] || options+=(-u "$REGISTRY_USER:$REGISTRY_PASSWORD")
  curl -sS --noproxy '*' --max-time 20 "${options[@]}" "${@:2}" "$REGISTRY_SCHEME://$REGISTRY$1"
}

# registry_has_manifest REPOSITORY REFERENCE
registry_has_manifest() {
  [[ $(registry_get "/v2/$1/manifests/$2" -o /dev/null -w '%{http_code}' \
    -H 'Accept: application/vnd.oci.image.manifest.v1+json' \
    -H 'Accept: application/vnd.docker.distribution.manifest.v2+json' \
    -H 'Accept: application/vnd.oci.image.index.v1+json') == 200 ]]
}

# with_skopeo COMMAND ARG...: skopeo towards this registry: "inspect", "copy". Credentials and authority are
# given for both sides of a copy.
with_skopeo() {
  local options=() side sides=("")
  [[ $1 != copy ]] || sides=(src- dest-)
  for side in "${sides[@]}"; do
    if [[ -n $REGISTRY_CERTS ]]; then options+=("--${side}cert-dir=$REGISTRY_CERTS")
    else options+=("--${side}tls-verify=false"); fi
    [[ -z $REGISTRY_USER ]] || options+=("--${side}creds=$REGISTRY_USER:$REGISTRY_PASSWORD")
  done
  capture 60 skopeo --insecure-policy "$1" "${options[@]}" "${@:2}"
}

# put_layout LAYOUT NAME REPOSITORY:TAG: puts an image of an OCI layout (images.bash) into the registry as it is.
put_layout() {
  with_skopeo copy --preserve-digests "oci:$1:$2" "docker://$REGISTRY/$3"
  assert_status 0
}
