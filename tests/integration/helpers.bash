# Loaded by every .bats file: where the program is, how it is run, what is asserted.
#
# Each file has its own --root and --state-root, so that files cannot disturb each other and the
# built-in root filesystem is unpacked once per file. Everything `mc` does is printed, and bats
# shows it when the test fails.
bats_require_minimum_version 1.8.0

# Tests that are not about networks run without one (networks.bash has those that are).
export MYCONTAINER_NETWORK=${MYCONTAINER_NETWORK-none}

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)

# In CI, on machines that are busy with others, a test that fails runs once more (scripts/test puts
# that file there). That is no secret: scripts/test names every test that needed it.
if [[ -e $here/second-attempts ]]; then
  export BATS_TEST_RETRIES=1
  if ((${BATS_TEST_TRY_NUMBER:-1} > 1)); then echo "# second attempt: ${BATS_TEST_NAME-}" >&3; fi
fi

MYCONTAINER=${MYCONTAINER:-$here/../bin/mycontainer}
PROBE=${PROBE:-$here/../bin/probe}
TERMINAL=${TERMINAL:-$here/../bin/terminal}
AGENT=${AGENT:-$here/../bin/agent}
ATTACKER=${ATTACKER:-$here/../bin/attacker}
CONSOLE=${CONSOLE:-$here/../bin/console}
export MYCONTAINER PROBE TERMINAL AGENT CONSOLE ATTACKER

private_roots() {
  export MYCONTAINER_ROOT=$BATS_FILE_TMPDIR/root MYCONTAINER_STATE_ROOT=$BATS_FILE_TMPDIR/state
  chmod 755 "$BATS_RUN_TMPDIR" "$BATS_FILE_TMPDIR"
}
setup_file() { private_roots; }

# --- running ---------------------------------------------------------------------------------

# mc ARG...: runs the program; $status, $output and $stderr hold what came of it.
mc() { capture 60 "$MYCONTAINER" "$@"; }

# Runs shell code (for redirections and background jobs), with $MYCONTAINER to call.
mc_shell() { capture 300 bash -c "$1"; }

