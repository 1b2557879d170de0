#!/usr/bin/env bats
# `images`, `tag`, `image inspect` and `inspect` of images.
load helpers
load images
load commits

teardown() { remove_all_images; }

@test "images of an empty store is a table without rows" {
  mc images
  assert_status 0
  assert_output "REPOSITORY   TAG       IMAGE ID   CREATED   SIZE"
  mc images -q
  assert_output ""
  mc image ls --format json
  assert_output ""
}

@test "images shows each name, the newest image first" {
  image_made first
  local first=$image_id
  image_made me/second:2
  mc tag first localhost:5000/other:1
  mc images --no-trunc --format '{{.Repository}}:{{.Tag}} {{.ID}}'
  assert_output "me/second:2 $image_id
first:latest $first
localhost:5000/other:1 $first"
  mc images
  [[ $output == "REPOSITORY "*"TAG "*"IMAGE ID "*"CREATED "*"SIZE"$'\n'* ]] || fail "the header"
  assert_contains "${first:7:12}"
  refute_contains "${first:7:13}"
  mc image list -q
  assert_output "${image_id:7:12}
${first:7:12}
${first:7:12}"
}

@test "images takes a name, with patterns and a tag" {
  image_made me/app:1
  mc tag me/app:1 me/app:2
  mc tag me/app:1 other
  mc images --format '{{.Tag}}' me/app
  assert_output $'1\n2'
  mc images --format '{{.Tag}}' me/app:2
  assert_output 2
  mc images --format '{{.Repository}}' 'me/*'
  assert_output $'me/app\nme/app'
  mc images -q app
  assert_output ""
}

@test "images has Docker's filters" {
  image_made old
  container labelled 'echo x >/x'
  mc commit -c 'LABEL a=1 b=2' labelled new
  mc images --filter label=a=1 --format '{{.Repository}}'
  assert_output new
  mc images --filter label=a --filter label=b=1 -q
  assert_output ""
  mc images --filter before=new --format '{{.Repository}}'
  assert_output old
  mc images --filter since=old --format '{{.Repository}}'
  assert_output new
  mc images --filter reference='n*' --format '{{.Repository}}'
  assert_output new
  mc images --filter until=10m -q
  assert_output ""
  mc commit labelled
  mc images --filter dangling=true --format '{{.Repository}} {{.Tag}}'
  assert_output "<none> <none>"
  mc images --filter dangling=false -q
  equal 2 "$(wc -l <<<"$output")" "the number of images"
  mc images --filter colour=red
  assert_refused "invalid filter 'colour'" 1
  mc images --filter before=nobody
  assert_refused "no such image: nobody" 1
}

@test "images prints templates and JSON" {
  image_made app
  mc images --format json
  equal app "$(jq -r .Repository <<<"$output")" Repository
  equal latest "$(jq -r .Tag <<<"$output")" Tag
  mc images --format 'table {{.Repository}}\t{{.Size}}'
  [[ $output == "REPOSITORY   SIZE"$'\n'"app          "* ]] || fail "not a table"
  mc images --digests
  assert_contains DIGEST
  mc images --format '{{.Nothing}}'
  assert_refused Nothing 1
}

@test "tag gives a name, takes it from who had it, and refuses what is none" {
  image_made one
  local one=$image_id
  image_made two
  mc tag one both
  mc tag two both
  assert_status 0
  mc images --no-trunc -q both
  assert_output "$image_id"
  mc tag "${one:7:12}" by-id
  mc images --no-trunc -q by-id
  assert_output "$one"
  mc tag nobody x
  assert_refused "no such image: nobody" 1
  mc tag one UPPER
  assert_refused UPPER 1
  mc tag one
  assert_refused "requires exactly 2 arguments" 1
}

@test "an image that loses its last name to another one dangles" {
  image_made app
  local old=$image_id
  image_made app 'echo other >/made'
  mc images --no-trunc --format '{{.Repository}} {{.ID}}'
  assert_output "app $image_id
<none> $old"
}

@test "inspect finds an image by name and id, after containers" {
  image_made app
  mc inspect app --format '{{.Id}} {{index .RepoTags 0}}'
  assert_output "$image_id app:latest"
  mc image inspect "${image_id:7:10}" -f '{{json .RootFS.Layers}}'
  equal "$(config_of "$image_id" | jq -c .rootfs.diff_ids)" "$output" "the layers"
  mc inspect --type image app -f '{{.Os}} {{.Config.Cmd}}'
  assert_contains "linux [sh -ec"
  mc create --name app /bin/true
  local container=$output
  mc inspect app -f '{{.Id}}'
  assert_output "$container"
  mc inspect --type image app -f '{{.Id}}'
  assert_output "$image_id"
  mc image inspect nobody
  assert_status 1
  assert_stderr_contains "no such image: nobody"
  mc inspect nobody
  assert_stderr_contains "no such object: nobody"
}

@test "info and system df count images, shared layers once" {
  image_made one
  image_made two
  mc info --format '{{.Images}}'
  assert_output 2
  mc system df --format '{{.Type}} {{.TotalCount}} {{.Active}}'
  [[ $output == "Images 2 0"$'\n'* ]] || fail "the images' line"
  mc create --name user one /bin/true
  assert_status 0
  mc system df --format '{{.Type}} {{.TotalCount}} {{.Active}}'
  [[ $output == "Images 2 1"$'\n'* ]] || fail "the images' line"
  mc system df -v
  assert_contains "SHARED SIZE"
  assert_contains "one"
}
