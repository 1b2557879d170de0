#!/usr/bin/env bats
# run IMAGE: every member of an image's configuration, seen from inside; images made by other tools.
load helpers
load images
load registry
load lifecycle

setup_file() {
  private_roots
  local BATS_TEST_TMPDIR=$BATS_FILE_TMPDIR
  busybox_tree "$BATS_FILE_TMPDIR/tree"
  export BASE=$BATS_FILE_TMPDIR/base.tar CONTAINERS_REGISTRIES_CONF=$BATS_FILE_TMPDIR/registries.conf
  : >"$CONTAINERS_REGISTRIES_CONF"
  layer_tar "$BASE" "$BATS_FILE_TMPDIR/tree"
  REGISTRY_PIDS=""
  start_registry
  export REGISTRY_PIDS
}
teardown_file() { stop_registry; }
setup() { name=c$BATS_TEST_NUMBER; }
teardown() { remove_all; }

# image CONFIG [LAYER...]: makes the image "$image" of the base and the layers and pulls it.
image() {
  image=$REGISTRY/t$BATS_TEST_NUMBER
  rm -rf "$BATS_TEST_TMPDIR/layout"
  oci_layout "$BATS_TEST_TMPDIR/layout" x "$1" "$BASE" "${@:2}"
  put_layout "$BATS_TEST_TMPDIR/layout" x "t$BATS_TEST_NUMBER:latest"
  mc pull -q "$image"
  assert_status 0
}
# tree_layer NAME: packs $BATS_TEST_TMPDIR/NAME as a layer, NAME.tar there.
tree_layer() { layer_tar "$BATS_TEST_TMPDIR/$1.tar" "$BATS_TEST_TMPDIR/$1"; }

@test "entry point and command: each alone, both, and what replaces them" {
  image '{"Entrypoint":["echo","entry"],"Cmd":["cmd"]}'
  mc run --rm "$image"
  assert_output "entry cmd"
  mc run --rm "$image" other words
  assert_output "entry other words"
  mc run --rm --entrypoint pwd "$image"
  assert_output /
  mc run --rm --entrypoint "" "$image" echo plain
  assert_output plain
  mc run --rm --entrypoint "" "$image"
  assert_refused "no command specified"
  image '{"Cmd":["echo","cmd alone"]}'
  mc run --rm "$image"
  assert_output "cmd alone"
  image '{"Entrypoint":"pwd"}'
  mc run --rm "$image"
  assert_output /
  image '{}'
  mc run --rm "$image"
  assert_refused "no command specified"
}

@test "the environment: the image's, then what -e says; HOME and PATH where the image has none" {
  image '{"Env":["PATH=/bin:/image","A=image","B=image"],"Cmd":["env"]}'
  mc run --rm -e B=mine -e C=mine "$image"
  assert_contains $'PATH=/bin:/image\n'
  assert_contains A=image
  assert_contains B=mine
  assert_contains C=mine
  assert_contains HOME=/root
  refute_contains B=image
  image '{"Env":["NOEQUALS"],"Cmd":["env"]}' || true
  assert_status 1
  assert_stderr_contains NOEQUALS
}

@test "the working directory is the image's, made when it is missing, and -w replaces it" {
  image '{"WorkingDir":"/srv/deep/er","Cmd":["pwd"]}'
  mc run --rm "$image"
  assert_output /srv/deep/er
  mc run --rm -w /tmp "$image"
  assert_output /tmp
  mkdir -p "$BATS_TEST_TMPDIR/links/srv"
  ln -s ../../../../../../tmp "$BATS_TEST_TMPDIR/links/srv/up"
  tree_layer links
  image '{"WorkingDir":"/srv/up/made","Cmd":["pwd"]}' "$BATS_TEST_TMPDIR/links.tar"
  mc run --rm "$image"
  assert_output /tmp/made
  [[ ! -e /tmp/made ]] || fail "it was made on the host"
}

@test "an image cannot make us read the host's passwd, or anything that is no file" {
  mkdir -p "$BATS_TEST_TMPDIR/out/etc" "$BATS_TEST_TMPDIR/fifo/etc"
  printf 'canary:x:1:1::/:/bin/sh\n' >"$BATS_TEST_TMPDIR/canary"
  ln -s "../../../../../../../..$BATS_TEST_TMPDIR/canary" "$BATS_TEST_TMPDIR/out/etc/passwd"
  tree_layer out
  image '{"User":"canary","Cmd":["id"]}' "$BATS_TEST_TMPDIR/out.tar"
  mc run --rm "$image"
  assert_refused "unable to find user canary"
  mkfifo "$BATS_TEST_TMPDIR/fifo/etc/passwd"
  tree_layer fifo
  image '{"User":"canary","Cmd":["id"]}' "$BATS_TEST_TMPDIR/fifo.tar"
  mc run --rm "$image"
  assert_refused "/etc/passwd is not a regular file"
}

