# Loaded by every oci_*.bats file: bundles, and the OCI command line.
#
#   bundle                     $bundle becomes a fresh bundle, with the default configuration below
#   edit JQ-FILTER [OPTION...] changes its config.json
#   oci ARG...                 `mycontainer oci ARG...`; $status, $output and $stderr as of `mc`
#   look [VERB...]             runs the bundle with the probe as its program (default: show)
#   shell SCRIPT               runs the bundle with busybox sh -c SCRIPT
#
# Each file has its own --root. OCI_RUNTIME=crun (or runc) asks another runtime the same questions,
# which tells a wrong test from a wrong runtime. What a test leaves running is deleted after it.
load helpers

OCI_RUNTIME=${OCI_RUNTIME:-$MYCONTAINER oci}

# Docker's default capabilities.
OCI_CAPABILITIES='["CAP_CHOWN","CAP_DAC_OVERRIDE","CAP_FSETID","CAP_FOWNER","CAP_MKNOD","CAP_NET_RAW",
  "CAP_SETGID","CAP_SETUID","CAP_SETFCAP","CAP_SETPCAP","CAP_NET_BIND_SERVICE","CAP_SYS_CHROOT",
  "CAP_KILL","CAP_AUDIT_WRITE"]'

OCI_CONFIG='{
  "ociVersion": "1.0.2",
  "process": {
    "terminal": false,
    "user": {"uid": 0, "gid": 0},
    "args": ["/bin/true"],
    "env": ["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"],
    "cwd": "/",
    "capabilities": {"bounding": $caps, "effective": $caps, "permitted": $caps},
    "noNewPrivileges": true
  },
  "root": {"path": "rootfs"},
  "hostname": "bundle",
  "mounts": [
    {"destination": "/proc", "type": "proc", "source": "proc",
     "options": ["nosuid", "noexec", "nodev"]},
    {"destination": "/dev", "type": "tmpfs", "source": "tmpfs",
     "options": ["nosuid", "strictatime", "mode=755", "size=65536k"]},
    {"destination": "/dev/pts", "type": "devpts", "source": "devpts",
     "options": ["nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620", "gid=5"]},
    {"destination": "/dev/shm", "type": "tmpfs", "source": "shm",
     "options": ["nosuid", "noexec", "nodev", "mode=1777", "size=65536k"]},
    {"destination": "/dev/mqueue", "type": "mqueue", "source": "mqueue",
     "options": ["nosuid", "noexec", "nodev"]},
    {"destination": "/sys", "type": "sysfs", "source": "sysfs",
     "options": ["nosuid", "noexec", "nodev", "ro"]}
  ],
  "linux": {
    "namespaces": [{"type": "pid"}, {"type": "network"}, {"type": "ipc"}, {"type": "uts"},
      {"type": "mount"}, {"type": "cgroup"}],
    "resources": {"devices": [{"allow": false, "access": "rwm"}]},
    "maskedPaths": ["/proc/acpi", "/proc/kcore", "/proc/keys", "/proc/timer_list",
      "/sys/firmware"],
    "readonlyPaths": ["/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger"]
  }
}'

# An ordinary user maps itself to root, as `runc spec --rootless` does: gid 5 is not there then.
OCI_ROOTLESS='.linux.namespaces += [{"type": "user"}]
  | .linux.uidMappings = [{"containerID": 0, "hostID": $uid, "size": 1}]
  | .linux.gidMappings = [{"containerID": 0, "hostID": $gid, "size": 1}]
  | del(.linux.resources)
  | (.mounts[] | select(.type == "devpts").options) -= ["gid=5"]'

# The built-in root filesystem with the probe, made once a file and copied for every bundle.
make_rootfs() {
  local made
  mc run --rm /bin/true
  for made in "$MYCONTAINER_ROOT"/builtin/*/; do cp -a "$made" "$BATS_FILE_TMPDIR/rootfs"; done
  cp "$PROBE" "$BATS_FILE_TMPDIR/rootfs/probe"
  chmod 755 "$BATS_FILE_TMPDIR/rootfs/probe"
}

bundle() {
  [[ -d $BATS_FILE_TMPDIR/rootfs ]] || make_rootfs
  bundle=$(mktemp -d "$BATS_TEST_TMPDIR/bundle.XXXXXX")
  chmod 755 "$BATS_TEST_TMPDIR" "$bundle"
  cp -a "$BATS_FILE_TMPDIR/rootfs" "$bundle/rootfs"
  jq -n --argjson caps "$OCI_CAPABILITIES" "$OCI_CONFIG" >"$bundle/config.json"
  # shellcheck disable=SC2016  # the variables are jq's
  is_root || edit "$OCI_ROOTLESS" --argjson uid "$(id -u)" --argjson gid "$(id -g)"
}

# Whole numbers above 2^53 do not survive jq.
edit() { # edit FILTER [JQ-OPTION...]
  jq "$1" "${@:2}" <"$bundle/config.json" >"$bundle/config.json.new" || fail "jq: $1"
  mv "$bundle/config.json.new" "$bundle/config.json"
}

oci() {
  # shellcheck disable=SC2086  # a command and its first argument
  capture 60 $OCI_RUNTIME --root "$BATS_FILE_TMPDIR/oci" "$@"
}

# A container id that no other test of this run has.
fresh_id() { printf '%s-%s-%s' "${BATS_RUN_TMPDIR##*[.-]}" "${BATS_TEST_NUMBER:-0}" "$RANDOM"; }

run_bundle() { # run_bundle PROGRAM ARG...
  # shellcheck disable=SC2016
  edit '.process.args = $ARGS.positional' --args -- "$@"
  oci run --bundle "$bundle" "$(fresh_id)"
}
look() { run_bundle /probe "${@:-show}"; }
shell() { run_bundle /bin/sh -c "$1"; }

# The configuration is refused, by a line that holds its JSON path or what is wrong ($1), and
# nothing was made.
assert_config_refused() {
  ((status != 0)) || fail "the configuration was accepted"
  assert_stderr_contains "$1"
  oci list -q
  assert_output ""
}

teardown() {
  local id
  oci list -q >/dev/null
  for id in $output; do oci delete --force "$id" >/dev/null; done
}
