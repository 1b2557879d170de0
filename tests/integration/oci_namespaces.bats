#!/usr/bin/env bats
# Namespaces of the configuration: made, taken over by their path, and left as they are.
load oci

# The inode numbers that tell a namespace: of the host, and of process $1.
namespace_of() { readlink "/proc/${1:-self}/ns/$2"; }

init_of() { # init_of ID
  oci state "$1" >/dev/null
  jq -r .pid <<<"$output"
}

# A container that stays, with its id in $owner and its first process in $owner_pid.
start_owner() { # start_owner [JQ-FILTER]
  bundle
  edit '.process.args = ["/bin/sleep", "1000"]'"${1+ | $1}"
  owner=$(fresh_id)
  oci run --detach --bundle "$bundle" "$owner"
  assert_status 0
  owner_pid=$(init_of "$owner")
}

join() { # join TYPE FILE [PID]: the next bundle's namespace of that type is the owner's
  # shellcheck disable=SC2016
  edit '(.linux.namespaces[] | select(.type == $type)).path = $path' \
    --arg type "$1" --arg path "/proc/${3:-$owner_pid}/ns/$2"
}

@test "every namespace of the configuration is new, and no other" {
  bundle
  look
  for type in mnt uts ipc pid net cgroup; do
    [[ $(seen "ns_$type") != "$(namespace_of self $type)" ]] || fail "$type is the host's"
  done
  is_root && [[ $(seen ns_user) == "$(namespace_of self user)" ]]
  edit '.linux.namespaces |= map(select(.type == "mount" or .type == "user")) | del(.hostname)
    | .mounts |= map(select(.type != "sysfs" and .type != "mqueue"))'
  is_root || return 0
  look
  for type in uts ipc pid net cgroup; do
    [[ $(seen "ns_$type") == "$(namespace_of self $type)" ]] || fail "$type is not the host's"
  done
}

@test "as root: namespaces are taken over from another container by their path" {
  require_root
  start_owner
  bundle
  join network net
  join ipc ipc
  join uts uts
  edit 'del(.hostname)'
  look
  assert_status 0
  for type in net ipc uts; do
    [[ $(seen "ns_$type") == "$(namespace_of "$owner_pid" $type)" ]] || fail "$type was not joined"
  done
  [[ $(seen ns_pid) != "$(namespace_of "$owner_pid" pid)" ]]
  [[ $(seen hostname) == bundle ]] || fail "the hostname is not the owner's"
  [[ $(seen sid) == 1 ]] || fail "no session of its own"
}

@test "as root: a PID namespace is taken over: the program is a process among the owner's" {
  require_root
  start_owner
  bundle
  join pid pid
  look
  assert_status 0
  [[ $(seen ns_pid) == "$(namespace_of "$owner_pid" pid)" ]]
  (($(seen pid) > 1))
  shell 'cat /proc/1/comm'
  assert_output sleep
}

@test "as root: what runs in a PID namespace taken over ends with its own container, and the owner lives" {
  require_root
  start_owner
  bundle
  join pid pid
  edit '.process.args = ["/bin/sh", "-c", "sleep 1000 & sleep 1000"]'
  id=$(fresh_id)
  oci run --detach --bundle "$bundle" "$id"
  assert_status 0
  oci delete --force "$id"
  assert_status 0
  kill -0 "$owner_pid"
  oci ps --format json "$owner"
  [[ $(jq length <<<"$output") == 1 ]] || fail "processes were left: $output"
}

@test "as root: a user namespace is taken over, and with it what belongs to it" {
  require_root
  start_owner '.linux.namespaces += [{"type": "user"}]
    | .linux.uidMappings = [{"containerID": 0, "hostID": 100000, "size": 65536}]
    | .linux.gidMappings = [{"containerID": 0, "hostID": 100000, "size": 65536}]'
  bundle
  edit '.linux.namespaces += [{"type": "user"}]'
  for pair in user:user network:net ipc:ipc; do join "${pair%:*}" "${pair#*:}"; done
  look
  assert_status 0
  for type in user net ipc; do
    [[ $(seen "ns_$type") == "$(namespace_of "$owner_pid" $type)" ]] || fail "$type was not joined"
  done
  [[ $(seen uid) == 0:0:0 || $(seen uid) == "0 0 0" ]] || fail "uid $(seen uid)"
}

