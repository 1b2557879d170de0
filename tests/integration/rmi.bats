#!/usr/bin/env bats
# `rmi`: names go, and with the last one the image.
load helpers
load images
load commits

teardown() { remove_all_images; }

@test "rmi takes the name, the image, and all that only it needed" {
  image_made app
  mc run --rm app true
  assert_status 0
  mc rmi app
  assert_status 0
  assert_output "Untagged: app:latest
Deleted: $image_id"
  mc images -q
  assert_output ""
  assert_no_content
}

@test "rmi of one name of several leaves the image" {
  image_made app
  mc tag app app:2
  mc image rm app:2
  assert_status 0
  assert_output "Untagged: app:2"
  mc images --format '{{.Repository}}:{{.Tag}}'
  assert_output app:latest
}

@test "rmi leaves what another image needs" {
  image_made one
  image_made two
  mc rmi one
  assert_status 0
  mc run --rm two cat /made
  assert_output two
}

@test "rmi by id of an image with several names must be forced" {
  image_made app
  mc tag app other
  mc rmi "${image_id:7:12}"
  assert_refused "(must be forced) - image is referenced in multiple repositories" 1
  mc rmi -f "${image_id:7:12}"
  assert_status 0
  assert_output "Untagged: app:latest
Untagged: other:latest
Deleted: $image_id"
}

@test "rmi does not take an image from its containers, but by force from one that does not run" {
  image_made app
  mc create --name user app cat /made
  local user=$output
  assert_status 0
  mc rmi app
  assert_refused "conflict: unable to remove repository reference \"app\" (must force) - container ${user:0:12} is using its referenced image ${image_id:7:12}" 1
  mc rmi "${image_id:7:12}"
  assert_refused "(must be forced) - image is being used by stopped container ${user:0:12}" 1
  mc rmi -f app
  assert_status 0
  assert_contains "Deleted: $image_id"
  mc start -a user
  assert_output app
  mc rm user
  mc image prune -f
  assert_no_content
}

@test "rmi by force of a running container's image only takes its name" {
  image_made app
  mc run -d --name user app sleep 1000
  assert_status 0
  mc rmi -f app
  assert_status 0
  assert_output "Untagged: app:latest"
  mc images --no-trunc --format '{{.Repository}} {{.ID}}'
  assert_output "<none> $image_id"
  mc rmi -f "$image_id"
  assert_refused "(cannot be forced) - image is being used by running container" 1
  mc exec user cat /made
  assert_output app
}

@test "rmi tells each one that is not there, and goes on with the others" {
  image_made app
  mc rmi nobody app neither
  assert_status 1
  assert_contains "Untagged: app:latest"
  assert_stderr_contains "no such image: nobody"
  assert_stderr_contains "no such image: neither"
  mc rmi -f nobody
  assert_status 0
  assert_stderr_contains "no such image: nobody"
}

@test "a name is never taken for the beginning of an id" {
  image_made app
  mc tag app "${image_id:7:1}"
  mc rmi "${image_id:7:1}"
  assert_status 0
  assert_output "Untagged: ${image_id:7:1}:latest"
}

@test "events tell of tags and removals" {
  local since=$EPOCHREALTIME
  image_made app
  mc tag app other
  mc rmi app other
  mc events --since "$since" --until "$EPOCHREALTIME" --filter type=image --format '{{.Action}}'
  assert_output $'tag\ntag\nuntag\nuntag\ndelete'
}
