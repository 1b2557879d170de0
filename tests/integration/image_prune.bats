#!/usr/bin/env bats
# `image prune` and the images of `system prune`.
load helpers
load images
load commits

teardown() { remove_all_images; }

@test "image prune removes what has no name, and says how much that was" {
  image_made app
  local old=$image_id
  image_made app 'head -c 100000 /dev/urandom >/made'
  mc image prune -f
  assert_status 0
  assert_contains "deleted: $old"
  refute_contains "$image_id"
  assert_contains "Total reclaimed space: "
  mc images --no-trunc -q
  assert_output "$image_id"
  mc image prune -f
  assert_output "Total reclaimed space: 0B"
}

@test "image prune -a removes all that no container uses" {
  image_made used
  local used=$image_id
  image_made unused
  mc create --name user used true
  assert_status 0
  mc image prune -a --force
  assert_contains "untagged: unused:latest
deleted: $image_id"
  mc images --no-trunc -q
  assert_output "$used"
  mc rm user
  mc image prune -af
  mc images -q
  assert_output ""
  assert_no_content
}

@test "image prune has filters for labels and time" {
  container box 'echo x >/x'
  mc commit -c 'LABEL keep=yes' box kept
  mc commit -c 'LABEL keep=no' box gone
  mc image prune -af --filter until=1h
  assert_output "Total reclaimed space: 0B"
  mc rm box
  mc image prune -af --filter label!=keep=yes
  assert_contains "untagged: gone:latest"
  mc images --format '{{.Repository}}'
  assert_output kept
  mc image prune -f --filter colour=red
  assert_refused "invalid filter 'colour'" 1
}

@test "image prune asks first" {
  image_made app
  mc_shell 'echo n | "$MYCONTAINER" image prune -a'
  assert_status 0
  assert_contains "WARNING! This will remove all images without at least one container associated to them."
  mc images -q
  [[ -n $output ]] || fail "it was not asked"
  mc_shell 'echo y | "$MYCONTAINER" image prune -a'
  mc images -q
  assert_output ""
}

@test "system prune removes dangling images, with -a all that are not used" {
  image_made app
  local old=$image_id
  image_made app 'echo other >/made'
  mc system prune -f
  assert_contains "deleted: $old"
  mc images --no-trunc -q
  assert_output "$image_id"
  mc system prune -af
  assert_contains "deleted: $image_id"
  assert_no_content
}

@test "left-overs of killed work go with the next prune" {
  image_made app
  mkdir -p "$MYCONTAINER_ROOT/layers/.unfinished-dead/diff/x" "$MYCONTAINER_ROOT/layers/.removed-dead/diff"
  mc rmi app
  assert_no_content
}
