#!/usr/bin/env bats
# The verbs of `network`, and what other verbs know of networks. What travels over them is
# network_bridge.bats' and the others' to test.
load networks

teardown() {
  "$MYCONTAINER" ps -aq | xargs -r "$MYCONTAINER" rm -f >/dev/null
  is_root || return 0
  "$MYCONTAINER" network prune -f >/dev/null
}
setup() { :; } # some are for everybody

names() { "$MYCONTAINER" network ls --format '{{.Name}}' "$@" | xargs; }
# refused TEXT ARG...: a verb of `network` that says TEXT; unusable: an option of which it says so.
refused() {
  mc network "${@:2}"
  assert_refused "$1" 1
}
unusable() {
  mc network "${@:2}"
  assert_refused "$1" 125
}
document() { "$MYCONTAINER" network inspect "$1" | jq -r ".[0]$2"; }
in_network() { [[ $("$MYCONTAINER" network inspect -f '{{range .Containers}}{{.Name}}{{end}}' "$1") == "$2" ]]; }
no_members() { [[ -z $(list_members) ]]; }
bridges() { in_host ip -o link show type bridge | sed 's/^[0-9]*: //; s/:.*//' | sort | xargs; }

@test "help shows the verbs of network, and docker's options" {
  mc network --help
  assert_status 0
  local verb
  for verb in connect create disconnect inspect ls prune reload rm; do assert_contains "  $verb "; done
  mc network create --help
  assert_contains "Usage:  mycontainer network create [OPTIONS] NETWORK"
  for verb in --attachable --aux-address --driver --gateway --internal --ip-range --ipam-driver --ipv4 --ipv6 \
    --label --opt --scope --subnet; do
    assert_contains "$verb"
  done
  mc network crate x
  assert_refused "crate"
  assert_stderr_contains "did you mean 'create'?"
}

@test "bridge, host and none are always there, and nobody removes or makes them" {
  mc network ls
  assert_status 0
  equal "NETWORK ID     NAME      DRIVER    SCOPE" "$(head -1 <<<"$output")" "the heading"
  equal "bridge host none" "$(names)" "the networks"
  equal "bridge host null" "$("$MYCONTAINER" network ls --format '{{.Driver}}' | xargs)" "the drivers"
  local name
  for name in bridge host none; do
    refused "$name is a pre-defined network and cannot be removed" rm "$name"
    refused "operation is not permitted on predefined $name network" create "$name"
  done
  equal null "$(document none .Driver)" "the driver of none"
  equal host "$("$MYCONTAINER" network inspect -f '{{.Name}}' "$(document host .Id)")" "host by its id"
}

@test "as an ordinary user: networks take root" {
  require_rootless
  refused "networks take root" create web
  assert_stderr_contains "pasta"
  refused "networks take root" reload
  equal "bridge host none" "$(names)" "the networks"
  mc network inspect nothing
  assert_status 1
  assert_stderr_contains "network nothing not found"
}

@test "as root: a network is made, listed, looked at and removed" {
  require_root
  mc network create --label team=blue -o mtu=1400 web
  assert_status 0
  local id=$output
  [[ $id =~ ^[0-9a-f]{64}$ ]] || fail "no id: $id"
  equal "bridge host none web" "$(names)" "the networks"
  equal "${id:0:12}" "$("$MYCONTAINER" network ls -qf name=web)" "the short id"
  equal "$id" "$("$MYCONTAINER" network ls -q --no-trunc -f name=web)" "the id"
  mc network inspect "${id:0:9}"
  assert_status 0
  equal '["Name","Id","Created","Scope","Driver","EnableIPv4","EnableIPv6","IPAM","Internal","Attachable","Ingress","ConfigFrom","ConfigOnly","Containers","Options","Labels"]' \
    "$(jq -c '.[0] | keys_unsorted' <<<"$output")" "the document's keys"
  equal "web $id local bridge true false false {} blue 1400" \
    "$(jq -r '.[0] | "\(.Name) \(.Id) \(.Scope) \(.Driver) \(.EnableIPv4) \(.EnableIPv6) \(.Internal) \(.Containers) \(.Labels.team) \(.Options.mtu)"' <<<"$output")" "the document"
  equal '{"Driver":"default","Options":{},"Config":[{"Subnet":"10.67.0.0/24","Gateway":"10.67.0.1"}]}' \
    "$(jq -c '.[0].IPAM' <<<"$output")" "the subnet"
  local device
  device=$(device_of web)
  in_host ip -4 -o addr show "$device" | grep -q '10.67.0.1/24' || fail "the bridge has no address"
  mc network rm web
  assert_status 0
  assert_output web
  ! in_host ip link show "$device" 2>/dev/null || fail "the bridge is still there"
  refused "network web not found" rm web
  mc network rm -f web
  assert_status 0
  assert_output ""
}

