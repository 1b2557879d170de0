#!/usr/bin/env bats
# Bridge networks: the default one and users' own; the way out, and who reaches whom.
load networks

# A probe that tells about the network from inside: routes, addresses.
in_container() { mc exec "$@"; }

@test "as root: run joins the default network: an interface, an address, a route, and says so" {
  idle one
  in_container one ip -4 -o addr show eth0
  assert_status 0
  assert_contains "inet $(address_of one)/16"
  in_container one ip route
  assert_contains "default via $(gateway_of bridge) dev eth0"
  equal bridge "$("$MYCONTAINER" inspect one -f '{{.HostConfig.NetworkMode}}')" "the network mode"
  mc network inspect bridge
  equal "$(address_of one)/16" "$(jq -r '.[0].Containers[].IPv4Address' <<<"$output")" "the member's address"
}

@test "as root: the default network avoids what the host has a route to" {
  remember_what_is_there
  local subnet
  subnet=$(subnet_of bridge)
  mc network inspect bridge
  assert_status 0
  in_host ip route add 10.67.0.0/24 dev up0
  create clash
  in_host ip route del 10.67.0.0/24 dev up0
  [[ $(subnet_of clash) != 10.67.0.0/24 ]] || fail "the network has the subnet of a route"
  [[ $subnet == 10.66.0.0/16 ]] || fail "the default network has $subnet"
}

@test "as root: containers reach other computers, which see the host's address" {
  serve_in outside tcp:80 udp:80
  serve_in outside2 tcp:80 udp:80
  idle one
  local place protocol
  for protocol in tcp udp; do
    answers one $protocol $kOutside4 80 "$(hostname)" $kHost4
    answers one $protocol $kOutside24 80 "$(hostname)" $kHost4
  done
}

@test "as root: containers with IPv6 reach other computers, which see the host's address" {
  serve_in outside2 tcp:80 udp:80
  create six --ipv6
  idle one --network six
  answers one tcp $kOutside26 80 "$(hostname)" $kHost6
  answers one udp $kOutside26 80 "$(hostname)" $kHost6
}

@test "as root: the host's devices, sysctls and rules of others stay as they were" {
  in_host nft 'table inet others { chain input { type filter hook input priority 0; policy accept; }; }'
  local before
  before=$(in_host nft list table inet others; in_host ip addr show up0; in_host ip route)
  mc run --rm /bin/true
  create mine
  mc run --rm --network mine /bin/true
  mc network rm mine
  local after
  after=$(in_host nft list table inet others; in_host ip addr show up0; in_host ip route | grep -v ' mc')
  in_host nft delete table inet others
  equal "$(grep -v ' mc' <<<"$before")" "$after" "what others have"
}

@test "as root: a host that did not forward does not become a router for others" {
  mc run --rm /bin/true
  # outside2 is asked for by way of the host, which could send it back out of the same device.
  in_outside ip route add 203.0.113.9/32 via $kHost4
  in_host ip route add 203.0.113.9/32 via $kOutside4
  in_outside2 ip addr add 203.0.113.9/32 dev lo
  capture 20 nsenter --net="/proc/$holder_outside/ns/net" /bin/busybox ping -c 1 -W 1 203.0.113.9
  in_outside ip route del 203.0.113.9/32
  in_host ip route del 203.0.113.9/32
  in_outside2 ip addr del 203.0.113.9/32 dev lo
  assert_status 1
}

@test "as root: ping works out, between containers, to the gateway, and for users without rights" {
  create pings --ipv6
  idle one --network pings
  idle two --network pings
  pings one $kOutside4
  pings one $kOutside24
  pings one "$(address_of two)"
  pings one "$(gateway_of pings)"
  pings one $kOutside26
  pings one "$(address6_of two)"
  pings one "$(gateway_of pings 6)"
  # Debian's BusyBox asks in the way that only root may.
  mc exec --user 1000 one /probe ask icmp $kOutside24 0
  assert_seen ask ok
  mc exec --user 1000 one /probe ask icmp $kOutside26 0
  assert_seen ask ok
}

@test "as root: MTU follows the uplink" {
  in_host ip link set up0 mtu 1380
  create thin
  idle one --network thin
  in_container one cat /sys/class/net/eth0/mtu
  in_host ip link set up0 mtu 1500
  assert_output 1380
  create fixed --opt mtu=1300
  idle two --network fixed
  in_container two cat /sys/class/net/eth0/mtu
  assert_output 1300
  create docker-style --opt com.docker.network.driver.mtu=1310
  idle three --network docker-style
  in_container three cat /sys/class/net/eth0/mtu
  assert_output 1310
}