# on_terminal STEP... -- ARG...: runs the program on a terminal (see tests/programs/terminal.cpp).
on_terminal() {
  local steps=()
  while (($#)) && [[ $1 != -- ]]; do
    steps+=("$1")
    shift
  done
  capture 100 "$TERMINAL" "${steps[@]}" -- "$MYCONTAINER" "${@:2}"
}

# capture SECONDS COMMAND...: like bats' own `run`, which has opinions about status 127.
capture() {
  local files=$BATS_TEST_TMPDIR/capture
  status=0
  timeout --foreground -k 5 "$@" </dev/null >"$files.out" 2>"$files.err" || status=$?
  output=$(tr -d '\0' <"$files.out")
  stderr=$(tr -d '\0' <"$files.err")
  shift
  printf '$ %s\n' "${*@Q}"
  printf 'status %s\nstdout: %s\nstderr: %s\n' "$status" "${output:0:3000}" "${stderr:0:2000}"
}

# inside OPTION... -- VERB...: runs the probe in a container and keeps what it prints.
inside() {
  local options=()
  while (($#)) && [[ $1 != -- ]]; do
    options+=("$1")
    shift
  done
  mc run --rm -v "$PROBE:/probe:ro" "${options[@]}" /probe "${@:2}"
}

# seen KEY: the value of a line KEY=VALUE that the probe printed.
seen() { sed -n "s/^$1=//p" <<<"$output" | tr -d '\r'; }

# --- asserting -------------------------------------------------------------------------------

fail() {
  printf 'assertion failed: %s\n' "$*"
  return 1
}

# equal WANTED GOT WHAT
equal() { [[ $2 == "$1" ]] || fail "$3 is '$2', not '$1'"; }
assert_status() { equal "$1" "$status" "exit status"; }
assert_output() { equal "$1" "$output" "output"; }
assert_seen() { equal "$2" "$(seen "$1")" "$1"; }
assert_contains() { [[ $output == *"$1"* ]] || fail "output does not contain '$1'"; }
refute_contains() { [[ $output != *"$1"* ]] || fail "output contains '$1'"; }
assert_stderr_contains() { [[ $stderr == *"$1"* ]] || fail "stderr does not contain '$1'"; }

# A user's mistake: status 125 (or $2), nothing on stdout, one line that names $1, perhaps one hint.
assert_refused() {
  assert_status "${2:-125}"
  assert_output ""
  local lines
  mapfile -t lines <<<"$stderr"
  ((${#lines[@]} == 1)) || [[ ${#lines[@]} == 2 && ${lines[1]} == "hint: "* ]] ||
    fail "more than one line and one hint on stderr"
  [[ ${lines[0]} == "mycontainer: "* ]] || fail "the line does not say who speaks"
  [[ ${lines[0]} != *. ]] || fail "the line ends with a period"
  [[ $stderr == *"$1"* ]] || fail "the line does not name '$1'"
}

# eventually COMMAND...: tries for five seconds.
eventually() {
  local tries
  for ((tries = 0; tries < 50; tries++)); do
    if "$@"; then return 0; fi
    sleep 0.1
  done
  fail "still not so after five seconds: $*"
}

# --- nothing left behind ---------------------------------------------------------------------

list_mounts() { cut -d' ' -f4- /proc/self/mountinfo | sort; }
list_cgroups() { find /sys/fs/cgroup -type d 2>/dev/null | sort; }
list_directories() {
  [[ ! -d $MYCONTAINER_STATE_ROOT ]] || find "$MYCONTAINER_STATE_ROOT" -mindepth 2
  # Overlayfs makes its work directory one that only root enters.
  [[ ! -d $MYCONTAINER_ROOT ]] || find "$MYCONTAINER_ROOT" -xdev -type d 2>/dev/null || true
}
# Ours carry this run's directory in their environment, or in their container's (see `marked`).
list_processes() {
  local pid
  while read -r pid; do
    pid=${pid#/proc/} pid=${pid%/environ}
    printf '%s %s\n' "$pid" "$(tr '\0' ' ' <"/proc/$pid/cmdline" 2>/dev/null)"
  done < <(grep -lsF -- "MC_MARK=$BATS_RUN_TMPDIR" /proc/[0-9]*/environ)
}

# marked OPTION...: `mc run`, every process of it findable by list_processes.
marked() { MC_MARK=$BATS_RUN_TMPDIR mc run -e "MC_MARK=$BATS_RUN_TMPDIR" "$@"; }

# Call before; the built-in root filesystem is unpacked first, because it is meant to stay.
remember_what_is_there() {
  mc run --rm /bin/true
  mounts_before=$(list_mounts) cgroups_before=$(list_cgroups) directories_before=$(list_directories)
}

nothing_new() { # nothing_new BEFORE AFTER: prints and fails if AFTER has lines that BEFORE lacks
  local new
  new=$(comm -13 <(sort <<<"$1") <(sort <<<"$2"))
  [[ -z $new ]] || { printf 'left behind: %s\n' "$new"; return 1; }
}
no_new_mounts() { nothing_new "$mounts_before" "$(list_mounts)"; }
no_new_cgroups() { nothing_new "$cgroups_before" "$(list_cgroups)"; }
no_new_directories() { nothing_new "$directories_before" "$(list_directories)"; }
no_processes() { [[ -z $(list_processes) ]] || { list_processes; return 1; }; }

assert_nothing_left() {
  eventually no_processes
  eventually no_new_mounts
  eventually no_new_cgroups
  eventually no_new_directories
}

# --- where a test can run --------------------------------------------------------------------
# Every reason printed here stands in tests/expected-skips, or CI fails.

is_root() { [[ $(id -u) == 0 ]]; }
require_root() { is_root || skip "needs root"; }
require_rootless() { ! is_root || skip "needs an ordinary user"; }
require_subids() { grep -q "^$(id -un):" /etc/subuid 2>/dev/null || skip "needs subuid ranges"; }
# The v2 controller is one we may use: delegated to us, or we are root.
require_controller() {
  if is_root; then
    [[ -d /sys/fs/cgroup/$1 ]] || grep -qsw "$1" /sys/fs/cgroup/{,unified/}cgroup.controllers ||
      skip "needs the cgroup controller $1"
  else
    local own
    own=/sys/fs/cgroup$(sed -n 's/^0:://p' /proc/self/cgroup)
    if [[ ! -w $own/cgroup.procs ]] || ! grep -qsw "$1" "$own/cgroup.controllers"; then
      skip "needs the cgroup controller $1"
    fi
  fi
}
# Users other than the caller.
require_many_ids() { is_root || require_subids; }
require_apparmor() { [[ -d /sys/kernel/security/apparmor ]] || skip "needs AppArmor"; }
