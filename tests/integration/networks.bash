# Loaded by network_*.bats instead of helpers: hosts made of network namespaces, and traffic between
# them and containers.
#
#    outside2 -- 198.51.100.0/24 -- outside -- 192.0.2.0/24 -- host -- the containers' bridges
#      .2        2001:db8:2::/64   .1    .1    2001:db8:1::/64   .2
#
# "host" is where mycontainer runs; "outside" is another computer and the host's default gateway;
# "outside2" lies behind it. Neither of the two knows a route to any container. The namespaces are
# their holders' (`sleep` processes), which end with the file: nothing is written anywhere.
load helpers
unset MYCONTAINER_NETWORK # which helpers.bash sets for the others

kHost4=192.0.2.2 kOutside4=192.0.2.1 kOutside24=198.51.100.2
kHost6=2001:db8:1::2 kOutside6=2001:db8:1::1 kOutside26=2001:db8:2::2

# --- the hosts -------------------------------------------------------------------------------

# hold NAME: makes a network namespace; its holder's number goes to $holder_NAME.
hold() {
  local held
  exec {held}< <(exec unshare --net setpriv --pdeathsig KILL \
    /bin/sh -c 'ip link set lo up; echo held; exec sleep infinity' 2>/dev/null 3>&-)
  printf -v "holder_$1" %s $!
  export "holder_$1"
  read -r <&"$held"
  exec {held}<&-
  # What this machine's other namespaces were told is no part of the test.
  "in_$1" sh -c 'echo 0 >/proc/sys/net/ipv4/ip_forward; echo 0 >/proc/sys/net/ipv6/conf/all/forwarding'
}

# in_NAME COMMAND...: runs it in that host's network; mounts, cgroups and processes stay the same.
in_host() { nsenter --net="/proc/$holder_host/ns/net" "$@"; }
in_outside() { nsenter --net="/proc/$holder_outside/ns/net" "$@"; }
in_outside2() { nsenter --net="/proc/$holder_outside2/ns/net" "$@"; }

# join A DEVICE 4 6 B DEVICE 4 6: a cable between two of them.
join() {
  local other=holder_$5
  "in_$1" ip link add "$2" type veth peer name "$6" netns "${!other}"
  # Duplicate address detection would hold IPv6 up for a second or two.
  "in_$1" sh -c "echo 0 >/proc/sys/net/ipv6/conf/$2/accept_dad; ip link set $2 up"
  "in_$5" sh -c "echo 0 >/proc/sys/net/ipv6/conf/$6/accept_dad; ip link set $6 up"
  "in_$1" ip addr add "$3" dev "$2"
  "in_$5" ip addr add "$7" dev "$6"
  "in_$1" ip addr add "$4" dev "$2" nodad
  "in_$5" ip addr add "$8" dev "$6" nodad
}

make_hosts() {
  hold host
  hold outside
  hold outside2
  join host up0 $kHost4/24 $kHost6/64 outside lan0 $kOutside4/24 $kOutside6/64
  join outside wan0 198.51.100.1/24 2001:db8:2::1/64 outside2 up0 $kOutside24/24 $kOutside26/64
  in_host ip route add default via $kOutside4
  in_host ip route add default via $kOutside6
  in_outside2 ip route add default via 198.51.100.1
  in_outside2 ip route add default via 2001:db8:2::1
  in_outside sh -c 'echo 1 >/proc/sys/net/ipv4/ip_forward; echo 1 >/proc/sys/net/ipv6/conf/all/forwarding'
}

# Everything that calls $MYCONTAINER (mc, mc_shell, on_terminal) calls it on "host" from now on.
move_to_host() {
  printf '#!/bin/sh\nexec nsenter --net=/proc/%s/ns/net %q "$@"\n' "$holder_host" "$MYCONTAINER" \
    >"$BATS_FILE_TMPDIR/mycontainer"
  chmod 755 "$BATS_FILE_TMPDIR/mycontainer"
  export MYCONTAINER_ITSELF=$MYCONTAINER MYCONTAINER=$BATS_FILE_TMPDIR/mycontainer
}

setup_file() {
  private_roots
  is_root || return 0
  make_hosts
  move_to_host
}

teardown_file() {
  local name
  for name in host outside outside2; do
    name=holder_$name
    [[ -z ${!name-} ]] || kill "${!name}"
  done
}

servers=()
setup() { require_root; }