@test "as root: members of a network reach all of each other's ports, members of others none" {
  create red
  create blue
  serve one --network red
  idle two --network red
  idle three --network blue
  answers two tcp "$(address_of one)" 83 one "$(address_of two)"
  answers two udp "$(address_of one)" 83 one "$(address_of two)"
  silent three tcp "$(address_of one)" 80
  silent three udp "$(address_of one)" 80
  ping_from three "$(address_of one)"
  assert_status 1
}

@test "as root: members of the default network and of a user's do not reach each other" {
  create red
  serve default-one
  serve red-one --network red
  silent red-one tcp "$(address_of default-one)" 80
  silent default-one tcp "$(address_of red-one)" 80
}

@test "as root: networks that are not isolated reach each other" {
  create red --opt isolate=false
  create blue --opt isolate=false
  create green
  serve one --network red
  idle two --network blue
  idle three --network green
  answers two tcp "$(address_of one)" 80 one "$(address_of two)"
  silent three tcp "$(address_of one)" 80
}

@test "as root: nobody outside reaches a container that publishes nothing" {
  serve one
  in_outside ip route add "$(subnet_of bridge)" via $kHost4
  silent outside tcp "$(address_of one)" 80
  silent outside udp "$(address_of one)" 80
  in_outside ip route del "$(subnet_of bridge)" via $kHost4
}

@test "as root: the host itself reaches its containers" {
  create six --ipv6
  serve one --network six
  answers host tcp "$(address_of one)" 80 one "$(gateway_of six)"
  answers host tcp "$(address6_of one)" 80 one "$(gateway_of six 6)"
}

@test "as root: a container of several networks has an interface in each, and one default route" {
  create red
  create blue
  serve both --network red --network blue
  idle two --network blue
  idle three --network red
  answers two tcp "$(address_of both blue)" 80 both
  answers three tcp "$(address_of both red)" 80 both
  in_container both ip -o link
  assert_contains eth0
  assert_contains eth1
  in_container both ip route
  equal 1 "$(grep -c ^default <<<"$output")" "the number of default routes"
}

@test "as root: who has the highest gw-priority gives the default route" {
  create red
  create blue
  idle both --network red --network name=blue,gw-priority=5
  in_container both ip route
  assert_contains "default via $(gateway_of blue)"
}

@test "as root: an internal network has no way out and none in" {
  serve_in outside tcp:80 udp:80
  create closed --internal
  serve one --network closed
  idle two --network closed
  answers two tcp "$(address_of one)" 80 one
  silent one tcp $kOutside4 80
  silent one udp $kOutside4 80
  mc run --rm --network closed -p 8090:80 /bin/true
  assert_refused "no port can be published"
  in_container one ip route
  refute_contains default
  # Neither by a route that it makes itself.
  mc run --rm --network closed --cap-add NET_ADMIN -v "$PROBE:/probe:ro" /bin/sh -c \
    "ip route add default via $(gateway_of closed) && /probe ask tcp $kOutside4 80 400"
  [[ $(seen ask) != ok ]] || fail "an internal network has a way out"
}

@test "as root: an internal network's member reaches out by its other network" {
  serve_in outside tcp:80
  create closed --internal
  create open
  idle one --network closed --network open
  answers one tcp $kOutside4 80 "$(hostname)" $kHost4
}

@test "as root: a chosen address and MAC address are had" {
  create mine --subnet 10.99.7.0/24 --ipv6 --subnet fd99:7::/64
  idle one --network mine --ip 10.99.7.77 --ip6 fd99:7::77 --mac-address 02:00:00:00:00:77
  in_container one ip addr show eth0
  assert_contains 10.99.7.77/24
  assert_contains fd99:7::77/64
  assert_contains 02:00:00:00:00:77
  equal 10.99.7.77 "$(address_of one)" "inspect's address"
  equal 02:00:00:00:00:77 "$(mac_of one)" "inspect's MAC address"
}

@test "as root: the MAC address derives from the address" {
  create mine --subnet 10.99.8.0/24
  idle one --network mine --ip 10.99.8.9
  in_container one cat /sys/class/net/eth0/address
  assert_output 02:42:0a:63:08:09
}