@test "as root: several are removed, and what could not be is told" {
  require_root
  create a
  create b
  mc network remove a nothing b
  assert_status 1
  equal "a b" "$(xargs <<<"$output")" "what was removed"
  equal "mycontainer: network remove: network nothing not found" "$stderr" "what was told"
}

@test "as root: subnets, gateways, ranges and reserved addresses are as asked for" {
  require_root
  create many --ipv6 --subnet 10.99.0.0/16 --gateway 10.99.0.77 --ip-range 10.99.5.0/24 \
    --aux-address printer=10.99.5.1 --subnet fd99::/64 --subnet 10.98.0.0/24
  equal '[{"Subnet":"10.99.0.0/16","IPRange":"10.99.5.0/24","Gateway":"10.99.0.77","AuxiliaryAddresses":{"printer":"10.99.5.1"}},{"Subnet":"fd99::/64","Gateway":"fd99::1"},{"Subnet":"10.98.0.0/24","Gateway":"10.98.0.1"}]' \
    "$(document many '.IPAM.Config | tojson')" "the subnets"
  idle one --network many
  idle two --network many
  equal "10.99.5.0 10.99.5.2" "$(address_of one many) $(address_of two many)" "the addresses"
  equal "fd99::2 fd99::3" "$(address6_of one many) $(address6_of two many)" "the IPv6 addresses"
}

@test "as root: what cannot be is refused, and nothing is left" {
  require_root
  local before
  before=$(bridges)
  refused "operation is not permitted" create default
  refused "only [a-zA-Z0-9][a-zA-Z0-9_.-]* is allowed" create 'a b'
  refused 'error looking up network plugin weave: plugin "weave" not found' create -d weave x
  refused 'only one instance of "host" network is allowed' create -d host x
  refused 'only one instance of "null" network is allowed' create -d null x
  refused "swarm" create --scope swarm x
  refused "swarm" create --ingress x
  refused "configuration" create --config-only x
  refused "configuration" create --config-from bridge x
  refused 'plugin "dhcp" not found' create --ipam-driver dhcp x
  refused "unknown option" create -o parent=eth0 x
  unusable "key=value" create -o parent x
  refused "no matching subnet for gateway 10.9.0.1" create --subnet 10.99.0.0/24 --gateway 10.9.0.1 x
  refused "must have a corresponding subnet" create --gateway 10.9.0.1 x
  refused "no matching subnet for range 10.0.0.0/8" create --subnet 10.99.0.0/24 --ip-range 10.0.0.0/8 x
  refused "too small" create --subnet 10.99.0.0/31 x
  refused "too small" create --subnet 10.99.0.0/32 x
  refused "not enabled (--ipv6)" create --subnet fd99::/64 x
  refused "--ipv4, --ipv6" create --ipv4=false x
  refused "containers cannot use" create --subnet 127.0.0.0/16 x
  refused "containers cannot use" create --subnet 224.0.0.0/24 x
  refused "has a route to 192.0.2.0/24" create --subnet 192.0.2.0/24 x
  refused "has a route to 192.0.2.0/24" create --subnet 192.0.0.0/16 x
  refused 'begin with "mc"' create -o com.docker.network.bridge.name=br0 x
  refused "requires exactly 1 argument" create
  equal "bridge host none" "$(names)" "the networks"
  equal "$before" "$(bridges)" "the bridges"
}

@test "as root: a name or a subnet that another network has is refused" {
  require_root
  create web --subnet 10.99.0.0/24
  refused "network with name web already exists" create web
  refused "overlaps 10.99.0.0/24 of the network web" create --subnet 10.99.0.128/25 x
  refused "overlaps 10.99.0.0/24 of the network web" create --subnet 10.0.0.0/8 x
  equal "bridge host none web" "$(names)" "the networks"
}

