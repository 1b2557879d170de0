# Containers that live on their own, against podman's (and exec against crun's). Sourced by
# scripts/bench, which says what $program, $tools, $work, $state, $rootfs, $rounds, have and make_bundle
# are.
#
# LOG_MIB=N scripts/bench 40 lifecycle makes the log smaller than 1 GiB.
# shellcheck shell=bash disable=SC2154  # those are assigned there

ours=("$program" --root "$work/data" --state-root "$state")
# What makes a container of the same root filesystem: WORDS... OPTION... IMAGE... COMMAND.
image_ours=(--network none)
peer=() image_peer=()
if have podman; then
  peer=(podman --root "$work/podman/root" --runroot "$work/podman/run" --tmpdir "$work/podman/tmp"
    --storage-driver vfs)
  image_peer=(--network none --log-driver k8s-file --rootfs "$rootfs:O")
fi
sleeper=(/bin/busybox sleep 100000)
# Ends at SIGTERM, and says when it is ready for one.
obedient=(/bin/busybox sh -c 'trap "exit 0" TERM; >/tmp/ready; while :; do sleep 1000 & wait; done')
until_ready=(/bin/busybox sh -c 'until [ -e /tmp/ready ]; do sleep 0.01; done')

# shellcheck source=tests/bench/tables.bash
source tests/bench/tables.bash

