#!/usr/bin/env bats
# linux.netDevices: devices of the host that become the container's.
load oci

setup() {
  require_root
  bundle
}

# A network namespace stands in for the host's, so that nothing on the machine changes.
in_other_network() { capture 60 unshare --net bash -c "$1"; }

@test "as root: a network device moves in under a new name, with its address, and is up" {
  edit '.linux.netDevices = {"mchost0": {"name": "ctr0"}}
    | .process.args = ["/bin/sh", "-c", "ip addr show ctr0; ip link show mchost0"]'
  in_other_network "ip link add mchost0 type veth peer name mcpeer0 &&
    ip addr add 192.0.2.9/24 dev mchost0 && ip link set mcpeer0 up &&
    $OCI_RUNTIME --root '$BATS_FILE_TMPDIR/oci' run --bundle '$bundle' $(fresh_id); ip -o link"
  assert_contains "inet 192.0.2.9/24"
  assert_contains ",UP"
  refute_contains "mchost0@"
  assert_stderr_contains "mchost0"
}

@test "as root: a network device that is not there is named, and no container is left" {
  edit '.linux.netDevices = {"mcmissing0": {}}'
  oci run --bundle "$bundle" "$(fresh_id)"
  assert_config_refused "linux.netDevices.mcmissing0: "
}

@test "as root: network devices need a network namespace" {
  edit '.linux.netDevices = {"eth9": {}} | .linux.namespaces -= [{"type": "network"}]'
  oci run --bundle "$bundle" "$(fresh_id)"
  assert_config_refused "linux.netDevices: need a network namespace"
}