@test "as root: a bridge has the name that was asked for" {
  require_root
  create named -o com.docker.network.bridge.name=mcnamed
  in_host ip link show mcnamed >/dev/null
  refused "the device mcnamed is that of the network named" create -o com.docker.network.bridge.name=mcnamed x
  in_host ip link show mcnamed >/dev/null
}

@test "as root: --filter and --format as docker has them" {
  require_root
  create one --label team=blue --internal
  create two --label team=red --ipv6
  create used
  mc create --network used /bin/true
  equal "one" "$(names -f label=team=blue)" "label=team=blue"
  equal "one two" "$(names -f label=team)" "label=team"
  equal "one" "$(names -f name=on -f type=custom)" "name=on"
  equal "one two used" "$(names -f type=custom)" "type=custom"
  equal "bridge host none" "$(names -f type=builtin)" "type=builtin"
  equal "host none" "$(names -f driver=host -f driver=null)" "driver"
  equal "one two" "$(names -f dangling=true)" "dangling=true"
  equal "bridge host none used" "$(names -f dangling=false)" "dangling=false"
  equal "two" "$(names -f "id=$(document two .Id | cut -c1-8)")" "id"
  equal "bridge host none one two used" "$(names -f scope=local)" "scope=local"
  equal "" "$(names -f scope=swarm)" "scope=swarm"
  refused "invalid filter 'colour'" ls -f colour=blue
  refused "invalid filter" ls -f type=odd
  refused "invalid filter" ls -f dangling=odd
  mc network ls --format json -f name='^one$'
  equal "one bridge local false true true team=blue" \
    "$(jq -r '"\(.Name) \(.Driver) \(.Scope) \(.IPv6) \(.Internal) \(.IPv4) \(.Labels)"' <<<"$output")" "JSON"
  mc network ls --format 'table {{.Name}}\t{{.IPv6}}\t{{.Label "team"}}' -f name=two
  equal "NAME IPV6 team two true red" "$(xargs <<<"$output")" "a table"
}

@test "as root: who is in a network is shown, and keeps it" {
  require_root
  create web
  idle one --network web
  mc network inspect web
  local id
  id=$("$MYCONTAINER" inspect -f '{{.Id}}' one)
  equal "one $(address_of one)/24 $(mac_of one)" \
    "$(jq -r --arg id "$id" '.[0].Containers[$id] | "\(.Name) \(.IPv4Address) \(.MacAddress)"' <<<"$output")" "the member"
  refused "active endpoints" rm web
  pings one "$(gateway_of web)"
  mc stop -t 0 one
  equal '{}' "$(document web '.Containers | tojson')" "the members"
  mc network rm web
  assert_status 0
  mc start one
  assert_status 1
  assert_stderr_contains "network web not found"
  create web
  mc start one
  assert_status 0
}

@test "as root: a network can be removed as soon as its last container was stopped" {
  require_root
  local round
  for round in 1 2 3 4 5; do
    create web
    idle one --network web -p 8080:80
    idle two --network web
    mc stop -t 0 one two
    mc network rm web
    assert_status 0
    mc rm one two
  done
}

@test "as root: prune removes what no container names, by its filters" {
  require_root
  create old --label keep=no
  create kept --label keep=yes
  create stopped
  mc create --network stopped /bin/true
  mc network prune -f --filter label=keep=no
  assert_status 0
  equal "Deleted Networks: old" "$(xargs <<<"$output")" "what is told"
  mc network prune -f --filter label!=keep
  assert_output ""
  mc network prune -f --filter until=1h
  assert_output ""
  unusable "invalid filter 'x'" prune -f --filter x=y
  mc_shell "echo n | '$MYCONTAINER' network prune"
  assert_contains "WARNING! This will remove all custom networks not used by at least one container."
  equal "bridge host kept none stopped" "$(names)" "the networks"
  mc_shell "echo y | '$MYCONTAINER' network prune"
  equal "bridge host none stopped" "$(names)" "the networks"
}

@test "as root: system prune removes networks, those of the containers that it removes too" {
  require_root
  create web
  mc create --network web /bin/true
  mc_shell "echo n | '$MYCONTAINER' system prune"
  assert_contains "  - all networks not used by at least one container"
  mc system prune -f
  assert_contains "Deleted Networks:"
  equal "bridge host none" "$(names)" "the networks"
}

