#!/usr/bin/env bats
# Published ports: from everywhere, and whom the container sees.
load networks

@test "as root: a published port answers from outside, and the container sees the client" {
  serve one -p 8080:80 -p 8080:80/udp
  answers outside tcp $kHost4 8080 one $kOutside4
  answers outside udp $kHost4 8080 one $kOutside4
  answers outside2 tcp $kHost4 8080 one $kOutside24
  answers outside2 udp $kHost4 8080 one $kOutside24
}

@test "as root: a published port answers on the host's own addresses and on 127.0.0.1" {
  serve one -p 8080:80 -p 8080:80/udp
  local protocol address
  for protocol in tcp udp; do
    for address in $kHost4 127.0.0.1 127.0.0.9 "$(gateway_of bridge)"; do
      answers host $protocol "$address" 8080 one
    done
  done
}

@test "as root: a published port answers other containers, and the container itself (hairpin)" {
  create red
  serve one -p 8080:80 -p 8080:80/udp
  idle two
  idle three --network red
  local protocol
  for protocol in tcp udp; do
    answers two $protocol $kHost4 8080 one
    answers three $protocol $kHost4 8080 one
    answers one $protocol $kHost4 8080 one
    answers two $protocol "$(gateway_of bridge)" 8080 one
  done
}

@test "as root: a published port answers by IPv6" {
  create six --ipv6
  serve one --network six -p 8080:80 -p 8080:80/udp
  idle two --network six
  local protocol
  for protocol in tcp udp; do
    answers outside $protocol $kHost6 8080 one $kOutside6
    answers outside2 $protocol $kHost6 8080 one $kOutside26
    answers host $protocol $kHost6 8080 one
    answers two $protocol $kHost6 8080 one
    answers one $protocol $kHost6 8080 one
    answers outside $protocol $kHost4 8080 one $kOutside4
  done
}

@test "as root: a host address publishes there and nowhere else" {
  in_host ip addr add 192.0.2.20/24 dev up0
  serve one -p 192.0.2.20:8080:80 -p 127.0.0.1:8081:81 -p 127.0.0.1:8082:82/udp
  answers outside tcp 192.0.2.20 8080 one $kOutside4
  silent outside tcp $kHost4 8080
  silent outside tcp $kHost4 8081
  answers host tcp 192.0.2.20 8080 one
  answers host tcp 127.0.0.1 8081 one
  answers host udp 127.0.0.1 8082 one
  silent host tcp 127.0.0.1 8080
  silent host tcp $kHost4 8081
  in_host ip addr del 192.0.2.20/24 dev up0
}

@test "as root: an IPv6 host address in brackets" {
  create six --ipv6
  serve one --network six -p "[$kHost6]:8080:80"
  answers outside tcp $kHost6 8080 one $kOutside6
  silent outside tcp $kHost4 8080
}

@test "as root: the same port on two host addresses, two containers" {
  in_host ip addr add 192.0.2.20/24 dev up0
  serve one -p 192.0.2.20:8080:80
  serve two -p $kHost4:8080:80
  answers outside tcp 192.0.2.20 8080 one
  answers outside tcp $kHost4 8080 two
  in_host ip addr del 192.0.2.20/24 dev up0
}

@test "as root: TCP and UDP of one number are different ports" {
  serve one -p 8080:80/tcp
  serve two -p 8080:80/udp
  answers outside tcp $kHost4 8080 one
  answers outside udp $kHost4 8080 two
}

@test "as root: a client that goes on sending by UDP comes to the container that has the port now" {
  ask_on() { # ask_on NAME, from the same port each time
    ask_from outside udp $kHost4 8080 20000 4444
    assert_seen ask ok
    assert_seen name "$1"
  }
  # Nobody answers yet, and the kernel remembers the question.
  ask_from outside udp $kHost4 8080 200 4444
  serve one -p 8080:80/udp
  ask_on one
  mc rm -f one
  serve two -p 8080:80/udp
  ask_on two
}

