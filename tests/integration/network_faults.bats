#!/usr/bin/env bats
# What goes wrong: killed starts, a flushed ruleset, a host that is short of something, bad words.
load networks
load faults

# A host of its own, with nothing brought up yet: elsewhere COMMAND... (shell code; $MYCONTAINER).
elsewhere() {
  capture 60 env MYCONTAINER="$MYCONTAINER_ITSELF" MYCONTAINER_ROOT="$BATS_TEST_TMPDIR/root" \
    MYCONTAINER_STATE_ROOT="$BATS_TEST_TMPDIR/state" unshare --net --mount --propagation private \
    bash -c "ip link set lo up; echo 0 >/proc/sys/net/ipv4/ip_forward; $1"
}

# Shell code: the server in the container called one has begun.
ready="until \$MYCONTAINER logs one | grep -q ready; do sleep 0.01; done"

@test "as root: of 200 starts that are killed at random moments nothing is left" {
  local rounds=200
  [[ -z ${SLOW_MACHINE-} ]] || rounds=30
  create victims --ipv6
  mc run --rm --network victims -p 8080:80 /bin/true
  remember_what_is_there
  export MC_MARK=$BATS_RUN_TMPDIR
  # Some with all, some detached, whose supervisor is another process; the parent, its children, or both.
  mc_shell "for ((i = 0; i < $rounds; i++)); do
      detached=; ((i % 3)) || detached=-d
      '$MYCONTAINER' run --rm \$detached -e MC_MARK --network victims --network bridge --name v\$i \
        -p \$((20000 + i)):80 -p 80/udp /bin/sleep 0.05 >/dev/null 2>&1 & pid=\$!
      sleep 0.0\$((RANDOM % 30 + 10))
      victims=\$pid children=\$(cat /proc/\$pid/task/\$pid/children 2>/dev/null)
      case \$((RANDOM % 3)) in 1) victims=\$children ;; 2) victims=\"\$pid \$children\" ;; esac
      kill -KILL \$victims 2>/dev/null
      wait \$pid
    done 2>/dev/null; true"
  unset MC_MARK
  assert_status 0
  eventually no_processes
  mc ps -a
  mc run --rm /bin/true
  assert_status 0
  assert_no_network_left
  # Those that were killed before they were more than created.
  mc_shell "'$MYCONTAINER' ps -aq | xargs -r '$MYCONTAINER' rm -f"
  assert_nothing_left
}

@test "as root: killed supervisors take their containers, addresses, names and ports along" {
  create victims
  remember_what_is_there
  mc run --rm --network victims /bin/true
  serve one --network victims -p 8080:80
  id=$(id_of one) && kill -KILL "$(monitor_of)"
  eventually container_ended one
  mc rm -f one
  mc run --rm --network victims -p 8080:80 /bin/true
  assert_status 0
  assert_no_network_left
}
container_ended() { [[ $("$MYCONTAINER" inspect "$1" -f '{{.State.Running}}') == false ]]; }

@test "as root: a killed container's port and address are free for the next at once" {
  create victims --subnet 10.99.5.0/24
  serve one --network victims --ip 10.99.5.9 -p 8080:80
  id=$(id_of one) && kill -KILL "$(monitor_of)"
  eventually container_ended one
  serve two --network victims --ip 10.99.5.9 -p 8080:80
  answers outside tcp $kHost4 8080 two $kOutside4
}

@test "as root: a port that the rules have of nobody who is known is free" {
  serve one -p 8080:80
  in_host nft list tables | grep -o 'mycontainer[-0-9a-f]*' >"$BATS_TEST_TMPDIR/tables"
  in_host nft add element inet "$(<"$BATS_TEST_TMPDIR/tables")" ports4 '{ tcp . 8081 : 10.66.9.9 . 80 }'
  serve two -p 8081:80
  answers outside tcp $kHost4 8081 two $kOutside4
  answers outside tcp $kHost4 8080 one $kOutside4
}