@test "as root: inspect knows networks where docker's does" {
  require_root
  create web
  mc inspect --type network -f '{{.Driver}} {{.Scope}}' web
  assert_output "bridge local"
  mc inspect -f '{{.Name}}' web
  assert_output web
  mc inspect --type network nothing
  assert_status 1
  assert_stderr_contains "network nothing not found"
  mc inspect nothing
  assert_stderr_contains "no such object: nothing"
  idle web # a container goes before
  equal "/web" "$("$MYCONTAINER" inspect -f '{{.Name}}' web)" "the container"
}

@test "as root: connect and disconnect a stopped container" {
  require_root
  create web
  create db
  mc create --name one --network web /bin/sleep 1000
  mc network connect --ip "$(subnet_of db | sed 's,0/24,9,')" --alias data db one
  assert_status 0
  refused "already exists in network db" connect db one
  mc network disconnect web one
  assert_status 0
  refused "is not connected to network web" disconnect web one
  mc network disconnect -f web one
  assert_status 0
  mc start one
  assert_status 0
  equal "$(subnet_of db | sed 's,0/24,9,')" "$(address_of one db)" "the address"
  equal db "$("$MYCONTAINER" inspect one | jq -r '.[0].NetworkSettings.Networks | keys[]')" "the networks"
}

@test "as root: connect refuses what docker refuses" {
  require_root
  create web
  idle one --network web
  mc create --name none --network none /bin/true
  mc create --name host --network host /bin/true
  mc create --name shared --network container:one /bin/true
  refused "private (none) mode" connect web none
  refused "sharing network namespace" connect web host
  refused "sharing network namespace" connect web shared
  refused "host network" connect host one
  refused "private (none) mode" connect none one
  refused "host network" disconnect host host
  refused "network nothing not found" connect nothing one
  refused "no such container: nobody" connect web nobody
  refused "no such container: nobody" disconnect web nobody
  mc network disconnect -f web nobody
  assert_status 0
  refused "user defined networks only" connect --ip 10.66.0.9 bridge one
  refused "user defined networks" connect --alias x bridge one
  mc network connect --ip nonsense bridge one
  assert_refused nonsense
  mc network connect --link x bridge one
  assert_refused "by name"
}

@test "as root: what happens to networks is told by events" {
  require_root
  local since
  since=$(date +%s.%N)
  create web
  idle one
  mc network connect web one
  mc network disconnect web one
  mc network rm web
  create gone
  mc network prune -f
  local id
  id=$("$MYCONTAINER" inspect -f '{{.Id}}' one)
  mc events --since "$since" --until "$(date +%s.%N)" --filter type=network \
    --format '{{.Action}} {{.Actor.Attributes.name}} {{.Actor.Attributes.type}} {{.Actor.Attributes.container}}'
  local events
  events=$(grep -E ' web | gone |^prune' <<<"$output" | sed 's/<no value>//g; s/ *$//')
  assert_contains "create web bridge"
  assert_contains "connect web bridge $id"
  assert_contains "disconnect web bridge $id"
  assert_contains "destroy web bridge"
  assert_contains "destroy gone bridge"
  [[ $events == *prune* ]] || fail "no event of prune"
}

@test "as root: a broken definition is told of, and can be removed" {
  require_root
  create web
  local device
  device=$(device_of web)
  echo '{' >"$MYCONTAINER_ROOT/networks/web/network.json"
  equal "bridge host none" "$(names)" "the networks"
  mc network inspect web
  assert_status 1
  assert_output "[]"
  assert_stderr_contains "network web is broken"
  mc network rm web
  assert_status 0
  [[ ! -e $MYCONTAINER_ROOT/networks/web ]]
  in_host ip link del "$device"
}

@test "as root: networks made and removed at once by many are each whole" {
  require_root
  mc_shell "for i in {1..12}; do \$MYCONTAINER network create n\$i >/dev/null & done; wait
    \$MYCONTAINER network ls -qf name=n | wc -l
    \$MYCONTAINER network inspect \$(\$MYCONTAINER network ls -qf type=custom) | jq -r '.[].IPAM.Config[].Subnet' | sort -u | wc -l
    for i in {1..12}; do \$MYCONTAINER network rm n\$i n\$i >/dev/null 2>&1 & done; wait"
  equal "13 12" "$(xargs <<<"$output")" "networks and subnets"
  equal "bridge host none" "$(names)" "the networks"
}

