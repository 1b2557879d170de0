#!/usr/bin/env bats
# macvlan and ipvlan: containers on the host's own LAN, without a bridge. A kernel that lacks one of them
# says so; the other kind of machine has it.
load networks

# can_have KIND DEVICE: a device of that kind is made on it, and goes again.
can_have() { in_host ip link add link "$2" name kind2 type "$1" 2>/dev/null && in_host ip link del kind2; }

# has_kind KIND: the kernel has such devices. One that has them waits until those of the test before are gone:
# a parent has only one kind.
has_kind() {
  in_host ip link add kind0 type veth peer name kind1
  local has=0
  can_have "$1" kind0 || has=1
  in_host ip link del kind0
  ((has == 0)) && eventually can_have "$1" up0
}

# on_lan NAME DRIVER OPTION...: a network with the addresses of up0's upper half.
on_lan() {
  # The test before had the same addresses with other MAC addresses.
  in_outside ip neigh flush dev lan0
  create "$1" --driver "$2" --subnet 192.0.2.0/24 --gateway $kOutside4 --ip-range 192.0.2.128/25 \
    --subnet 2001:db8:1::/64 --gateway $kOutside6 --ipv6 --opt parent=up0 "${@:3}"
}

# works_on_lan DRIVER OPTION...: members are computers of the LAN like others.
works_on_lan() {
  # The test before had the same addresses with other MAC addresses.
  in_outside ip neigh flush dev lan0
  serve_in outside2 tcp:80
  on_lan lan "$@"
  serve one --network lan
  idle two --network lan
  answers outside tcp "$(address_of one)" 80 one $kOutside4
  answers outside udp "$(address_of one)" 80 one $kOutside4
  answers two tcp "$(address_of one)" 80 one "$(address_of two)"
  answers one tcp $kOutside24 80 "$(hostname)" "$(address_of one)"
  eventually pings one $kOutside26
  remember_what_is_there
  mc rm -f one two
  mc network rm lan
  assert_status 0
  assert_no_network_left
  in_host ip link show up0
}

refused_by_kernel() { # refused_by_kernel KIND
  remember_what_is_there
  on_lan lan "$1"
  mc run --rm --network lan /bin/true
  assert_refused "$1"
  mc network rm lan
  assert_no_network_left
}

@test "as root: macvlan" {
  if ! has_kind macvlan; then refused_by_kernel macvlan; return; fi
  works_on_lan macvlan
}

@test "as root: macvlan with a MAC address that was chosen" {
  if ! has_kind macvlan; then refused_by_kernel macvlan; return; fi
  on_lan lan macvlan
  idle one --network lan --mac-address 02:00:00:00:00:99 --ip 192.0.2.200
  mc exec one cat /sys/class/net/eth0/address
  assert_output 02:00:00:00:00:99
  pings one $kOutside4
  in_outside ip neigh show 192.0.2.200
  [[ $(in_outside ip neigh show 192.0.2.200) == *02:00:00:00:00:99* ]]
}

@test "as root: private macvlan: members do not reach each other" {
  if ! has_kind macvlan; then refused_by_kernel macvlan; return; fi
  on_lan lan macvlan --opt macvlan_mode=private
  serve one --network lan
  idle two --network lan
  answers outside tcp "$(address_of one)" 80 one
  silent two tcp "$(address_of one)" 80
}

@test "as root: ipvlan" {
  if ! has_kind ipvlan; then refused_by_kernel ipvlan; return; fi
  works_on_lan ipvlan
}

@test "as root: ipvlan as a router (l3)" {
  if ! has_kind ipvlan; then refused_by_kernel ipvlan; return; fi
  create routed --driver ipvlan --subnet 10.99.20.0/24 --opt parent=up0 --opt ipvlan_mode=l3
  serve one --network routed
  in_outside ip route add 10.99.20.0/24 via $kHost4
  answers outside tcp "$(address_of one)" 80 one $kOutside4
  in_outside ip route del 10.99.20.0/24
}

@test "as root: a parent that is not there" {
  mc network create --driver macvlan --subnet 192.0.2.0/24 --opt parent=nothing0 lan
  if ((status == 0)); then
    mc run --rm --network lan /bin/true
    assert_refused nothing0
  else
    assert_refused nothing0 1
  fi
}

@test "as root: a mode that is not there" {
  mc network create --driver macvlan --subnet 192.0.2.0/24 --opt parent=up0 --opt macvlan_mode=odd lan
  assert_refused odd 1
}

@test "as root: a container of a macvlan network and a bridge" {
  if ! has_kind macvlan; then refused_by_kernel macvlan; return; fi
  on_lan lan macvlan
  create inner
  serve both --network lan --network inner
  idle two --network inner
  answers outside tcp "$(address_of both lan)" 80 both
  answers two tcp "$(address_of both inner)" 80 both
}
