# Loaded by faults_*.bats after helpers.
#
# FAULTS_FULL=yes runs the full counts; else a file takes less than a minute.

INTRUDER=${INTRUDER:-$here/../bin/intruder}

counts() { # counts FEW FULL
  if [[ -n ${FAULTS_FULL-} ]]; then echo "$2"; else echo "$1"; fi
}

# field FILTER: what jq finds in the record of the container $id.
field() { jq -r "$1" "$MYCONTAINER_ROOT/containers/$id/record.json"; }

# edit FILE FILTER: changes a JSON file in its place.
edit() {
  jq -c "$2" "$1" >"$BATS_TEST_TMPDIR/edited"
  cat "$BATS_TEST_TMPDIR/edited" >"$1"
}

live() { echo "$MYCONTAINER_STATE_ROOT/containers/$id"; }
pid_of() { jq .pid "$(live)/state.json"; }
monitor_of() { awk '/^PPid/ {print $2}' "/proc/$(pid_of)/status"; }

# No cgroup of any container that these roots have ever had; others' containers come and go.
no_new_cgroups() {
  local left
  left=$(list_cgroups | grep -F -f <(jq -r .id "$MYCONTAINER_STATE_ROOT"/events*) || true)
  [[ -z $left ]] || { printf 'left behind: %s\n' "$left"; return 1; }
}

no_containers() {
  local left
  left=$(find "$MYCONTAINER_ROOT/containers" "$MYCONTAINER_ROOT/names" "$MYCONTAINER_STATE_ROOT/containers" -mindepth 1 -maxdepth 1)
  [[ -z $left ]] || { printf 'left behind: %s\n' "$left"; return 1; }
}

id_of() { "$MYCONTAINER" inspect --type container --format '{{.Id}}' "$1"; }
