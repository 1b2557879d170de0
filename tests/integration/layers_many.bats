#!/usr/bin/env bats
# Images of one to five hundred layers: unpacked, and started as one overlay. Kernels before 6.8 take
# them another way (rootfs/layer/joined_mount.h), so this is for the virtual machine, too.
load helpers
load images
load lifecycle

setup_file() {
  private_roots
  local BATS_TEST_TMPDIR=$BATS_FILE_TMPDIR
  busybox_tree "$BATS_FILE_TMPDIR/tree"
  layer_tar "$BATS_FILE_TMPDIR/0.tar" "$BATS_FILE_TMPDIR/tree"
}
setup() { name=c$BATS_TEST_NUMBER; }
teardown() { remove_all; }

# many COUNT: an archive many.tar of the image many:COUNT. Each layer has a file of its own, and one that
# the layer above it has, too; every third removes what the one below it brought.
many() {
  local number work=$BATS_FILE_TMPDIR/layers layers=("$BATS_FILE_TMPDIR/0.tar")
  mkdir -p "$work/d/layers"
  for ((number = 1; number < $1; number++)); do
    layers+=("$work/$number.tar")
    [[ ! -e $work/$number.tar ]] || continue
    echo "$number" >"$work/d/layers/$number"
    echo "$number" >"$work/d/top"
    if ((number % 3 == 0)); then touch "$work/d/layers/.wh.$((number - 1))"; fi
    tar -C "$work/d" --numeric-owner --owner=0 --group=0 -cf "$work/$number.tar" .
    rm -f "$work"/d/layers/{,.wh.}*[0-9]
  done
  oci_archive "$BATS_TEST_TMPDIR/many.tar" "many:$1" '{"Cmd":["cat","/top"]}' "${layers[@]}"
}

for_count() {
  many "$1"
  capture 300 "$MYCONTAINER" load -q -i "$BATS_TEST_TMPDIR/many.tar"
  assert_status 0
  mc run --rm "many:$1"
  assert_output "$(($1 - 1))"
  mc run --rm "many:$1" sh -c 'echo new >/layers/new; ls /layers | wc -l'
  assert_output "$(($1 - ($1 - 1) / 3))"
}

@test "an image of 100 layers is loaded and started" { for_count 100; }
@test "an image of 200 layers is loaded and started" { for_count 200; }
@test "an image of 500 layers is loaded and started" { for_count 500; }

@test "an image of more layers than the kernel stacks says so" {
  many 501
  capture 300 "$MYCONTAINER" load -q -i "$BATS_TEST_TMPDIR/many.tar"
  assert_status 0
  mc run --rm many:501
  assert_refused "501 layers are more than the 500 that the kernel can stack"
}

@test "as root: an image of 200 layers is started in a user namespace of its own" {
  require_root
  many 200
  capture 300 "$MYCONTAINER" load -q -i "$BATS_TEST_TMPDIR/many.tar"
  mc run --rm --userns auto many:200 sh -c 'cat /top; stat -c %u /layers/1; echo x >/layers/1; cat /layers/1'
  assert_output $'199\n0\nx'
}