@test "as root: ranges lead to ranges" {
  serve one -p 9080-9083:80-83 -p 9080-9083:80-83/udp
  local offset
  for offset in 0 1 2 3; do
    answers outside tcp $kHost4 $((9080 + offset)) one
    answers outside udp $kHost4 $((9080 + offset)) one
  done
  mc port one
  equal 8 "$(grep -c 0.0.0.0 <<<"$output")" "the number of IPv4 mappings"
}

@test "as root: a range for one port gives the first that is free" {
  serve one -p 9080-9083:80
  serve two -p 9080-9083:80
  equal 9080 "$(host_port_of one 80/tcp)" "the first's port"
  equal 9081 "$(host_port_of two 80/tcp)" "the second's port"
  answers outside tcp $kHost4 9081 two
}

@test "as root: random ports, said by port, ps and inspect" {
  serve one -p 80 -p 81/udp
  local port
  port=$(host_port_of one 80/tcp)
  answers outside tcp $kHost4 "$port" one
  answers outside udp $kHost4 "$(host_port_of one 81/udp)" one
  mc ps
  assert_contains "0.0.0.0:$port->80/tcp"
  equal "$port" "$("$MYCONTAINER" inspect one | jq -r '.[0].NetworkSettings.Ports["80/tcp"][0].HostPort')" "inspect's port"
}

@test "as root: -P publishes what is exposed" {
  serve one -P --expose 80 --expose 82/udp
  answers outside tcp $kHost4 "$(host_port_of one 80/tcp)" one
  answers outside udp $kHost4 "$(host_port_of one 82/udp)" one
  equal "" "$(host_port_of one 81/tcp)" "the port of one that was not exposed"
}

@test "as root: after the end the port is free again and nothing answers" {
  remember_what_is_there
  serve one -p 8080:80
  mc rm -f one
  silent outside tcp $kHost4 8080
  serve two -p 8080:80
  answers outside tcp $kHost4 8080 two
  mc rm -f two
  assert_no_network_left
}

@test "as root: stop takes ports away and start gives them back" {
  serve one -p 8080:80
  mc stop -t 0 one
  silent outside tcp $kHost4 8080
  mc start one
  wait_for_server one
  answers outside tcp $kHost4 8080 one $kOutside4
}

@test "as root: a port that a program of the host has is in use" {
  remember_what_is_there
  serve_in host tcp:8080
  mc run --rm -p 8080:80 /bin/true
  assert_refused 8080
  mc run --rm -p 8080:80/udp /bin/true
  assert_status 0
  assert_no_network_left
}

@test "as root: a port that another container has is in use" {
  serve one -p 8080:80
  mc run --rm -p 8080:80 /bin/true
  assert_refused 8080
  mc run --rm -p 127.0.0.1:8080:80 /bin/true
  assert_refused 8080
  answers outside tcp $kHost4 8080 one
}

@test "as root: nobody takes a published port from its container" {
  serve one -p 8080:80
  capture 10 nsenter --net="/proc/$holder_host/ns/net" "$PROBE" serve tcp:8080
  assert_contains serve=EADDRINUSE
}

@test "as root: an address that is not the host's" {
  mc run --rm -p 203.0.113.5:8080:80 /bin/true
  assert_refused 203.0.113.5
}

@test "as root: SCTP is taken where the kernel has none" {
  mc run --rm -p 8080:80/sctp /bin/true
  assert_status 0
}

@test "as root: a container of several networks publishes once" {
  create red
  create blue
  serve both --network red --network blue -p 8080:80
  answers outside tcp $kHost4 8080 both $kOutside4
}

@test "as root: connections live on while other containers come and go" {
  serve one -p 8080:80
  local port=8080 round
  for round in 1 2 3; do
    mc run --rm -p 8085:80 /bin/true
    answers outside tcp $kHost4 $port one
  done
}

@test "as root: a port that is not published is not the host's" {
  serve one -p 8080:80
  silent outside tcp $kHost4 80
  silent outside tcp $kHost4 8081
}

@test "as root: container:NAME and host take no ports" {
  serve one
  mc run --rm --network container:one -p 8080:80 /bin/true
  assert_refused -p
  # Docker says so and goes on.
  mc run --rm --network host -p 8080:80 /bin/true
  assert_status 0
}