@test "a passwd that an upper layer took away is not there" {
  mkdir -p "$BATS_TEST_TMPDIR/gone/etc"
  : >"$BATS_TEST_TMPDIR/gone/etc/.wh.passwd"
  tree_layer gone
  image '{"User":"ada","Cmd":["id"]}' "$BATS_TEST_TMPDIR/gone.tar"
  mc run --rm "$image"
  assert_refused "unable to find user ada"
  mkdir -p "$BATS_TEST_TMPDIR/opaque/etc"
  : >"$BATS_TEST_TMPDIR/opaque/etc/.wh..wh..opq"
  tree_layer opaque
  image '{"User":"ada","Cmd":["id"]}' "$BATS_TEST_TMPDIR/opaque.tar"
  mc run --rm "$image"
  assert_refused "unable to find user ada"
}

@test "the stop signal is the image's, by name or number; another's text is refused" {
  image '{"StopSignal":"SIGUSR1","Cmd":["sh","-c","trap \"exit 21\" USR1; trap \"exit 22\" QUIT; echo ready; while :; do sleep 0.1; done"]}'
  mc run -d --name "$name" "$image"
  eventually_logged "$name" ready
  mc stop "$name"
  assert_exit_code "$name" 21
  mc run -d --name "$name-2" --stop-signal QUIT "$image"
  eventually_logged "$name-2" ready
  mc stop "$name-2"
  assert_exit_code "$name-2" 22
  image '{"StopSignal":"SIGNO\u001b[2J","Cmd":["true"]}'
  mc run --rm "$image"
  assert_refused "Invalid signal"
}

@test "labels and exposed ports are on record, the image's and ours" {
  image '{"Labels":{"a":"image","b":"image"},"ExposedPorts":{"80/tcp":{},"53/udp":{}},"Cmd":["true"]}'
  mc create --name "$name" --label b=mine "$image"
  assert_status 0
  mc inspect --format '{{json .Config.Labels}} {{json .Config.ExposedPorts}} {{.Config.Image}}' "$name"
  assert_output '{"a":"image","b":"mine"} {"53/udp":{},"80/tcp":{}} '"$image"
  mc inspect --format '{{.Image}}' "$name"
  assert_contains sha256:
  image '{"ExposedPorts":{"80/tcp; rm -rf":{}},"Cmd":["true"]}'
  mc create "$image"
  assert_status 1
  assert_stderr_contains "invalid exposed port"
}

health_is() { [[ $("$MYCONTAINER" inspect --format '{{with .State.Health}}{{.Status}}{{end}}' "$1") == "$2" ]]; }

@test "the image's health check runs, by its shell; options change it, or switch it off" {
  image '{"Healthcheck":{"Test":["CMD-SHELL","test -e /well"],"Interval":100000000,"Retries":1},"Shell":["/bin/sh","-ec"],"Cmd":["sleep","100"]}'
  mc run -d --name "$name" "$image"
  assert_status 0
  eventually health_is "$name" unhealthy
  mc exec "$name" touch /well
  eventually health_is "$name" healthy
  mc run -d --name "$name-2" --health-cmd true "$image"
  eventually health_is "$name-2" healthy
  mc run -d --name "$name-3" --no-healthcheck "$image"
  assert_status 0
  health_is "$name-3" ""
  mc run --rm "$image" echo "also with --rm"
  assert_output "also with --rm"
}

@test "another architecture's image is warned about, and one that was asked for is not" {
  IMAGE_ARCHITECTURE=s390x image '{"Cmd":["echo","it is ours all the same"]}' || true
  mc pull -q --platform linux/s390x "$image"
  assert_status 0
  mc run --rm "$image"
  assert_output "it is ours all the same"
  assert_stderr_contains "The requested image's platform (linux/s390x) does not match the detected host platform (linux/$(dpkg --print-architecture)"
  mc run --rm --platform linux/s390x "$image"
  equal "" "$stderr" "stderr"
}

@test "a container keeps its writes from start to start, and the image stays as it was" {
  image '{"Cmd":["sh","-c","echo x >>/count; wc -l </count"]}'
  mc run --name "$name" "$image"
  assert_output 1
  mc start -a "$name"
  assert_output 2
  mc run --rm "$image"
  assert_output 1
}

@test "the container starts again though its image and even its layers were taken away" {
  image '{"Cmd":["echo","still here"]}'
  mc run --name "$name" "$image"
  assert_output "still here"
  mc rmi -f "$image"
  assert_status 0
  mc start -a "$name"
  assert_output "still here"
}