@test "as root: network reload restores everything after the ruleset was flushed" {
  serve_in outside tcp:80
  create red --ipv6
  create blue
  create closed --internal
  serve one --network red -p 8080:80 -p 8080:80/udp -p $kHost4:8090:80
  serve two --network blue
  idle three --network closed
  local rules
  rules=$(list_rules | sort)
  in_host nft flush ruleset
  silent outside tcp $kHost4 8080
  mc network reload
  assert_status 0
  equal "$rules" "$(list_rules | sort)" "the ruleset"
  answers outside tcp $kHost4 8080 one $kOutside4
  answers outside udp $kHost4 8080 one $kOutside4
  answers outside tcp $kHost6 8080 one $kOutside6
  answers host tcp 127.0.0.1 8080 one
  answers outside tcp $kHost4 8090 one $kOutside4
  answers one tcp $kOutside4 80 "$(hostname)" $kHost4
  silent two tcp "$(address_of one)" 80
  silent three tcp $kOutside4 80
}

@test "as root: a start after the ruleset was flushed isolates, and leads out" {
  serve_in outside tcp:80
  create red
  create blue
  mc run --rm --network red /bin/true
  mc run --rm --network blue /bin/true
  in_host nft flush ruleset
  serve one --network red -p 8080:80
  idle two --network blue
  answers outside tcp $kHost4 8080 one $kOutside4
  silent two tcp "$(address_of one)" 80
  answers one tcp $kOutside4 80 "$(hostname)" $kHost4
}

@test "as root: a container's end after the ruleset was flushed is not disturbed" {
  remember_what_is_there
  marked -d --name one -p 8080:80 /bin/sleep 1000
  in_host nft flush ruleset
  mc rm -f one
  assert_status 0
  mc network reload
  assert_status 0
  assert_no_network_left
}

@test "as root: a bridge that somebody deleted is there again with the next start" {
  create red --ipv6
  mc run --rm --network red /bin/true
  in_host ip link del "$(device_of red)"
  idle one --network red
  pings one $kOutside4
  pings one "$(gateway_of red 6)"
}

# --- a neighbour who tries ---------------------------------------------------------------------

@test "as root: neither a container nor another computer reaches 127.0.0.1 of the host (CVE-2020-8558)" {
  serve_in host tcp:127.0.0.1:9000 udp:127.0.0.1:9000
  mc run -d --name attacker --cap-add NET_ADMIN --sysctl net.ipv4.conf.all.route_localnet=1 \
    -v "$PROBE:/probe:ro" /bin/sh -c 'ip addr del 127.0.0.1/8 dev lo
      ip route add 127.0.0.1/32 via $(ip route | sed -n "s/default via \([^ ]*\).*/\1/p") && echo set
      exec sleep 1000'
  equal set "$(first_line "$MYCONTAINER" logs -f attacker)" "the attacker's route"
  silent attacker tcp 127.0.0.1 9000
  silent attacker udp 127.0.0.1 9000
  # That it is our rules that stop him:
  in_host nft flush ruleset
  answers attacker tcp 127.0.0.1 9000 "$(hostname)"
  mc network reload
  silent attacker tcp 127.0.0.1 9000

  serve one -p 9080:80 -p 127.0.0.1:9081:80
  in_outside sh -c "echo 1 >/proc/sys/net/ipv4/conf/all/route_localnet
    ip addr del 127.0.0.1/8 dev lo; ip route add 127.0.0.1/32 via $kHost4"
  silent outside tcp 127.0.0.1 9000
  silent outside udp 127.0.0.1 9000
  silent outside tcp 127.0.0.1 9080
  silent outside tcp 127.0.0.1 9081
  in_outside sh -c "ip route del 127.0.0.1/32; ip addr add 127.0.0.1/8 dev lo
    echo 0 >/proc/sys/net/ipv4/conf/all/route_localnet"
  equal "0 0" "$(in_host cat /proc/sys/net/ipv4/conf/{all,up0}/route_localnet | xargs)" "route_localnet"
}

