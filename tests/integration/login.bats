#!/usr/bin/env bats
# login and logout, towards a real registry that asks for a name and a password: what is stored, where,
# and what happens when that cannot be.
load helpers
load registry

setup() {
  # Nothing of the caller's own: neither credentials nor registries.conf.
  export HOME=$BATS_TEST_TMPDIR/home
  unset DOCKER_CONFIG REGISTRY_AUTH_FILE XDG_CONFIG_HOME CONTAINERS_REGISTRIES_CONF
  export XDG_RUNTIME_DIR=$BATS_TEST_TMPDIR/run
  mkdir -m 700 "$HOME" "$XDG_RUNTIME_DIR"
  mkdir -p "$HOME/.config/containers"
  : >"$HOME/.config/containers/registries.conf"
  config=$HOME/.docker/config.json
}
teardown() { stop_registry; }

# login_with PASSWORD ARG...: by standard input.
login_with() {
  printf '%s\n' "$1" >"$BATS_TEST_TMPDIR/password"
  mc_shell "\"\$MYCONTAINER\" login --password-stdin ${*:2} <'$BATS_TEST_TMPDIR/password'"
}
log_in() {
  login_with "$REGISTRY_PASSWORD" -u ada "$REGISTRY"
  assert_status 0
}
# What the file has for the registry, decoded.
stored() { jq -r --arg r "${1:-$REGISTRY}" '.auths[$r].auth' "$config" | base64 -d; }

# credential_helper NAME: keeps what it is given in $HOME/safe; says why when $HOME/locked exists.
credential_helper() {
  mkdir -p "$HOME/bin" "$HOME/safe"
  cat >"$HOME/bin/docker-credential-$1" <<'END'
#!/bin/bash
[[ ! -e $HOME/locked ]] || { echo "the safe is locked"; exit 1; }
input=$(cat)
name() { printf '%s' "$1" | tr -c 'a-z0-9.\n' _; }
case $1 in
  store) printf '%s' "$input" >"$HOME/safe/$(name "$(jq -r .ServerURL <<<"$input")")" ;;
  get) cat "$HOME/safe/$(name "$input")" 2>/dev/null ||
    { echo "credentials not found in native keychain"; exit 1; } ;;
  erase) rm "$HOME/safe/$(name "$input")" ;;
esac
END
  chmod 755 "$HOME/bin/docker-credential-$1"
  export PATH=$HOME/bin:$PATH
}

@test "a password from standard input logs in, and is stored for this user alone" {
  start_registry auth
  log_in
  assert_output "Login Succeeded"
  assert_stderr_contains "WARNING! Your credentials are stored unencrypted in '$config'"
  equal "ada:$REGISTRY_PASSWORD" "$(stored)" "what is stored"
  equal 600 "$(stat -c %a "$config")" "the mode of config.json"
  equal 700 "$(stat -c %a "$HOME/.docker")" "the mode of its directory"
  equal config.json "$(ls -A "$HOME/.docker")" "what is in the directory"
}

@test "skopeo finds what login stored" {
  start_registry auth
  log_in
  capture 60 skopeo --insecure-policy list-tags --tls-verify=false "docker://$REGISTRY/none"
  [[ $stderr == *"404 (Not Found)"* ]] || fail "skopeo was not let in"
  mc logout "$REGISTRY"
  capture 60 skopeo --insecure-policy list-tags --tls-verify=false "docker://$REGISTRY/none"
  [[ $stderr == *"authentication required"* ]] || fail "skopeo was let in without a password"
}

@test "a password as an option works, and is warned about" {
  start_registry auth
  mc login -u ada -p "$REGISTRY_PASSWORD" "$REGISTRY"
  assert_status 0
  assert_output "Login Succeeded"
  assert_stderr_contains "WARNING! Using --password via the CLI is insecure. Use --password-stdin."
}

