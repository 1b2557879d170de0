#!/usr/bin/env bats
# Many containers of one network, one after the other and at once: no address twice, none lost.
load networks

# start_many COUNT NETWORK: so many containers, named PREFIX and a number, 16 at a time.
start_many() {
  mc_shell "seq $1 | xargs -P 16 -I{} '$MYCONTAINER' run -d --name ${3-c}{} --network $2 /bin/sleep 1000 >/dev/null"
}

# What the kernel says: of each container that runs, its addresses inside.
addresses_inside() {
  local pid
  "$MYCONTAINER" ps -q | xargs -r "$MYCONTAINER" inspect -f '{{.State.Pid}}' | while read -r pid; do
    nsenter --net="/proc/$pid/ns/net" ip -4 -o addr show scope global
  done | awk '{ print $4 }' | sort
}
# What we say.
addresses_told() {
  "$MYCONTAINER" network inspect "$1" | jq -r '.[0].Containers[].IPv4Address' | sort
}
# What is claimed; without gateways.
claims() { find "$MYCONTAINER_STATE_ROOT/networks" -path '*/addresses/*/*' | wc -l; }

# each_once COUNT NETWORK: so many, all different, and told as they are.
each_once() {
  local inside
  inside=$(addresses_inside)
  equal "$1" "$(wc -l <<<"$inside")" "the number of addresses"
  equal "$1" "$(uniq <<<"$inside" | wc -l)" "the number of different addresses"
  equal "$inside" "$(addresses_told "$2")" "what inspect says"
}

@test "as root: a /24 has room for 253 containers, and the next is refused clearly" {
  create full --subnet 10.99.1.0/24
  start_many 250 full
  assert_status 0
  each_once 250 full
  mc_shell "seq 251 253 | xargs -I{} '$MYCONTAINER' run -d --name c{} --network full /bin/sleep 1000"
  assert_status 0
  mc run --rm --name late --network full /bin/true
  assert_refused "10.99.1.0/24"
  assert_stderr_contains full
  pings c253 "$(address_of c1)"
  mc rm -f c100
  mc run --rm --name late --network full /bin/true
  assert_status 0
  mc_shell "'$MYCONTAINER' ps -aq | xargs '$MYCONTAINER' rm -f"
  equal 0 "$(claims)" "the number of claims"
}

@test "as root: a second subnet takes what the first has no room for" {
  create two --subnet 10.99.2.0/30 --subnet 10.99.3.0/24
  start_many 3 two
  assert_status 0
  each_once 3 two
  pings c1 "$(address_of c3)"
}

@test "as root: 100 starts at once give 100 addresses" {
  create busy
  mc_shell "for i in {1..100}; do
      '$MYCONTAINER' run -d --name c\$i --network busy /bin/sleep 1000 >/dev/null & pids+=(\$!)
    done
    for pid in \${pids[@]}; do wait \$pid || echo failed; done"
  assert_status 0
  assert_output ""
  each_once 100 busy
}

@test "as root: 100 starts and stops at once lose no address and leave nothing" {
  remember_what_is_there
  create busy
  start_many 50 busy old
  assert_status 0
  # 50 go while 100 come, of which 50 end by themselves.
  mc_shell "for i in {1..50}; do
      '$MYCONTAINER' rm -f old\$i >/dev/null & pids+=(\$!)
      '$MYCONTAINER' run -d --name new\$i --network busy /bin/sleep 1000 >/dev/null & pids+=(\$!)
      '$MYCONTAINER' run --rm --network busy /bin/true & pids+=(\$!)
    done
    for pid in \${pids[@]}; do wait \$pid || echo failed; done"
  assert_status 0
  assert_output ""
  each_once 50 busy
  equal 50 "$(claims)" "the number of claims"
  mc_shell "'$MYCONTAINER' ps -aq | xargs -P 8 -n 5 '$MYCONTAINER' rm -f"
  mc network rm busy
  assert_status 0
  assert_no_network_left
}

@test "as root: an address that was given back is not given at once to the next" {
  create rested --subnet 10.99.4.0/24
  local first
  first=$(idle one --network rested >&2 && address_of one)
  mc rm -f one
  idle two --network rested
  [[ $(address_of two) != "$first" ]] || fail "both had $first"
}

@test "as root: many at once bring one network up once" {
  remember_what_is_there
  create fresh --ipv6
  mc_shell "for i in {1..16}; do
      '$MYCONTAINER' run --rm --network fresh /bin/true & pids+=(\$!)
    done
    for pid in \${pids[@]}; do wait \$pid || echo failed; done"
  assert_output ""
  equal "$(device_of fresh)" "$(comm -13 <(echo "$devices_before") <(list_bridges))" "what is new"
  mc network rm fresh
  assert_no_network_left
}

@test "as root: networks whose names begin alike are different" {
  create net
  create net1
  create net-1
  create net.1
  local name
  for name in net net1 net-1 net.1; do serve "in-$name" --network "$name" --network-alias web; done
  idle other --network net1
  answers other tcp "$(address_of in-net1)" 80 in-net1
  silent other tcp "$(address_of in-net)" 80
  silent other tcp "$(address_of in-net-1)" 80
  mc exec other ping -c 1 -W 3 web
  assert_contains "($(address_of in-net1))"
  mc rm -f in-net
  mc network rm net
  assert_status 0
  answers other tcp "$(address_of in-net1)" 80 in-net1
  equal 4 "$(subnets_of net1 net-1 net.1 bridge | sort -u | wc -l)" "the number of subnets"
}
subnets_of() { "$MYCONTAINER" network inspect "$@" | jq -r '.[].IPAM.Config[].Subnet'; }

@test "as root: 20 networks made at once have 20 subnets" {
  mc_shell "for i in {1..20}; do '$MYCONTAINER' network create many\$i >/dev/null & pids+=(\$!); done
    for pid in \${pids[@]}; do wait \$pid || echo failed; done"
  assert_output ""
  equal 20 "$(subnets_of many{1..20} | sort -u | wc -l)" "the number of subnets"
  mc network prune -f
  assert_status 0
}