# many WIDTH COUNT WHO WORD...: as many commands, so many at a time ({}: a number); silent.
many() { "$tools/interleave" --at-once "$1" "$2" "$3" "${@:4}" >/dev/null; }
remove_all_ours() { "${ours[@]}" ps -aq | xargs -r -n 50 "${ours[@]}" rm -f >/dev/null; }
remove_all_peers() { ((${#peer[@]} == 0)) || "${peer[@]}" rm -fa -t 0 >/dev/null; }

echo
echo "### Containers that live on their own, median of $rounds interleaved runs"

name=bench-$$
compete mycontainer "${ours[@]}" run -d --name "$name" "${image_ours[@]}" "${sleeper[@]}" %%% "${ours[@]}" rm -f $name
if have podman; then
  compete podman "${peer[@]}" run -d --name "$name" "${image_peer[@]}" "${sleeper[@]}" %%% "${peer[@]}" rm -f -t 0 $name
fi
life_table "run -d"

compete mycontainer "${ours[@]}" run -d --name "$name" "${image_ours[@]}" /bin/true +++ "${ours[@]}" wait $name +++ "${ours[@]}" rm $name
if have podman; then
  compete podman "${peer[@]}" run -d --name "$name" "${image_peer[@]}" /bin/true +++ "${peer[@]}" wait $name +++ "${peer[@]}" rm $name
fi
life_table "run -d + wait + rm"

prepared=("${ours[@]}" run -d --name "$name" "${image_ours[@]}" "${obedient[@]}" %%% "${ours[@]}" exec "$name" "${until_ready[@]}")
compete mycontainer %%% "${prepared[@]}" +++ "${ours[@]}" stop $name %%% "${ours[@]}" rm $name
if have podman; then
  prepared=("${peer[@]}" run -d --name "$name" "${image_peer[@]}" "${obedient[@]}" %%% "${peer[@]}" exec "$name" "${until_ready[@]}")
  compete podman %%% "${prepared[@]}" +++ "${peer[@]}" stop $name %%% "${peer[@]}" rm $name
fi
life_table "stop (of a program that ends at SIGTERM)"

"${ours[@]}" run -d --name "$name" "${image_ours[@]}" "${sleeper[@]}" >/dev/null
compete mycontainer "${ours[@]}" exec "$name" /bin/true
if have crun; then
  crun_life=(crun --root "$state/crun")
  bundle_life=$(make_bundle life 'del(.linux.cgroupsPath) | .process.args = ["/bin/busybox", "sleep", "100000"]')
  "${crun_life[@]}" run --detach --bundle "$bundle_life" $name </dev/null >/dev/null 2>&1
  compete crun "${crun_life[@]}" exec "$name" /bin/true
fi
if have podman; then
  "${peer[@]}" run -d --name "$name" "${image_peer[@]}" "${sleeper[@]}" >/dev/null
  compete podman "${peer[@]}" exec "$name" /bin/true
fi
life_table exec
compete mycontainer "${ours[@]}" inspect $name
if have podman; then compete podman "${peer[@]}" inspect $name; fi
life_table inspect
if have crun; then "${crun_life[@]}" delete --force $name; fi
remove_all_ours
remove_all_peers

# --- beside many others --------------------------------------------------------------------------

# Each number of containers has roots of its own, so that all are measured in the same rounds.
ours_with() { printf '%s\n' "$program" --root "$work/data-$1" --state-root "$state/with-$1"; }
peer_with() { printf '%s\n' "${peer[0]}" --root "$work/podman-$1/root" --runroot "$work/podman-$1/run" --tmpdir "$work/podman-$1/tmp" --storage-driver vfs; }

# list_many WHAT MOST-OF-PEERS COMMAND...: makes 0, 100 and 1,000 with COMMAND and lists them.
list_many() {
  local count words
  for count in 0 100 1000; do
    mapfile -t words < <(ours_with $count)
    "${words[@]}" run --rm --network none /bin/true
    if ((count > 0)); then many 4 $count - "${words[@]}" "${@:2}" "${image_ours[@]}" "${sleeper[@]}"; fi
    compete "mycontainer, $count $1" "${words[@]}" ps -a
  done
  have podman || return 0
  for count in 0 100; do
    mapfile -t words < <(peer_with $count)
    if ((count > 0)); then many 4 $count - "${words[@]}" "${@:2}" "${image_peer[@]}" "${sleeper[@]}"; fi
    compete "podman, $count $1" "${words[@]}" ps -a
  done
}
remove_lists() {
  local count words
  for count in 0 100 1000; do
    mapfile -t words < <(ours_with $count)
    "${words[@]}" ps -aq | xargs -r -n 50 "${words[@]}" rm -f >/dev/null
  done
  have podman || return 0
  mapfile -t words < <(peer_with 100)
  "${words[@]}" rm -fa -t 0 >/dev/null
}

list_many created create
life_table "ps -a"
remove_lists
list_many running run -d
life_table "ps -a"
for count in 0 100 1000; do
  mapfile -t words < <(ours_with $count)
  compete "beside $count running" "${words[@]}" run --rm --network none /bin/true
done
life_table "run --rm"
remove_lists

# --- many at once --------------------------------------------------------------------------------

echo
echo "### 200 containers started 16 at a time (\`run -d\`)"
echo
echo "| | containers a second | mycontainer's times it |"
echo "|---|---|---|"
{
  "$tools/interleave" --at-once 16 200 mycontainer "${ours[@]}" run -d --name {} "${image_ours[@]}" "${sleeper[@]}"
  if have podman; then
    "$tools/interleave" --at-once 16 200 podman "${peer[@]}" run -d --name {} "${image_peer[@]}" "${sleeper[@]}"
  fi
} | awk -F '\t' '
  NR == 1 { first = $2 }
  { printf "| %s | %.1f | %.1f |%s\n", $1, 200 / ($2 / 1e6), $2 / first, $4 ? " (" $4 " runs failed)" : "" }'

# --- an idle monitor's memory --------------------------------------------------------------------

# memory_of PID...: the mean private and resident KiB.
memory_of() {
  local pid
  for pid; do cat "/proc/$pid/smaps_rollup"; done | awk -v count=$# '
    /^Private_/ { private += $2 }
    /^Rss:/ { resident += $2 }
    END { printf "%.0f | %.0f", private / count, resident / count }'
}
echo
echo "### What supervises one container that does nothing"
echo
echo "| mean of 200 | private KiB | resident KiB |"
echo "|---|---|---|"
sleep 5
monitors=()
for pid in $("${ours[@]}" ps -q | xargs "${ours[@]}" inspect -f '{{.State.Pid}}'); do
  monitors+=("$(awk '/^PPid:/ { print $2 }' "/proc/$pid/status")")
done
echo "| mycontainer's monitor | $(memory_of "${monitors[@]}") |"
if have podman; then
  mapfile -t monitors < <("${peer[@]}" ps -q | xargs "${peer[@]}" inspect -f '{{.State.ConmonPid}}')
  echo "| podman's conmon | $(memory_of "${monitors[@]}") |"
fi
remove_all_ours
remove_all_peers

# --- a long log ----------------------------------------------------------------------------------

mib=${LOG_MIB:-1024}
line=$(printf 'x%.0s' {1..99})
chatter=(/bin/busybox sh -c "/bin/busybox yes $line | /bin/busybox head -c $((mib * 1048576))")
"${ours[@]}" run -d --name "$name" --log-opt max-size=8g "${image_ours[@]}" "${chatter[@]}" >/dev/null
"${ours[@]}" wait $name >/dev/null
compete mycontainer "${ours[@]}" logs $name
if have podman; then
  "${peer[@]}" run -d --name "$name" "${image_peer[@]}" "${chatter[@]}" >/dev/null
  "${peer[@]}" wait $name >/dev/null
  compete podman "${peer[@]}" logs $name
fi
life_table "logs of $mib MiB in lines of 100 bytes (3 rounds)" 3
remove_all_ours
remove_all_peers
