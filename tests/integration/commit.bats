#!/usr/bin/env bats
# `commit`: an image from a container.
load helpers
load images
load commits

setup() { name=c$BATS_TEST_NUMBER; }
teardown() { remove_all_images; }

@test "commit prints the image's id, and images has it by the name that was given" {
  container "$name" 'echo x >/new'
  mc commit "$name" me/app:1
  assert_status 0
  [[ $output =~ ^sha256:[0-9a-f]{64}$ ]] || fail "not an id"
  local id=$output
  mc images --no-trunc --format '{{.Repository}} {{.Tag}} {{.ID}}'
  assert_output "me/app 1 $id"
  mc container commit "$name"
  assert_status 0
  mc images --filter dangling=true --no-trunc -q
  [[ -n $output ]] || fail "the one without a name is not listed"
}

@test "what a container of a committed image sees is what was committed" {
  container "$name" 'echo kept >/new; rm /bin/yes; rm -r /var/spool; mkdir -p /var/spool/mine; echo more >>/etc/passwd'
  mc commit -c 'CMD ["cat", "/new"]' "$name" app
  assert_status 0
  mc run --rm app
  assert_status 0
  assert_output kept
  mc run --rm app sh -c 'test ! -e /bin/yes; echo $?; ls /var/spool; tail -1 /etc/passwd'
  assert_output $'0\nmine\nmore'
}

@test "the layer is a tar stream with whiteouts, and the image what other tools read" {
  container "$name" 'rm /bin/yes; mkdir /d; echo x >/d/f; rm -r /usr; mkdir /usr; echo y >/usr/y'
  mc commit "$name" app
  local id=$output
  equal $'bin/\nbin/.wh.yes\nd/\nd/f\nusr/\nusr/.wh..wh..opq\nusr/y' "$(members_of "$id" | sort)" members
  local diff_id
  diff_id=sha256:$(sha256sum <"$(layer_of "$id" -1)" | cut -d' ' -f1)
  equal "$diff_id" "$(config_of "$id" | jq -r '.rootfs.diff_ids[-1]')" "diff ID"
  command -v umoci skopeo >/dev/null || return 0
  skopeo copy -q --insecure-policy "oci:$(images_directory):docker.io/library/app:latest" \
    "oci:$BATS_TEST_TMPDIR/oci:app"
  umoci unpack $(is_root || echo --rootless) --image "$BATS_TEST_TMPDIR/oci:app" "$BATS_TEST_TMPDIR/bundle"
  local root=$BATS_TEST_TMPDIR/bundle/rootfs
  [[ ! -e $root/bin/yes ]] || fail "the whiteout was not read"
  equal y "$(ls "$root/usr")" "the opaque directory"
  equal x "$(cat "$root/d/f")" "the file"
}

@test "modes, times, links, fifos, sparse files and attributes are kept" {
  container "$name" 'mkdir /d; cd /d; echo x >f; ln f hard; ln -s f soft; mkfifo p; chmod 4751 f
    chmod 1770 .; touch -d @1000000000 f; truncate -s 50M sparse; echo end >>sparse'
  local upper="$MYCONTAINER_ROOT/containers/$("$MYCONTAINER" inspect -f '{{.Id}}' "$name")/upper"
  setfattr -n user.colour -v blue "$upper/d/f" 2>/dev/null || true
  touch -d '2001-02-03 04:05:06.123456789Z' "$upper/d/hard"
  mc commit "$name" app
  local layer
  layer=$(layer_of "$output" -1)
  local listing
  listing=$(tar --full-time --numeric-owner -tvf "$layer")
  echo "$listing"
  [[ $listing == *"drwxrwx--T 0/0"*" d/"* ]] || fail "the directory's mode"
  [[ $listing == *"-rwsr-x--x 0/0"*"2001-02-03 "*":05:06.123456789 d/f"* ]] || fail "the file's mode and time"
  [[ $listing == *"d/hard link to d/f"* ]] || fail "the hard link"
  [[ $listing == *"d/soft -> f"* ]] || fail "the symbolic link"
  [[ $listing == *"prw-r--r-- "*" d/p"* ]] || fail "the fifo"
  [[ $listing == *" 52428804 "*" d/sparse"* ]] || fail "the sparse file's size"
  (($(stat -c %s "$layer") < 1000000)) || fail "the holes were written"
  local attributes
  attributes=$(tar --xattrs --xattrs-include='*' -tvvf "$layer")
  [[ $attributes != *overlay* ]] || fail "attributes of overlayfs leaked"
  if getfattr -n user.colour "$upper/d/f" >/dev/null 2>&1; then
    [[ $attributes == *user.colour* ]] || fail "the attribute is lost"
  fi
}

@test "as root: owners, file capabilities and ACLs are the container's, with a user namespace, too" {
  require_root
  local option
  for option in --userns=host --userns=auto; do
    container "$name" 'echo x >/f; chown 7:8 /f' "$option"
    local upper="$MYCONTAINER_ROOT/containers/$("$MYCONTAINER" inspect -f '{{.Id}}' "$name")/upper"
    mc commit "$name" app
    local listing
    listing=$(tar --numeric-owner -tvf "$(layer_of "$output" -1)")
    [[ $listing == *" 7/8 "*" f" ]] || fail "$option: $listing"
  done
  setcap cap_net_raw+ep "$upper/f" 2>/dev/null || return 0
  mc commit "$name" app
  tar --xattrs --xattrs-include='*' -tvvf "$(layer_of "$output" -1)" | grep -q security.capability
}