@test "a wrong password is refused with the registry's words, and nothing is stored" {
  start_registry auth
  login_with wrong -u ada "$REGISTRY"
  assert_refused "unauthorized" 1
  [[ $stderr != *wrong* ]] || fail "the password was printed"
  [[ ! -e $config ]] || fail "something was stored"
  log_in
  before=$(<"$config")
  login_with wrong -u ada "$REGISTRY"
  assert_refused "unauthorized" 1
  equal "$before" "$(<"$config")" "what is stored"
}

@test "a registry that asks for nothing takes any password" {
  start_registry plain
  login_with anything -u ada "$REGISTRY"
  assert_status 0
  assert_output "Login Succeeded"
}

@test "nobody at the address of the registry is an error, and nothing is stored" {
  login_with x -u ada 127.0.0.1:1
  assert_refused "127.0.0.1:1" 1
  [[ ! -e $config ]] || fail "something was stored"
}

@test "at a terminal login asks, and the password is not shown" {
  start_registry auth
  on_terminal expect=Username: send='ada\n' expect=Password: send="$REGISTRY_PASSWORD\n" \
    "expect=Login Succeeded" -- login "$REGISTRY"
  assert_status 0
  assert_stderr_contains "modes: restored"
  refute_contains "$REGISTRY_PASSWORD"
  equal "ada:$REGISTRY_PASSWORD" "$(stored)" "what is stored"
}

@test "at a terminal only what was not given is asked for" {
  start_registry auth
  on_terminal expect=Password: send="$REGISTRY_PASSWORD\n" "expect=Login Succeeded" \
    -- login -u ada "$REGISTRY"
  assert_status 0
  refute_contains "Username"
}

@test "Control-C at the password leaves the terminal as it was" {
  start_registry auth
  on_terminal expect=Password: 'send=s3\x03' -- login -u ada "$REGISTRY"
  [[ $status != 0 ]] || fail "it succeeded"
  assert_stderr_contains "modes: restored"
  [[ ! -e $config ]] || fail "something was stored"
}

@test "stored credentials are tried first, and asked for again when they no longer do" {
  start_registry auth
  log_in
  mc login "$REGISTRY"
  assert_status 0
  assert_contains "Authenticating with existing credentials... [Username: ada]"
  assert_contains "Login Succeeded"
  jq --arg r "$REGISTRY" '.auths[$r].auth = "YWRhOm9sZA=="' "$config" >"$config.new"
  mv "$config.new" "$config"
  mc login "$REGISTRY"
  assert_status 1
  assert_stderr_contains "unauthorized"
  assert_stderr_contains "cannot perform an interactive login from a non TTY device"
  on_terminal "expect=Username (ada):" 'send=\n' expect=Password: send="$REGISTRY_PASSWORD\n" \
    "expect=Login Succeeded" -- login "$REGISTRY"
  assert_status 0
  equal "ada:$REGISTRY_PASSWORD" "$(stored)" "what is stored"
}

@test "login says what is missing or contradicts itself" {
  mc login -u ada localhost:1
  assert_refused "cannot perform an interactive login from a non TTY device" 1
  mc login --password-stdin localhost:1
  assert_refused "Must provide --username with --password-stdin" 1
  mc login -u ada -p x --password-stdin localhost:1
  assert_refused "mutually exclusive" 1
  login_with '' -u ada localhost:1
  assert_refused "password" 1
  login_with x -u a:b localhost:1
  assert_refused "a:b" 1
  login_with x -u ada myhost
  assert_refused '"myhost" is not a registry' 1
  mc login a b
  assert_refused "at most 1 argument" 1
}

@test "a server may be named as an address in a browser is" {
  start_registry auth
  login_with "$REGISTRY_PASSWORD" -u ada "http://$REGISTRY/v2/"
  assert_status 0
  equal "ada:$REGISTRY_PASSWORD" "$(stored)" "what is stored"
}

