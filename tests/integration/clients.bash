# Loaded by every client_*.bats file: what a private copy of somebody else's engine needs to use
# mycontainer as its OCI runtime.
#
# A file starts its engine once, in setup_file, with everything of it below $client: sockets, images,
# containers, configuration. All its processes and containers carry MC_MARK in their environment,
# and what is left of them is killed, by number, in teardown_file.
load helpers

# require_programs PROGRAM...: the engine is installed.
require_programs() {
  local program
  for program in "$@"; do
    command -v "$program" >/dev/null || skip "needs $program"
  done
}

# Makes $client with $client/mycontainer-oci, the link that engines call, and $client/rootfs.tar,
# the built-in root filesystem with the probe in it.
make_client() {
  local rootfs
  private_roots
  export client=$BATS_FILE_TMPDIR/c
  mkdir "$client" "$client/image"
  ln -s "$MYCONTAINER" "$client/mycontainer-oci"
  "$MYCONTAINER" run --rm /bin/true
  for rootfs in "$MYCONTAINER_ROOT"/builtin/*/; do cp -a "$rootfs/." "$client/image"; done
  install -m 755 "$PROBE" "$client/image/probe"
  tar -C "$client/image" --numeric-owner --owner=0 --group=0 -c . >"$client/rootfs.tar"
}

# write_wrapper NAME WORD...: $client/NAME runs the engine's command, marked. (conmon writes a file
# "oom" into the working directory.)
write_wrapper() {
  printf '#!/bin/sh\ncd "${0%%/*}" || exit\nexec env MC_MARK=%q %s "$@"\n' "$BATS_RUN_TMPDIR" "${*:2}" >"$client/$1"
  chmod 755 "$client/$1"
}

kill_processes() {
  local pid rest
  while read -r pid rest; do kill -9 "$pid" 2>/dev/null || true; done < <(list_processes)
}

# Kills what is left, unmounts what lies below $client, removes the cgroups of $client_cgroup.
remove_client() {
  local place
  [[ -n ${client-} ]] || return 0
  kill_processes
  eventually no_processes || true
  while read -r place; do umount -l "$place" || true; done \
    < <(awk -v below="$client/" 'index($5, below) == 1 { print $5 }' /proc/self/mountinfo | sort -r)
  [[ -z ${client_cgroup-} ]] || remove_cgroups
}

# podman 4.3 makes plain directories where a v1 hierarchy is not mounted.
remove_cgroups() {
  local place
  find /sys/fs/cgroup -depth -type d -path "*/$client_cgroup*" -exec rmdir {} \; 2>/dev/null || true
  for place in /sys/fs/cgroup/*/"$client_cgroup"; do
    if [[ $(stat -f -c %T "$place" 2>/dev/null) != tmpfs ]]; then continue; fi
    rm -rf --one-file-system "$place"
    rmdir "${place%/*}" 2>/dev/null || true
  done
  return 0
}

runs_systemd() { [[ -d /run/systemd/system ]]; }
has_v2_only() { [[ $(stat -f -c %T /sys/fs/cgroup) == cgroup2fs ]]; }

# cgroup_value CONTROLLER V1-FILE V2-FILE: shell code that prints a limit inside a container.
cgroup_value() { printf 'cat /sys/fs/cgroup/%s' "$(has_v2_only && echo "$3" || echo "$1/$2")"; }

# start_daemon NAME COMMAND...: in the background, marked, its output in $client/NAME.log.
start_daemon() {
  MC_MARK=$BATS_RUN_TMPDIR "${@:2}" >"$client/$1.log" 2>&1 </dev/null 3>&- 4>&- &
  echo $! >"$client/$1.pid"
}

# wait_for_daemon NAME COMMAND...: until COMMAND succeeds, half a minute at most.
wait_for_daemon() {
  local tries
  for ((tries = 0; tries < 300; tries++)); do
    if "${@:2}" >/dev/null 2>&1; then return 0; fi
    sleep 0.1
  done
  tail -n 20 "$client/$1.log" >&2
  return 1
}

stop_daemon() { # stop_daemon NAME
  local pid tries
  pid=$(cat "$client/$1.pid" 2>/dev/null) || return 0
  kill "$pid" 2>/dev/null || return 0
  for ((tries = 0; tries < 100; tries++)); do
    kill -0 "$pid" 2>/dev/null || return 0
    sleep 0.1
  done
}

# containerd's shim counts by itself, and only where every v1 hierarchy of the kernel is mounted.
containerd_can_count() {
  has_v2_only && return
  local controller
  while IFS=: read -r _ controller _; do
    [[ -z $controller || $controller == name=* ]] || mountpoint -q "/sys/fs/cgroup/$controller" ||
      return 1
  done </proc/self/cgroup
}

# A step for the shell on it. The clients set its size only when the program runs already.
ask_terminal='send=until s=$(stty size 2>/dev/null); do sleep 0.1; done; echo $(tty) $s\n'

# client_on_terminal PROGRAM STEP... -- ARG...: like on_terminal of helpers.bash.
client_on_terminal() {
  local program=$1 steps=()
  shift
  while (($#)) && [[ $1 != -- ]]; do
    steps+=("$1")
    shift
  done
  capture 100 "$TERMINAL" "${steps[@]}" -- "$client/$program" "${@:2}"
}