@test "as root: neighbours learn that an address has another MAC address" {
  create mine --subnet 10.99.8.0/24
  idle two --network mine
  serve one --network mine --ip 10.99.8.9 --mac-address 02:00:00:00:00:78
  answers two tcp 10.99.8.9 80 one
  mc rm -f one
  serve three --network mine --ip 10.99.8.9
  # At once, but when the bridge's port began to forward later than the container said so: then by and by.
  ask_from two udp 10.99.8.9 80 15000
  assert_seen name three
}

@test "as root: mydocker's way to make a network" {
  mc network create --driver bridge --subnet 192.168.10.1/24 testbridge
  assert_status 0
  mc network list
  assert_contains testbridge
  idle one --network testbridge
  [[ $(address_of one) == 192.168.10.* ]] || fail "the address is $(address_of one)"
  equal 192.168.10.1 "$(gateway_of testbridge)" "the gateway"
  mc rm -f one
  mc network remove testbridge
  assert_status 0
  mc network list
  refute_contains testbridge
}

@test "as root: --network none has a loopback interface alone, host the host's devices" {
  mc run --rm --network none /bin/ip -o link
  equal 1 "$(wc -l <<<"$output")" "the number of interfaces"
  mc run --rm --network host /bin/ip -o link
  assert_contains up0
}

@test "as root: container:NAME shares another's network" {
  serve one
  mc run --rm --network container:one -v "$PROBE:/probe:ro" /probe ask tcp 127.0.0.1 80
  assert_seen name one
  mc run --rm --network container:nobody /bin/true
  assert_refused nobody
}

@test "as root: ns:PATH joins a network namespace that exists" {
  mc run --rm --network "ns:/proc/$holder_outside/ns/net" /bin/ip -o -4 addr
  assert_contains $kOutside4
}

@test "as root: a network goes with its device and rules, and not while somebody is in it" {
  remember_what_is_there
  create mine
  idle one --network mine
  mc network rm mine
  assert_refused mine 1
  pings one $kOutside4
  mc rm -f one
  mc network rm mine
  assert_status 0
  assert_no_network_left
}

@test "as root: connect and disconnect a running container" {
  create red
  create blue --subnet 10.99.9.0/24
  serve one --network red
  idle two --network blue
  mc network connect --ip 10.99.9.40 --alias alias-of-one blue one
  assert_status 0
  answers two tcp 10.99.9.40 80 one
  mc exec two ping -c 1 -W 3 alias-of-one
  assert_status 0
  mc network connect blue one
  assert_refused one 1
  mc network disconnect blue one
  assert_status 0
  silent two tcp 10.99.9.40 80
  mc exec two ping -c 1 -W 1 alias-of-one
  assert_status 1
  pings one $kOutside4
  mc network disconnect red one
  assert_status 0
  mc exec one ip -o link
  refute_contains eth0
}

@test "as root: what was connected is there after a restart, what was disconnected is not" {
  create red
  create blue
  serve one --network red
  mc network connect blue one
  mc network disconnect red one
  mc restart -t 0 one
  assert_status 0
  wait_for_server one
  mc inspect one -f '{{range $name, $_ := .NetworkSettings.Networks}}{{$name}} {{end}}'
  equal "blue" "$(xargs <<<"$output")" "its networks"
  idle two --network blue
  answers two tcp "$(address_of one)" 80 one
}

@test "as root: a container that restarts with another address is found under its name" {
  create mine --subnet 10.99.6.0/24
  serve one --network mine
  idle two --network mine
  local before
  before=$(address_of one)
  mc stop -t 0 one
  # Somebody else has the address meanwhile.
  idle squatter --network mine --ip "$before"
  mc start one
  assert_status 0
  [[ $(address_of one) != "$before" ]] || fail "two containers have $before"
  mc exec two ping -c 1 -W 3 one
  assert_status 0
  assert_contains "($(address_of one))"
}

@test "as root: names are known in their network only" {
  create red
  create blue
  idle one --network red --network-alias uno
  idle two --network red
  idle three --network blue
  local name
  for name in one uno "$("$MYCONTAINER" inspect one -f '{{.Id}}' | cut -c1-12)"; do
    mc exec two ping -c 1 -W 3 "$name"
    assert_status 0
    mc exec three ping -c 1 -W 1 "$name"
    assert_status 1
  done
}