@test "an id, and the beginning of one, name an image" {
  image '{"Cmd":["echo","by id"]}'
  local id
  mc create --name "$name" "$image"
  mc inspect --format '{{.Image}}' "$name"
  id=$output
  mc run --rm "$id"
  assert_output "by id"
  mc run --rm --pull never "${id:7:12}"
  assert_output "by id"
}

@test "the built-in root filesystem has nothing to do with the image store" {
  local MYCONTAINER_ROOT=$BATS_TEST_TMPDIR/root
  mc run --rm busybox echo plain
  assert_output plain
  [[ ! -e $MYCONTAINER_ROOT/images ]] || fail "the image store was opened"
}

@test "after a power failure a container's layers are unpacked again before it starts" {
  local MYCONTAINER_ROOT=$BATS_TEST_TMPDIR/root
  mkdir "$BATS_TEST_TMPDIR/w"
  echo whole >"$BATS_TEST_TMPDIR/w/word"
  tree_layer w
  image '{"Cmd":["cat","/word"]}' "$BATS_TEST_TMPDIR/w.tar"
  mc create --name "$name" "$image"
  assert_status 0
  crash() { # half a layer, and the note of another boot
    find "$MYCONTAINER_ROOT/layers" -name word -delete
    echo another-boot 0 >"$MYCONTAINER_ROOT/layers/unsynced"
  }
  local how
  for how in "start -a" "start" "restart"; do
    crash
    mc $how "$name"
    assert_status 0
    mc wait "$name"
    mc logs --tail 1 "$name"
    assert_output whole
  done
  mc rmi -f "$image"
  crash
  mc start "$name"
  assert_status 1
  assert_stderr_contains "are gone, and so is the image"
  mc rm "$name"
  assert_status 0
}

@test "an image of a hundred layers" {
  local layers=() i
  for ((i = 0; i < 100; i++)); do
    mkdir -p "$BATS_TEST_TMPDIR/l$i"
    echo "$i" >"$BATS_TEST_TMPDIR/l$i/file$i"
    echo "$i" >"$BATS_TEST_TMPDIR/l$i/last"
    tree_layer "l$i"
    layers+=("$BATS_TEST_TMPDIR/l$i.tar")
  done
  image '{"User":"root:staff","Cmd":["cat","/last","/file0","/file50"]}' "${layers[@]}"
  mc run --rm -u 0 "$image"
  assert_output $'99\n0\n50'
}

# --- images that others made -------------------------------------------------------------------


@test "an image that umoci made" {
  local layout=$BATS_TEST_TMPDIR/umoci
  umoci init --layout "$layout"
  umoci new --image "$layout:x"
  umoci raw add-layer --image "$layout:x" "$BASE" || umoci insert --rootless --image "$layout:x" "$BATS_FILE_TMPDIR/tree" /
  umoci config --image "$layout:x" --config.cmd echo --config.cmd umoci --config.env PATH=/bin --config.workingdir /tmp
  put_layout "$layout" x umoci:latest
  mc run --rm -q "$REGISTRY/umoci"
  assert_status 0
  assert_output umoci
}

@test "as root: an image that buildah made, in its OCI and in Docker's form" {
  require_root
  local storage=(--root "$BATS_TEST_TMPDIR/storage" --runroot "$BATS_TEST_TMPDIR/run" --storage-driver vfs) form
  cp "$BASE" "$BATS_TEST_TMPDIR/base.tar"
  printf 'FROM scratch\nADD base.tar /\nENV PATH=/bin WHO=buildah\nLABEL made=here\nWORKDIR /work\nCMD echo $WHO in $PWD\n' \
    >"$BATS_TEST_TMPDIR/Containerfile"
  for form in oci docker; do
    capture 100 buildah "${storage[@]}" build --isolation chroot --format "$form" -t "box-$form" \
      -f "$BATS_TEST_TMPDIR/Containerfile" "$BATS_TEST_TMPDIR"
    assert_status 0
    capture 60 buildah "${storage[@]}" push --tls-verify=false "box-$form" "docker://$REGISTRY/buildah-$form:latest"
    assert_status 0
    mc run --rm -q "$REGISTRY/buildah-$form"
    assert_output "buildah in /work"
  done
}

@test "an image that skopeo copied in Docker's schema 2" {
  image '{"Env":["PATH=/bin"],"Cmd":["echo","schema 2"]}'
  with_skopeo copy --format v2s2 "docker://$image:latest" "docker://$REGISTRY/schema2:latest"
  assert_status 0
  registry_get /v2/schema2/manifests/latest -H 'Accept: application/vnd.docker.distribution.manifest.v2+json' |
    grep -q vnd.docker.distribution.manifest.v2
  mc run --rm -q "$REGISTRY/schema2"
  assert_output "schema 2"
}