@test "nothing that is mounted gets into an image, nor what was made to mount it on" {
  mkdir -p "$BATS_TEST_TMPDIR/secret"
  echo secret >"$BATS_TEST_TMPDIR/secret/file"
  container "$name" 'echo x >/proof; echo more >/mnt/mine/more; echo name >/etc/hostname' \
    -v "$BATS_TEST_TMPDIR/secret:/mnt/mine" --tmpfs /scratch
  mc commit "$name" app
  local members
  members=$(members_of "$output" | sort)
  equal $'mnt/\nmnt/mine/\nproof\nscratch/' "$members" members
  refute_secret "$(layer_of "$output" -1)"
}
refute_secret() { if grep -q secret "$1"; then fail "the mount's content is there"; fi; }

@test "a container that changed nothing gives no layer, and the history says so" {
  container "$name" true
  mc commit -m nothing "$name" app
  local id=$output
  equal 1 "$(manifest_of "$id" | jq '.layers | length')" "the number of layers"
  equal true "$(config_of "$id" | jq '.history[-1].empty_layer')" "the step's empty_layer"
  mc history --format '{{.Comment}} {{.Size}}' app
  [[ $output == "nothing 0B"$'\n'* ]] || fail "the history does not tell"
}

@test "the configuration is the container's, then what --change says" {
  container "$name" 'echo x >/x' -e A=1 -l of=container -w /tmp --entrypoint ""
  mc commit -a 'Ada <ada@example.org>' -m 'a message' -c 'ENV B=2' -c 'LABEL said=change' \
    -c 'EXPOSE 80' -c 'USER 7' "$name" app
  assert_status 0
  local config
  config=$(config_of "$output")
  equal '["sh","-ec","echo x >/x"]' "$(jq -c .config.Cmd <<<"$config")" Cmd
  equal '{"of":"container","said":"change"}' "$(jq -cS .config.Labels <<<"$config")" Labels
  equal '["80/tcp"]' "$(jq -c '.config.ExposedPorts | keys' <<<"$config")" ExposedPorts
  equal 7 "$(jq -r .config.User <<<"$config")" User
  equal /tmp "$(jq -r .config.WorkingDir <<<"$config")" WorkingDir
  equal '["A=1","B=2"]' "$(jq -c '.config.Env | map(select(test("^[AB]=")))' <<<"$config")" Env
  equal '[]' "$(jq -c '.config.Env | map(select(test("^(HOME|HOSTNAME)=")))' <<<"$config")" "Env of every container"
  equal 'Ada <ada@example.org>' "$(jq -r .author <<<"$config")" author
  equal 'a message' "$(jq -r '.history[-1].comment' <<<"$config")" comment
}

@test "a commit of a commit has the layers of the first and one more" {
  image_made first
  local first=$image_id
  mc run --name "$name" first sh -c 'echo two >/second; rm /made'
  assert_status 0
  mc commit "$name" second
  assert_status 0
  local second=$output
  equal "$(manifest_of "$first" | jq -c '[.layers[].digest]')" \
    "$(manifest_of "$second" | jq -c '[.layers[:-1][].digest]')" "the layers below"
  equal $'.wh.made\nsecond' "$(members_of "$second" | sort)" "the new layer"
  mc run --rm second sh -c 'cat /second; ls /made'
  assert_contains two
  assert_status 1
}

@test "an image whose base was removed by force is whole by itself" {
  image_made base
  mc run --name "$name" base sh -c 'echo two >/second'
  assert_status 0
  mc rmi -f base
  assert_status 0
  mc commit "$name" alone
  assert_status 0
  mc rm "$name"
  mc image prune -f
  mc run --rm alone cat /made /second
  assert_output $'base\ntwo'
}

@test "a directory as root filesystem becomes an image, with and without an overlay" {
  local root=$BATS_TEST_TMPDIR/root
  busybox_tree "$root"
  mc run --name "$name" --rootfs "$root:O" /bin/sh -c 'echo x >/over'
  assert_status 0
  mc commit "$name" over
  assert_status 0
  [[ ! -e $root/over ]] || fail "the directory was written to"
  mc run --rm over /bin/cat /over /etc/passwd
  assert_contains ada
  mc run --name "$name.plain" --rootfs "$root" /bin/sh -c 'echo x >/plain'
  mc commit "$name.plain" plain
  assert_status 0
  equal 1 "$(manifest_of "$output" | jq '.layers | length')" "the number of layers"
  mc run --rm plain /bin/cat /plain
  assert_output x
}

@test "as root: a running container is paused meanwhile, unless --pause=false" {
  require_root
  mc run -d --name "$name" busybox sleep 1000
  assert_status 0
  local since=$EPOCHREALTIME
  mc commit "$name" one
  assert_status 0
  mc commit --pause=false "$name" two
  assert_status 0
  mc commit -p=false "$name" three
  assert_status 0
  mc events --since "$since" --until "$EPOCHREALTIME" --filter container="$name" --format '{{.Action}}'
  assert_output $'pause\nunpause\ncommit\ncommit\ncommit'
  equal running "$("$MYCONTAINER" inspect -f '{{.State.Status}}' "$name")" "the container's state"
}

@test "mistakes are told, and nothing is left of them" {
  container "$name" 'echo x >/x'
  mc commit "$name" UPPER
  assert_refused "repository name" 1
  mc commit "$name" app@sha256:0123
  assert_refused "" 1
  mc commit -c 'RUN x' "$name" app
  assert_refused "RUN" 1
  mc commit nobody app
  assert_refused "nobody" 1
  mc commit
  assert_refused "requires at least 1" 1
  mc images -q
  assert_output ""
  mc image prune -f
  assert_no_content
}

@test "as an ordinary user: a running container that cannot be paused is committed, and that is said" {
  require_rootless
  mc run -d --name "$name" busybox sleep 1000
  assert_status 0
  mc commit "$name" app
  assert_status 0
  if [[ -n $stderr ]]; then assert_stderr_contains "the container goes on running"; fi
}
