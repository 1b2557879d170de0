#!/usr/bin/env bats
# container prune, system prune.
load helpers
load lifecycle.bash

@test "prune removes what does not run and nothing else" {
  mc run -d --name "$name-ended" /bin/sh -c 'head -c 1000000 /dev/zero >/x'
  mc wait "$name-ended"
  mc create --name "$name-created" /bin/true
  is_deaf "$name-runs"
  local ended created
  ended=$(id_of "$name-ended") created=$(id_of "$name-created")
  mc container prune -f
  assert_status 0
  assert_contains "Deleted Containers:"
  assert_contains "$ended"
  assert_contains "$created"
  assert_contains "Total reclaimed space: 1"
  refute_contains "$(id_of "$name-runs")"
  exists "$name-runs"
  refute exists "$name-ended"
  refute exists "$name-created"
  mc container prune -f
  assert_output "Total reclaimed space: 0B"
}

@test "prune asks, and takes only y for yes" {
  mc create --name "$name" /bin/true
  mc container prune
  assert_status 0
  assert_output $'WARNING! This will remove all stopped containers.\nAre you sure you want to continue? [y/N] '
  mc_shell "echo n | '$MYCONTAINER' system prune"
  assert_status 0
  assert_contains "  - all stopped containers"
  exists "$name"
  mc_shell "echo y | '$MYCONTAINER' system prune"
  assert_status 0
  refute exists "$name"
}

@test "prune removes what its filters say" {
  mc create --name "$name-red" -l team=red /bin/true
  mc create --name "$name-blue" -l team=blue /bin/true
  mc create --name "$name-none" /bin/true
  mc container prune -f --filter until=1h
  exists "$name-red"
  mc container prune -f --filter label=team=red
  assert_status 0
  refute exists "$name-red"
  exists "$name-blue"
  mc container prune -f --filter 'label!=team'
  exists "$name-blue"
  refute exists "$name-none"
  mc system prune -f --filter label=team --filter until=0s
  refute exists "$name-blue"
}

@test "prune refuses filters that it does not know" {
  mc container prune -f --filter x
  assert_refused "bad format of filter (expected name=value)"
  mc container prune -f --filter colour=red
  assert_refused "invalid filter 'colour'"
  mc container prune -f --filter until=yesterday
  assert_refused "yesterday"
  mc container prune -f word
  assert_error "accepts no arguments"
}