@test "over TLS a private authority has to be known" {
  start_registry tls-auth
  login_with "$REGISTRY_PASSWORD" -u ada --tls-verify "$REGISTRY"
  assert_refused "certificate" 1
  login_with "$REGISTRY_PASSWORD" -u ada --tls-verify --cert-dir "$REGISTRY_CERTS" "$REGISTRY"
  assert_status 0
  mc logout "$REGISTRY"
  mkdir -p "$HOME/.config/containers/certs.d/$REGISTRY"
  cp "$REGISTRY_CERTS/ca.crt" "$HOME/.config/containers/certs.d/$REGISTRY"
  login_with "$REGISTRY_PASSWORD" -u ada --tls-verify "$REGISTRY"
  assert_status 0
  login_with "$REGISTRY_PASSWORD" -u ada --tls-verify=false "$REGISTRY"
  assert_status 0
}

@test "registries.conf says whether a registry is blocked, or must be verified" {
  start_registry auth
  printf '[[registry]]\nlocation = "%s"\nblocked = true\n' "$REGISTRY" \
    >"$HOME/.config/containers/registries.conf"
  login_with "$REGISTRY_PASSWORD" -u ada "$REGISTRY"
  assert_refused "registry $REGISTRY is blocked in $HOME/.config/containers/registries.conf" 1
  printf '[[registry]]\nlocation = "%s"\ninsecure = false\n' "$REGISTRY" \
    >"$HOME/.config/containers/registries.conf"
  login_with "$REGISTRY_PASSWORD" -u ada "$REGISTRY"
  assert_status 1
  printf '[[registry]]\nlocation = \n' >"$HOME/.config/containers/registries.conf"
  login_with "$REGISTRY_PASSWORD" -u ada "$REGISTRY"
  assert_refused "$HOME/.config/containers/registries.conf:2: " 1
}

@test "logout removes what login stored, and nothing else" {
  start_registry auth
  mkdir -m 700 "$HOME/.docker"
  echo '{"psFormat":"x","auths":{"other.example":{"auth":"YTpi"}}}' >"$config"
  log_in
  mc logout "$REGISTRY"
  assert_status 0
  assert_output "Removing login credentials for $REGISTRY"
  equal '{"psFormat":"x","auths":{"other.example":{"auth":"YTpi"}}}' "$(jq -c . "$config")" "the file"
  mc logout "$REGISTRY"
  assert_status 0
  assert_output "Not logged in to $REGISTRY"
}

@test "logout of somebody who never logged in leaves no file" {
  mc logout
  assert_status 0
  assert_output "Not logged in to https://index.docker.io/v1/"
  [[ ! -e $HOME/.docker ]] || fail "a directory was made"
}

@test "logout says that another program's file still lets us in" {
  mkdir -p "$XDG_RUNTIME_DIR/containers"
  echo '{"auths":{"r.example":{"auth":"YTpi"}}}' >"$XDG_RUNTIME_DIR/containers/auth.json"
  mc logout r.example
  assert_status 0
  assert_output "Not logged in to r.example"
  assert_stderr_contains "another file still has credentials for r.example"
}

@test "a chosen file is used instead of config.json" {
  start_registry auth
  config=$BATS_TEST_TMPDIR/auth.json
  login_with "$REGISTRY_PASSWORD" -u ada --authfile "$config" "$REGISTRY"
  assert_status 0
  equal "ada:$REGISTRY_PASSWORD" "$(stored)" "what is stored"
  [[ ! -e $HOME/.docker ]] || fail "something went to ~/.docker"
  REGISTRY_AUTH_FILE=$config mc login "$REGISTRY"
  assert_status 0
  mc logout --authfile "$config" "$REGISTRY"
  assert_output "Removing login credentials for $REGISTRY"
}

@test "a credential helper keeps the password instead of the file" {
  start_registry auth
  credential_helper safe
  mkdir -m 700 "$HOME/.docker"
  echo '{"credsStore":"safe"}' >"$config"
  log_in
  [[ $stderr != *unencrypted* ]] || fail "it warns of what a helper keeps"
  equal '{"credsStore":"safe","auths":{"'"$REGISTRY"'":{}}}' "$(jq -c . "$config")" "the file"
  equal "$REGISTRY_PASSWORD" "$(jq -r .Secret "$HOME"/safe/*)" "what the helper keeps"
  mc login "$REGISTRY"
  assert_status 0
  assert_contains "[Username: ada]"
  mc logout "$REGISTRY"
  assert_output "Removing login credentials for $REGISTRY"
  equal "" "$(ls "$HOME/safe")" "what the helper keeps"
  mc logout "$REGISTRY"
  assert_output "Not logged in to $REGISTRY"
}

