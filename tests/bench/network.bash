# Starts with a network against starts without and against podman's; how much neighbours cost; what goes
# through. Sourced by scripts/bench, which says what $program, $tools, $work, $state, $rootfs, $rounds and have
# are, in a network namespace of its own: the "host" below.
#
# NEIGHBOURS="1 10" scripts/bench 40 network has other numbers of neighbours than 1, 10 and 200.
# shellcheck shell=bash disable=SC2154  # those are assigned there
# shellcheck source=tests/bench/tables.bash
source tests/bench/tables.bash

# --- the host: an uplink that leads nowhere ----------------------------------------------------

ip link set lo up
ip link add up0 type veth peer name up1
ip addr add 192.0.2.2/24 dev up0
ip link set up0 up
ip link set up1 up
ip route add default via 192.0.2.1

# --- who competes ------------------------------------------------------------------------------

# The bars speak of the same container with and without a network, so everybody runs this one.
ours_at() { printf '%s\n' "$program" --root "$work/data-$1" --state-root "$state/$1"; }
mapfile -t ours < <(ours_at main)
peer=()
if have podman; then
  peer=(podman --root "$work/podman/root" --runroot "$work/podman/run" --tmpdir "$work/podman/tmp"
    --storage-driver vfs --network-config-dir "$work/podman/networks")
fi
container=(--rootfs "$rootfs") container_peer=(--rootfs "$rootfs:O")
sleeper=(/bin/busybox sleep 100000)

gateway_ours() { "${ours[@]}" network inspect bridge | jq -r '.[0].IPAM.Config[0].Gateway'; }
gateway_peer() { "${peer[@]}" network inspect podman | jq -r '.[0].subnets[0].gateway'; }

# What each contender is measured with: median of the results, by name.
median_of() { awk -F '\t' -v name="$1" '$1 == name { print $2 / 1000 }' "$work/medians"; }

# bar WHAT VALUE MOST: a line that says whether the value is within the bar.
bar() {
  awk -v what="$1" -v value="$2" -v most="$3" 'BEGIN {
    printf "- %s: %.3f (bar %s): %s\n", what, value, most, value <= most ? "met" : "NOT met" }'
}
ratio() { awk -v a="$1" -v b="$2" 'BEGIN { print a / b }'; }
difference() { awk -v a="$1" -v b="$2" 'BEGIN { print a - b }'; }

# measure TITLE: life_table, whose medians are kept for the bars.
measure() {
  echo
  echo "| $1 | median ms | 10th | 90th | peak MiB |"
  echo "|---|---|---|---|---|"
  "$tools/interleave" "$rounds" "${life[@]:1}" | tee "$work/medians" | awk -F '\t' '
    { printf "| %s | %.2f | %.2f | %.2f | %.1f |%s\n", $1, $2 / 1000, $3 / 1000, $4 / 1000,
             $5 / 1024, $6 ? " (" $6 " runs failed)" : "" }'
  life=()
  echo
}

# --- one container -----------------------------------------------------------------------------

"${ours[@]}" network create bench >/dev/null
"${ours[@]}" run --rm "${container[@]}" /bin/true