@test "as root: a container that was started without networks, and then connected, leaves nothing" {
  require_root
  create web
  mc create --name one --network web /bin/sleep 1000
  mc network disconnect web one
  mc start one
  mc exec one ip -o link
  refute_contains eth0
  mc network connect web one
  assert_status 0
  pings one "$(gateway_of web)"
  mc stop -t 0 one
  eventually no_members
  mc start one
  pings one "$(gateway_of web)"
}

@test "as root: a foreground container is connected and disconnected, and a paused one" {
  require_root
  create web
  create db
  "$MYCONTAINER" run --rm --name one --network web /bin/sleep 100 3>&- &
  local pid=$!
  eventually "$MYCONTAINER" exec one /bin/true
  in_network web one
  mc network connect db one
  assert_status 0
  pings one "$(gateway_of db)"
  mc network disconnect web one
  assert_status 0
  mc exec one ip -o link
  refute_contains eth0
  "$MYCONTAINER" kill one
  wait $pid || true
  eventually no_members
  idle two --network web
  mc pause two
  mc network connect db two
  assert_status 0
  mc unpause two
  pings two "$(gateway_of db)"
}

@test "as root: networks are made and removed under SIGKILL, and what is left can be removed" {
  require_root
  local i pid
  mc run --rm /bin/true
  for i in {1..30}; do
    "$MYCONTAINER" network create "n$i" >/dev/null 2>&1 &
    pid=$!
    sleep "0.0$((RANDOM % 30 + 10))"
    kill -KILL $pid 2>/dev/null || true
    wait $pid || true
  done
  for i in {1..30}; do
    "$MYCONTAINER" network rm "n$i" >/dev/null 2>&1 &
    pid=$!
    sleep "0.0$((RANDOM % 30 + 10))"
    kill -KILL $pid 2>/dev/null || true
    wait $pid || true
  done
  mc network prune -f
  assert_status 0
  equal "bridge host none" "$(names)" "the networks"
  equal "mc0" "$(list_devices)" "the devices"
  create last
  mc network rm last
  equal "bridge" "$(find "$MYCONTAINER_ROOT/networks" -mindepth 1 -maxdepth 1 ! -name .lock -printf '%f')" "what is stored"
}

@test "as root: the default network makes way for a route of the host while nobody is in it" {
  require_root
  mc run --rm /bin/true
  local before
  before=$(subnet_of bridge)
  idle one
  in_host ip route add "${before%0.0/16}9.0/24" dev up0
  mc run --rm /bin/true # as long as somebody is in it, it stays
  assert_status 0
  mc rm -f one
  in_host ip link del "$(device_of bridge)" # as after a reboot
  mc run --rm /bin/ip -4 -o addr show eth0
  assert_status 0
  in_host ip route del "${before%0.0/16}9.0/24" dev up0
  [[ $(subnet_of bridge) != "$before" ]] || fail "the default network is still $before"
  assert_contains "inet $(subnet_of bridge | sed 's,0\.0/16,,')"
}

@test "as root: devices that are another's stay, whatever they are called" {
  require_root
  mc run --rm /bin/true
  local bridge
  bridge=$(device_of bridge)
  refused "the device $bridge is that of the network bridge" create -d macvlan -o parent="$bridge" x
  in_host ip link add mcother type bridge
  create parental -d macvlan -o parent=mcother --subnet 10.99.0.0/24
  mc network rm parental
  assert_status 0
  in_host ip link del mcother
  # After a reboot: another engine was quicker, and its default network has a device of the same name.
  in_host ip link del "$bridge"
  rm -r "$MYCONTAINER_STATE_ROOT/networks"
  in_host ip link add "$bridge" type bridge
  in_host ip addr add 10.200.0.1/16 dev "$bridge"
  in_host ip link set "$bridge" up
  mc run --rm /bin/true
  assert_status 0
  in_host ip -4 addr show "$bridge" | grep -q 10.200.0.1/16 || fail "the other's bridge is gone"
  [[ $(device_of bridge) != "$bridge" ]] || fail "the other's bridge was taken over"
  in_host ip link del "$bridge"
}