@test "as root: a port of 127.0.0.1 is not for other computers, even by a route" {
  serve one -p 127.0.0.1:8080:80
  silent outside tcp $kHost4 8080
  in_outside ip route add "$(address_of one)" via $kHost4
  silent outside tcp "$(address_of one)" 80
  in_outside ip route del "$(address_of one)"
}

@test "as root: the host takes no router advertisements from containers (CVE-2020-13401)" {
  create six --ipv6
  create four
  mc run --rm --network six /bin/true
  mc run --rm --network four /bin/true
  local device directory
  for device in $(list_bridges); do
    directory=/proc/sys/net/ipv6/conf/$device
    [[ $(in_host cat "$directory/accept_ra") == 0 || $(in_host cat "$directory/disable_ipv6") == 1 ]] ||
      fail "$device takes router advertisements"
  done
}

@test "as root: an uplink that lives of router advertisements goes on to" {
  in_host sh -c 'cd /proc/sys/net/ipv6/conf; echo 0 >all/forwarding; echo 1 >up0/accept_ra'
  create six --ipv6
  mc run --rm --network six /bin/true
  equal 2 "$(in_host cat /proc/sys/net/ipv6/conf/up0/accept_ra)" "accept_ra of the uplink"
}

# --- a host that is short of something -----------------------------------------------------------

@test "as root: without CAP_NET_ADMIN one clear line, and nothing left" {
  remember_what_is_there
  mc_shell "setpriv --bounding-set -net_admin --inh-caps -net_admin '$MYCONTAINER_ITSELF' run --rm /bin/true"
  assert_refused network
  assert_stderr_contains CAP_NET_ADMIN
  assert_no_network_left
}

@test "as root: a kernel without nf_tables: one clear line, and nothing left" {
  elsewhere "$PROBE without-netfilter \$MYCONTAINER run --rm /bin/true; code=\$?
    ip -o link | grep -c ' mc' >&2; exit \$code"
  equal 0 "$(sed -n '$p' <<<"$stderr")" "the number of our devices"
  stderr=$(sed '$d' <<<"$stderr")
  assert_refused nf_tables
  elsewhere "$PROBE without-netfilter \$MYCONTAINER run --rm --network none /bin/true"
  assert_status 0
}

@test "as root: /proc/sys that nobody may write: one clear line, and nothing left" {
  elsewhere "mount --bind /proc/sys /proc/sys && mount -o remount,bind,ro /proc/sys
    \$MYCONTAINER run --rm /bin/true; code=\$?; ip -o link | grep -c ' mc' >&2; exit \$code"
  equal 0 "$(sed -n '$p' <<<"$stderr")" "the number of our devices"
  stderr=$(sed '$d' <<<"$stderr")
  assert_refused "Read-only file system"
}

@test "as root: a host without any route gets a network all the same" {
  elsewhere "\$MYCONTAINER run -d --name one -v $PROBE:/probe:ro -p 8080:80 /probe serve tcp:80 && $ready
    \$MYCONTAINER exec one /probe ask tcp 127.0.0.1 80 && $PROBE ask tcp 127.0.0.1 8080; code=\$?
    \$MYCONTAINER rm -f one; exit \$code"
  assert_status 0
}

@test "as root: a host without IPv6" {
  elsewhere "echo 1 >/proc/sys/net/ipv6/conf/all/disable_ipv6; echo 1 >/proc/sys/net/ipv6/conf/default/disable_ipv6
    \$MYCONTAINER run -d --name one -v $PROBE:/probe:ro -p 8080:80 /probe serve tcp:80 && $ready
    $PROBE ask tcp 127.0.0.1 8080; code=\$?; \$MYCONTAINER rm -f one; exit \$code"
  assert_status 0
}

@test "as root: the default network takes another subnet where the host has a route to its own" {
  elsewhere "ip link add other type veth peer name other1; ip link set other up; ip addr add 10.66.3.1/24 dev other
    \$MYCONTAINER run --rm /bin/ip -4 -o addr show eth0; \$MYCONTAINER network inspect bridge"
  assert_status 0
  assert_contains "inet 10."
  refute_contains "inet 10.66."
}