@test "as root: a network namespace of the host's goes with a new user namespace" {
  require_root
  unshare --net sleep 1000 &
  local holder=$!
  until [[ $(namespace_of $holder net) != "$(namespace_of self net)" ]]; do sleep 0.05; done
  bundle
  edit '.linux.namespaces += [{"type": "user"}]
    | .linux.uidMappings = [{"containerID": 0, "hostID": 100000, "size": 65536}]
    | .linux.gidMappings = [{"containerID": 0, "hostID": 100000, "size": 65536}]
    | .mounts |= map(select(.type != "sysfs"))'
  join network net $holder
  chmod 755 "$bundle/rootfs"
  look
  local joined
  joined=$(namespace_of $holder net)
  kill $holder
  assert_status 0
  [[ $(seen ns_net) == "$joined" ]] || fail "not joined"
}

@test "a path that is no namespace, or one of another type, is refused" {
  bundle
  edit '(.linux.namespaces[] | select(.type == "network")).path = "/proc/self/status"'
  look
  assert_config_refused "namespace"
  edit '(.linux.namespaces[] | select(.type == "network")).path = "/proc/self/ns/uts"'
  look
  assert_config_refused "namespace"
  edit '(.linux.namespaces[] | select(.type == "network")).path = "/nowhere"'
  look
  assert_config_refused "/nowhere"
}

@test "a time namespace starts its clocks where the configuration says" {
  bundle
  # shellcheck disable=SC2016
  edit '.linux.namespaces += [{"type": "time"}] | .linux.timeOffsets =
    {"monotonic": {"secs": 86400, "nanosecs": 0}, "boottime": {"secs": 864000, "nanosecs": 5}}'
  shell 'cat /proc/uptime; cat /proc/self/timens_offsets'
  assert_status 0
  local inside outside
  inside=$(sed -n '1s/[. ].*//p' <<<"$output")
  outside=$(sed 's/[. ].*//' /proc/uptime)
  ((inside - outside >= 864000 - 5 && inside - outside <= 864000 + 5)) ||
    fail "uptime $inside inside, $outside outside"
  grep -Eq 'monotonic +86400 +0' <<<"$output"
  grep -Eq 'boottime +864000 +5' <<<"$output"
}

@test "exec joins all namespaces of the container, clocks included" {
  bundle
  edit '.process.args = ["/bin/sleep", "1000"] | .linux.namespaces += [{"type": "time"}]
    | .linux.timeOffsets = {"boottime": {"secs": 864000}}'
  id=$(fresh_id)
  oci run --detach --bundle "$bundle" "$id"
  assert_status 0
  local pid
  pid=$(init_of "$id")
  oci exec "$id" /probe show
  assert_status 0
  for type in mnt uts ipc pid net cgroup user; do
    [[ $(seen "ns_$type") == "$(namespace_of "$pid" $type)" ]] || fail "$type is not the container's"
  done
  oci exec "$id" /bin/cat /proc/uptime
  (($(sed 's/[. ].*//' <<<"$output") > 864000))
}

@test "a container has a session keyring of its own, which exec shares, and the caller's with --no-new-keyring" {
  bundle
  edit '.process.args = ["/bin/sleep", "1000"] | del(.linux.seccomp)
    | .linux.maskedPaths -= ["/proc/keys"]'
  id=$(fresh_id)
  oci run --detach --bundle "$bundle" "$id"
  assert_status 0
  oci exec "$id" /bin/cat /proc/keys
  [[ $(grep -c "_ses.$id" <<<"$output") == 1 ]] || fail "not one keyring: $output"
  oci delete --force "$id"
  oci run --detach --no-new-keyring --bundle "$bundle" "$id"
  oci exec "$id" /bin/true
  assert_status 0
}

@test "as root: SIGKILL ends all processes of a container without a PID namespace of its own" {
  require_root
  start_owner
  bundle
  join pid pid
  edit '.process.args = ["/bin/sh", "-c", "sleep 1000 & sleep 1000"]'
  id=$(fresh_id)
  oci run --detach --bundle "$bundle" "$id"
  assert_status 0
  oci kill "$id" KILL
  assert_status 0
  oci exec "$owner" /bin/sh -c 'ps | grep -c "[s]leep 1000"'
  assert_output 1
  oci delete "$id"
  assert_status 0
}