# Each test begins without containers and with no network but the default one.
teardown() {
  is_root || return 0
  ((${#servers[@]} == 0)) || kill "${servers[@]}" 2>/dev/null || true
  "$MYCONTAINER" ps -aq | xargs -r "$MYCONTAINER" rm -f >/dev/null
  "$MYCONTAINER" network ls --format '{{.Name}}' | grep -vxE 'bridge|host|none' |
    xargs -r "$MYCONTAINER" network rm >/dev/null
}

# --- containers that talk --------------------------------------------------------------------

# first_line COMMAND...: waits for the first line that it prints, then ends it.
first_line() {
  local from line pid
  exec {from}< <(exec "$@" 2>&1)
  pid=$!
  read -r -t 20 line <&"$from" || true
  exec {from}<&-
  kill "$pid" 2>/dev/null || true
  printf '%s\n' "${line-}"
}

# serve NAME OPTION...: a container that answers on TCP and UDP ports 80 to 83, by its name.
serve() {
  mc run -d --name "$1" --hostname "$1" -v "$PROBE:/probe:ro" "${@:2}" /probe serve {tcp,udp}:{80..83}
  assert_status 0
  wait_for_server "$1"
}
wait_for_server() {
  equal ready "$(first_line "$MYCONTAINER" logs -f "$1")" "the first line of $1"
}

# idle NAME OPTION...: a container that only is there, with the probe in it.
idle() {
  mc run -d --name "$1" --hostname "$1" -v "$PROBE:/probe:ro" "${@:2}" /bin/sleep 1000
  assert_status 0
}

# serve_in PLACE PORT...: the same outside of containers; ends with the test's processes (teardown).
serve_in() {
  local holder=holder_$1 from line
  exec {from}< <(exec nsenter --net="/proc/${!holder}/ns/net" setpriv --pdeathsig KILL "$PROBE" serve "${@:2}" 3>&-)
  servers+=($!)
  read -r -t 20 line <&"$from"
  equal ready "$line" "what the server says"
}

# ask_from PLACE tcp|udp ADDRESS PORT [MILLISECONDS]: PLACE is host, outside, outside2 or a container.
# $output has ask=, name= and peer= (tests/programs/probe).
ask_from() {
  case $1 in
    host | outside | outside2)
      local holder=holder_$1
      capture 30 nsenter --net="/proc/${!holder}/ns/net" "$PROBE" ask "${@:2}"
      ;;
    *) capture 30 "$MYCONTAINER" exec "$1" /probe ask "${@:2}" ;;
  esac
}

# answers PLACE PROTOCOL ADDRESS PORT NAME [PEER]: NAME answers, and sees PEER.
answers() {
  ask_from "${@:1:4}"
  assert_seen ask ok
  assert_seen name "$5"
  [[ -z ${6-} ]] || assert_seen peer "$6"
}

# silent PLACE PROTOCOL ADDRESS PORT: nobody answers.
silent() {
  ask_from "${@:1:4}" 400
  [[ $(seen ask) != ok ]] || fail "$3 port $4 answers $1: $output"
}

# ping_from CONTAINER ADDRESS [OPTION...]
ping_from() { mc exec "${@:3}" "$1" ping -c 1 -W 3 "$2"; }
pings() {
  ping_from "$@"
  assert_status 0
}

# address_of CONTAINER [NETWORK], address6_of: as inspect tells it.
address_of() { told "$1" "${2-}" IPAddress; }
address6_of() { told "$1" "${2-}" GlobalIPv6Address; }
mac_of() { told "$1" "${2-}" MacAddress; }
told() {
  "$MYCONTAINER" inspect "$1" | jq -re --arg network "$2" --arg key "$3" '.[0].NetworkSettings.Networks |
    (if $network == "" then to_entries[0].value else .[$network] end)[$key]'
}
# host_port_of CONTAINER PORT/PROTOCOL: of the first mapping.
host_port_of() { "$MYCONTAINER" port "$1" "$2" | sed -n '1s/.*://p'; }
# The bridge of a user's network.
device_of() { "$MYCONTAINER" network inspect "$1" | jq -r '.[0].Options["com.docker.network.bridge.name"]'; }

# subnet_of NETWORK [4|6], gateway_of.
subnet_of() { pool_of "$1" "${2-4}" Subnet; }
gateway_of() { pool_of "$1" "${2-4}" Gateway; }
pool_of() {
  "$MYCONTAINER" network inspect "$1" | jq -re --arg family "$2" --arg key "$3" '[.[0].IPAM.Config[] |
    select((.Subnet | contains(":")) == ($family == "6"))][0][$key]'
}

# create NAME OPTION...: a network.
create() {
  mc network create "${@:2}" "$1"
  assert_status 0
}

# --- nothing left behind ---------------------------------------------------------------------

list_devices() { in_host ip -o link | sed 's/^[0-9]*: //; s/[@:].*//' | grep '^mc' | sort || true; }
list_bridges() { in_host ip -o link show type bridge | sed 's/^[0-9]*: //; s/[@:].*//' | grep '^mc' | sort || true; }
# Of our tables; without what only counts.
# Forwarding stays on, and so does the rule that keeps the host from being a router because of that: one of
# each family, with the first network that has addresses of it.
list_rules() {
  in_host nft -s list ruleset | grep -vE '^[[:space:]]*$|iifname != "mc\*" oifname != "mc\*" drop' || true
}
# Claims, names, members and their name services.
list_members() {
  find "$MYCONTAINER_STATE_ROOT/networks" -mindepth 2 \( -path '*/addresses/*' -o -path '*/names/*' \
    -o -path '*/reverse/*' -o -path '*/members/*' -o -path '*/alive/*' \) -printf '%P\n' 2>/dev/null | sort
}

# Call before; the default network is brought up first, because it is meant to stay.
remember_what_is_there() {
  mc run --rm /bin/true
  assert_status 0
  mounts_before=$(list_mounts) cgroups_before=$(list_cgroups) directories_before=$(list_directories)
  devices_before=$(list_devices) rules_before=$(list_rules) members_before=$(list_members)
}
no_new_devices() { nothing_new "$devices_before" "$(list_devices)"; }
no_new_members() { nothing_new "$members_before" "$(list_members)"; }
no_new_rules() { nothing_new "$rules_before" "$(list_rules)"; }
# A network namespace that nobody is in has no name; but the host's end of its veth pair would be there.
assert_no_network_left() {
  eventually no_new_devices
  eventually no_new_rules
  eventually no_new_members
}
