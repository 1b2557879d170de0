#!/usr/bin/env bats
# update: limits and restart policy of what runs and what does not.
load helpers
load lifecycle.bash

# limit_file NAME CONTROLLER V1FILE V2FILE: what it says
limit() {
  local id file
  id=$(id_of "$1")
  for file in /sys/fs/cgroup/"$2"/mycontainer/"$id"/"$3" /sys/fs/cgroup/mycontainer/"$id"/"$4"; do
    [[ ! -e $file ]] || { cat "$file"; return; }
  done
}

@test "as root: a running container's limits change at once" {
  require_root
  is_deaf "$name" -m 64m --pids-limit 100
  mc update -m 100m --memory-swap 200m --pids-limit 50 "$name"
  assert_status 0
  assert_output "$name"
  equal $((100 << 20)) "$(limit "$name" memory memory.limit_in_bytes memory.max)" "memory limit"
  equal 50 "$(limit "$name" pids pids.max pids.max)" "pids limit"
}

@test "as root: what a container does not hear now it has from its next start on" {
  require_root
  mc create --name "$name" /bin/sleep 1000
  mc update -m 100m --cpus 0.5 "$name"
  assert_status 0
  mc start "$name"
  assert_status 0
  equal $((100 << 20)) "$(limit "$name" memory memory.limit_in_bytes memory.max)" "memory limit"
}

@test "as root: a limit that cannot be put in force is an error, and nothing is noted" {
  require_root
  is_deaf "$name" -m 64m
  local before
  before=$(cat "$MYCONTAINER_ROOT/containers/$(id_of "$name")/config.json")
  mc update -m 1g "$name"
  assert_error "update the memoryswap at the same time"
  equal "$before" "$(cat "$MYCONTAINER_ROOT/containers/$(id_of "$name")/config.json")" "its configuration"
  equal $((64 << 20)) "$(limit "$name" memory memory.limit_in_bytes memory.max)" "memory limit"
}

@test "the restart policy of a running container changes" {
  is_deaf "$name"
  mc update --restart on-failure:3 "$name"
  assert_status 0
  has_record "$name" 'on-failure'
  mc update --restart no "$name"
  assert_status 0
  refute has_record "$name" 'on-failure'
}

@test "a restart policy does not go with --rm" {
  is_deaf "$name" --rm
  mc update --restart always "$name"
  assert_error "Restart policy cannot be updated because AutoRemove is enabled for the container"
}

@test "update wants a flag that it understands" {
  mc create --name "$name" /bin/true
  mc update "$name"
  assert_error "you must provide one or more flags when using this command"
  mc update --restart sometimes "$name"
  assert_refused "unknown policy 'sometimes'"
  mc update --cpus 1 --cpu-quota 5000 "$name"
  assert_error "Conflicting options"
  mc update -m 1k "$name"
  assert_refused "Minimum memory limit allowed is 6MB"
  mc update -m 100m nobody
  assert_error "no such container: nobody"
}