echo "### Starts with a network, median of $rounds interleaved runs"
compete "mycontainer, none" "${ours[@]}" run --rm --network none "${container[@]}" /bin/true
compete "mycontainer, default bridge" "${ours[@]}" run --rm "${container[@]}" /bin/true
compete "mycontainer, a port published" "${ours[@]}" run --rm -p 8080:80 "${container[@]}" /bin/true
compete "mycontainer, own network (names)" "${ours[@]}" run --rm --network bench "${container[@]}" /bin/true
if ((${#peer[@]})); then
  compete "podman, none" "${peer[@]}" run --rm --network none "${container_peer[@]}" /bin/true
  compete "podman, default bridge" "${peer[@]}" run --rm --network bridge "${container_peer[@]}" /bin/true
fi
measure "run --rm"
bar "default bridge over none, ms" \
  "$(difference "$(median_of "mycontainer, default bridge")" "$(median_of "mycontainer, none")")" 3
if ((${#peer[@]})); then
  bar "default bridge, of podman's" \
    "$(ratio "$(median_of "mycontainer, default bridge")" "$(median_of "podman, default bridge")")" 0.05
fi

# busybox's ping ends with the first answer.
compete mycontainer "${ours[@]}" run --rm "${container[@]}" /bin/busybox ping -c 1 "$(gateway_ours)"
if ((${#peer[@]})); then
  compete podman "${peer[@]}" run --rm --network bridge "${container_peer[@]}" /bin/busybox ping -c 1 "$(gateway_peer)"
fi
life_table "run --rm until the gateway answered its first packet"

# --- many at once ------------------------------------------------------------------------------

echo
echo "### 100 containers at once (\`run --rm\`)"
echo
echo "| | wall ms each | processor ms each |"
echo "|---|---|---|"
crowd() { # crowd NAME WORD...
  "$tools/interleave" --at-once 100 100 "$@" | awk -F '\t' '
    { printf "| %s | %.2f | %.2f |%s\n", $1, $2 / 100000, $3 / 100000, $4 ? " (" $4 " runs failed)" : "" }'
}
crowd "mycontainer, none" "${ours[@]}" run --rm --network none "${container[@]}" /bin/true
crowd "mycontainer, default bridge" "${ours[@]}" run --rm "${container[@]}" /bin/true
crowd "mycontainer, own network (names)" "${ours[@]}" run --rm --network bench "${container[@]}" /bin/true
if ((${#peer[@]})); then
  crowd "podman, default bridge" "${peer[@]}" run --rm --network bridge "${container_peer[@]}" /bin/true
fi

# --- beside neighbours -------------------------------------------------------------------------

# Each number has roots and a default network of its own, so that all are measured in the same rounds.
neighbours=${NEIGHBOURS:-1 10 200} least='' most=''
for count in $neighbours; do
  mapfile -t words < <(ours_at "$count")
  "$tools/interleave" --at-once 8 "$count" - "${words[@]}" run -d --name {} "${container[@]}" "${sleeper[@]}" >/dev/null
  compete "beside $count" "${words[@]}" run --rm "${container[@]}" /bin/true
  least=${least:-$count} most=$count
done
echo
echo "### Beside others on the default bridge"
measure "run --rm"
bar "beside $most, of beside $least" "$(ratio "$(median_of "beside $most")" "$(median_of "beside $least")")" 1.2
for count in $neighbours; do
  mapfile -t words < <(ours_at "$count")
  "${words[@]}" ps -aq | xargs -r -n 50 "${words[@]}" rm -f >/dev/null
done

# --- what goes through -------------------------------------------------------------------------

have iperf3 || { echo "bench: throughput needs iperf3 (scripts/bootstrap bench)" >&2; exit 1; }
seconds=${IPERF_SECONDS:-2} throughput_rounds=${IPERF_ROUNDS:-9}

# The plain thing: two network namespaces, two veth pairs, one bridge.
holders=()
ip link add plain0 type bridge
ip link set plain0 up
for number in 1 2; do
  exec {held}< <(exec unshare --net setpriv --pdeathsig KILL sh -c 'ip link set lo up; echo; exec sleep infinity')
  holders+=($!)
  read -r <&"$held"
  ip link add plain0-$number type veth peer name eth0 netns "${holders[-1]}"
  ip link set plain0-$number master plain0 up
  nsenter --net="/proc/${holders[-1]}/ns/net" sh -c "ip addr add 198.18.0.$number/24 dev eth0; ip link set eth0 up"
done
for network in bridge bench; do
  for name in first second; do
    "${ours[@]}" run -d --name $name-$network --network $network "${container[@]}" "${sleeper[@]}" >/dev/null
  done
done
pid_of() { "${ours[@]}" inspect -f '{{.State.Pid}}' "$1"; }
address_of() { "${ours[@]}" inspect "$1" | jq -r '.[0].NetworkSettings.Networks[].IPAddress'; }

# gigabits FROM TO ADDRESS [OPTION...]: from the network of one process to that of another.
gigabits() {
  local listener line
  exec {line}< <(exec nsenter --net="/proc/$2/ns/net" iperf3 -s -1 --forceflush 2>&1)
  listener=$!
  # It says twice that it listens, between lines of dashes.
  grep -q -m 1 listening <&"$line"
  nsenter --net="/proc/$1/ns/net" iperf3 -c "$3" -t "$seconds" -J "${@:4}" | jq '.end.sum_received.bits_per_second / 1e9'
  kill "$listener" 2>/dev/null || true
  exec {line}<&-
}
for ((round = 0; round < throughput_rounds; round++)); do
  gigabits "${holders[1]}" "${holders[0]}" 198.18.0.1 >>"$work/plain"
  for network in bridge bench; do
    gigabits "$(pid_of second-$network)" "$(pid_of first-$network)" "$(address_of first-$network)" >>"$work/in-$network"
  done
done
median() { sort -n "$1" | awk '{ value[NR] = $1 } END { print value[int((NR + 1) / 2)] }'; }
echo
echo "### TCP between two containers, median of $throughput_rounds interleaved rounds of $seconds s"
echo
echo "| | Gbit/s |"
echo "|---|---|"
plain=$(median "$work/plain") default=$(median "$work/in-bridge") own=$(median "$work/in-bench")
printf '| %s | %.2f |\n' "two namespaces, veth and bridge" "$plain" "the default bridge" "$default" \
  "own network (names)" "$own"
echo
bar "plain over the default bridge" "$(ratio "$plain" "$default")" 1.0526
bar "plain over an own network" "$(ratio "$plain" "$own")" 1.0526
kill "${holders[@]}"
"${ours[@]}" rm -f {first,second}-{bridge,bench} >/dev/null
"${ours[@]}" network rm bench >/dev/null