@test "a credential helper of this registry comes before the one of all" {
  start_registry auth
  credential_helper mine
  mkdir -m 700 "$HOME/.docker"
  printf '{"credsStore":"missing","credHelpers":{"%s":"mine"}}' "$REGISTRY" >"$config"
  log_in
  equal "$REGISTRY_PASSWORD" "$(jq -r .Secret "$HOME"/safe/*)" "what the helper keeps"
}

@test "a credential helper that fails or is missing is an error in one line" {
  start_registry auth
  credential_helper safe
  mkdir -m 700 "$HOME/.docker"
  echo '{"credsStore":"safe"}' >"$config"
  : >"$HOME/locked"
  login_with "$REGISTRY_PASSWORD" -u ada "$REGISTRY"
  assert_refused "the safe is locked" 1
  equal '{"credsStore":"safe"}' "$(<"$config")" "the file"
  echo '{"credsStore":"missing"}' >"$config"
  mc login "$REGISTRY"
  assert_refused "docker-credential-missing" 1
  echo '{"credsStore":"../../bin/sh"}' >"$config"
  mc login "$REGISTRY"
  assert_refused "is not the name of a credential helper" 1
}

@test "a broken config.json is named with its line, and stays as it is" {
  start_registry auth
  mkdir -m 700 "$HOME/.docker"
  printf '{\n"auths": {\n"x": s3cret\n' >"$config"
  before=$(<"$config")
  login_with "$REGISTRY_PASSWORD" -u ada "$REGISTRY"
  assert_refused "$config:3: not valid JSON" 1
  [[ $stderr != *s3cret* ]] || fail "its content was printed"
  mc logout "$REGISTRY"
  assert_refused "$config:3: not valid JSON" 1
  equal "$before" "$(<"$config")" "the file"
}

@test "as an ordinary user: a config.json that we may not read is an error" {
  require_rootless
  start_registry auth
  mkdir -m 700 "$HOME/.docker"
  echo '{}' >"$config"
  chmod 000 "$config"
  login_with "$REGISTRY_PASSWORD" -u ada "$REGISTRY"
  assert_refused "$config: Permission denied (EACCES)" 1
  equal 0 "$(stat -c %a "$config")" "the mode of the file"
}

@test "a directory where config.json should be is an error, and a full disk leaves the old file" {
  start_registry auth
  mkdir -p "$config"
  login_with "$REGISTRY_PASSWORD" -u ada "$REGISTRY"
  assert_refused "$config" 1
  rmdir "$config"
  echo '{"psFormat":"x"}' >"$config"
  printf '%s\n' "$REGISTRY_PASSWORD" >"$BATS_TEST_TMPDIR/password"
  # No file of ours may grow beyond nothing: what a full disk says, with another errno.
  mc_shell "(trap '' XFSZ; ulimit -f 0
    exec \"\$MYCONTAINER\" login --password-stdin -u ada $REGISTRY <'$BATS_TEST_TMPDIR/password') 2>&1 |
    cat"
  assert_contains "config.json"
  refute_contains "Login Succeeded"
  equal '{"psFormat":"x"}' "$(<"$config")" "the file"
  equal config.json "$(ls -A "$HOME/.docker")" "what is in the directory"
}

@test "many logins at once are all stored" {
  start_registry plain
  mc_shell "for i in 1 2 3 4 5 6; do
      echo p\$i | \"\$MYCONTAINER\" login --password-stdin -u u\$i --authfile '$BATS_TEST_TMPDIR/a.json' \
        $REGISTRY/ns\$i & pids+=\" \$!\"
    done; for pid in \$pids; do wait \$pid || exit 1; done"
  assert_status 0
  equal 6 "$(jq '.auths | length' "$BATS_TEST_TMPDIR/a.json")" "the number of entries"
}
