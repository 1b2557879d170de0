#!/usr/bin/env bats
# `history`: the steps that made an image.
load helpers
load images
load commits

teardown() { remove_all_images; }

@test "history lists the steps, the last one first" {
  container box 'echo something >/file'
  mc commit -m 'a comment' box app
  local id=$output
  mc history --no-trunc --format '{{.ID}}|{{.CreatedBy}}|{{.Comment}}' app
  assert_output "$id|sh -ec echo something >/file|a comment
<missing>|busybox|"
  mc history app
  [[ $output == "IMAGE "*"CREATED "*"CREATED BY "*"SIZE "*"COMMENT"* ]] || fail "the header"
  assert_contains "${id:7:12}"
  mc image history -q app
  assert_output "${id:7:12}
<missing>"
}

@test "history shows bytes and times as they are with --human=false" {
  container box 'head -c 5000 /dev/zero >/file'
  mc commit box app
  mc history -H=false --format '{{.Size}} {{.CreatedSince}}' app
  [[ ${output%%$'\n'*} =~ ^[0-9]+\ 20[0-9]{2}-.*Z$ ]] || fail "not plain numbers"
  mc history --format json app
  equal "sh -ec head -c 5000 /dev/zero >/file" "$(head -1 <<<"$output" | jq -r .CreatedBy)" CreatedBy
}

@test "history of what is not there says so" {
  mc history nobody
  assert_refused "no such image: nobody" 1
  mc history
  assert_refused "requires exactly 1 argument" 1
}

@test "history shows what would drive a terminal as text" {
  container box 'echo x >/x'
  mc commit -m $'\e[31mred' box app
  mc history app
  refute_contains $'\e'
}