@test "as root: a route that came later takes the subnet: one clear line, and nothing left" {
  create early --subnet 10.99.11.0/24
  remember_what_is_there
  in_host ip link del "$(device_of early)"
  in_host ip route add 10.99.11.0/25 via $kOutside4
  mc run --rm --network early /bin/true
  in_host ip route del 10.99.11.0/25
  assert_refused 10.99.11.0/25
  assert_no_network_left
  mc run --rm --network early /bin/true
  assert_status 0
}

# --- bad words ---------------------------------------------------------------------------------

refused_create() { # refused_create NAMED OPTION...
  mc network create "${@:2}" bad
  assert_refused "$1" 1
}

@test "as root: bad networks are refused with one line each" {
  remember_what_is_there
  create taken --subnet 10.99.12.0/24
  refused_create nonsense --subnet nonsense
  refused_create 10.99.13.0/33 --subnet 10.99.13.0/33
  refused_create 10.99.13.0 --subnet 10.99.13.0
  refused_create 10.99.12.128/25 --subnet 10.99.12.128/25
  refused_create 192.0.2.0/24 --subnet 192.0.2.0/24
  refused_create 10.99.14.1 --subnet 10.99.13.0/24 --gateway 10.99.14.1
  refused_create 10.99.14.0/25 --subnet 10.99.13.0/24 --ip-range 10.99.14.0/25
  refused_create overlay --driver overlay
  refused_create colour --opt colour=blue
  refused_create mtu --opt mtu=many
  refused_create mtu --opt mtu=20
  mc network create taken
  assert_refused taken 1
  mc network create "bad/name"
  assert_refused bad/name 1
  mc network create host
  assert_refused host 1
  mc network rm taken
  assert_no_network_left
}

@test "as root: bad wishes of a run are refused with one line each" {
  create mine --subnet 10.99.15.0/24
  remember_what_is_there
  local words
  while read -r named words; do
    # shellcheck disable=SC2086  # words
    mc run --rm $words /bin/true
    assert_refused "$named"
  done <<'WORDS'
nothing --network nothing
nobody --network container:nobody
/nowhere --network ns:/nowhere
10.99.16.1 --network mine --ip 10.99.16.1
10.99.15.1 --network mine --ip 10.99.15.1
10.99.15.0 --network mine --ip 10.99.15.0
10.99.15.300 --network mine --ip 10.99.15.300
IPv6 --network mine --ip6 fd00::5
zz:zz --mac-address zz:zz
01:00:00:00:00:01 --mac-address 01:00:00:00:00:01
00:00:00:00:00:00 --mac-address 00:00:00:00:00:00
70000 -p 70000:80
80:81:82:83:84 -p 80:81:82:83:84
8080-8081:80-82 -p 8080-8081:80-82
icmp -p 80:80/icmp
999.1.1.1 -p 999.1.1.1:80:80
WORDS
  assert_no_network_left
}

@test "as root: an address in use is refused and names who has it" {
  create mine --subnet 10.99.17.0/24
  idle one --network mine --ip 10.99.17.5
  mc run --rm --network mine --ip 10.99.17.5 /bin/true
  assert_refused 10.99.17.5
  assert_stderr_contains "$("$MYCONTAINER" inspect one -f '{{.Id}}' | cut -c1-12)"
}

@test "as root: --link is refused and the better way named" {
  mc run --rm --link one:two /bin/true
  assert_refused --link
  assert_stderr_contains --network
}

@test "as root: a firewall that drops what is forwarded is named, with the rules that let containers out" {
  in_host nft 'table ip strict { chain forward { type filter hook forward priority 0; policy drop; }; }'
  mc network create behind
  assert_status 0
  assert_stderr_contains 'chain "ip strict forward" drops'
  serve_in outside tcp:80
  idle one --network behind
  silent one tcp $kOutside4 80
  in_host nft insert rule ip strict forward iifname '"mc*"' accept
  in_host nft insert rule ip strict forward oifname '"mc*"' accept
  ask_from one tcp $kOutside4 80
  assert_seen ask ok
  in_host nft delete table ip strict
}
