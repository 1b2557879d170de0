#!/usr/bin/env bats
# Names: of members of user networks, by the name service at 127.0.0.11, and of everybody else, by the
# host's name servers. The upstream server is dnsmasq on the loopback interface of "host".
load networks

kUpstream=127.0.0.153
many() { printf "$1%.0s" {1..250}; }

setup() {
  require_root
  local from line
  exec {from}< <(exec nsenter --net="/proc/$holder_host/ns/net" setpriv --pdeathsig KILL dnsmasq \
    --keep-in-foreground --conf-file=/dev/null --user=root --pid-file= --no-resolv --no-hosts \
    --log-facility=- --log-queries --bind-interfaces --listen-address=$kUpstream \
    --local=/test/ --local=/in-addr.arpa/ --address=/a.example.test/198.51.100.7 \
    --address=/six.example.test/2001:db8::7 \
    --txt-record=long.example.test,"$(many x)","$(many y)","$(many z)" 2>&1 3>&-)
  servers+=($!)
  upstream_log=$from
  while read -r -t 20 line <&"$from"; do [[ $line != *started* ]] || break; done
}

member() { # member NAME OPTION...
  idle "$1" --dns $kUpstream --dns-search . "${@:2}"
}

# ask CONTAINER DIG-ARGUMENT...: what its name service says; its network, the machine's dig.
ask() {
  local pid
  pid=$("$MYCONTAINER" inspect -f '{{.State.Pid}}' "$1")
  capture 30 nsenter --net="/proc/$pid/ns/net" dig +time=5 +tries=1 @127.0.0.11 "${@:2}"
}
short() {
  ask "$1" +short "${@:2}"
  assert_status 0
}
# says CONTAINER EXPECTED DIG-ARGUMENT...
says() {
  short "$1" "${@:3}"
  assert_output "$2"
}
# That runs on "host".
no_service() {
  local service
  for service in $(ps -eo pid=,args= | awk '$2 == "mycontainer-dns" {print $1}'); do
    [[ $(readlink "/proc/$service/ns/net") != "$(readlink "/proc/$holder_host/ns/net")" ]] || return 1
  done
}
# knows_nobody CONTAINER NAME
knows_nobody() {
  ask "$1" "$2"
  assert_line_like 'status: NXDOMAIN'
}
assert_line_like() { grep -qE -- "$1" <<<"$output" || fail "no line like $1 in: $output"; }

@test "as root: members of a network find each other by name, alias, host name and id" {
  create net
  member web --network net --network-alias www --network-alias Front.End
  member other --network net --hostname calls-itself-so
  local name
  for name in web www front.end WEB web.net www.net "$("$MYCONTAINER" ps -q --filter name=web)"; do
    says other "$(address_of web)" "$name"
  done
  says web "$(address_of other)" calls-itself-so
  says web "$(address_of other)" other
  says web "$(address_of web)" web
}

@test "as root: every usual lookup finds them: nslookup, ping, getaddrinfo" {
  create net
  member web --network net
  member client --network net -v /usr:/usr:ro -v /lib:/lib:ro -v /lib64:/lib64:ro
  mc exec client nslookup web
  assert_status 0
  assert_contains "$(address_of web)"
  pings client web
  mc exec client /usr/bin/getent ahostsv4 web
  assert_status 0
  assert_contains "$(address_of web)"
  mc exec client /usr/bin/getent hosts "$(address_of web)"
  assert_status 0
  assert_contains web.net
  short client +tcp web
  assert_output "$(address_of web)"
}

@test "as root: both families; a name without an address of one has an empty answer" {
  create net --ipv6
  create four
  member web --network net --network four
  member plain --network four
  says web "$(address6_of web net)" AAAA web.net
  short web -x "$(address6_of web net)"
  assert_contains web.net.
  ask web AAAA plain
  assert_line_like 'status: NOERROR.*'
  assert_line_like 'ANSWER: 0'
  ask web MX plain
  assert_line_like 'ANSWER: 0'
}

@test "as root: other networks' names are not known, until the container is connected" {
  create one
  create two
  member left --network one
  member right --network two
  knows_nobody left right
  mc network connect two left
  assert_status 0
  says left "$(address_of right)" right
  says right "$(address_of left two)" left
  pings right left
  mc network disconnect two left
  assert_status 0
  knows_nobody left right
  knows_nobody right left
}

@test "as root: a container of the default network has names once it is in another one, and until it ends" {
  create net
  member plain --network bridge
  member web --network net
  mc network connect net plain
  assert_status 0
  says plain "$(address_of web)" web
  says plain 198.51.100.7 a.example.test
  says web "$(address_of plain net)" plain
  mc exec plain cat /etc/resolv.conf
  assert_contains "nameserver 127.0.0.11"
  pings plain web
  mc network disconnect net plain
  knows_nobody plain web
  mc network connect net plain
  says plain "$(address_of web)" web
  mc rm -f plain web
  eventually no_service
}

@test "as root: names follow who comes, goes, is killed and comes again with another address" {
  create net
  member client --network net
  knows_nobody client web
  member web --network net
  says client "$(address_of web)" web
  mc stop -t 0 web
  knows_nobody client web
  idle taker --network net
  mc start web
  assert_status 0
  says client "$(address_of web)" web
  # Nobody has collected what its killed supervisor left.
  local monitor
  monitor=$(($(ps -o ppid= -p "$("$MYCONTAINER" inspect -f '{{.State.Pid}}' web)")))
  kill -9 "$monitor"
  gone() {
    ask client web
    [[ $output == *NXDOMAIN* ]]
  }
  eventually gone
}

@test "as root: several containers of one name all have it, in turns" {
  create net
  local name
  member client --network net
  for name in 1 2 3; do idle "web$name" --network net --network-alias web; done
  short client web
  equal "$(for name in 1 2 3; do address_of "web$name"; done | sort)" "$(sort <<<"$output")" addresses
  local first=
  for _ in 1 2 3; do
    short client web
    first+=$(head -n 1 <<<"$output")$'\n'
  done
  equal 3 "$(sort -u <<<"${first%$'\n'}" | wc -l)" "different first addresses"
}

@test "as root: other names are asked of the host's name servers, whatever their type and length" {
  create net
  member client --network net
  says client 198.51.100.7 a.example.test
  says client 198.51.100.7 +tcp a.example.test
  says client 2001:db8::7 AAAA six.example.test
  ask client TXT long.example.test +noedns +ignore
  assert_line_like 'flags:.* tc'
  short client TXT long.example.test
  assert_contains zzzz
  knows_nobody client b.example.test
}

@test "as root: names of one label are not the host's name servers' affair, nor anything of an internal network" {
  create net
  create --internal closed
  member client --network net
  member shut --network closed
  member both --network closed --network net
  knows_nobody client nobody-now
  knows_nobody shut a.example.test
  says shut "$(address_of both closed)" both
  says both 198.51.100.7 a.example.test
  local line seen=
  while read -r -t 1 line <&"$upstream_log"; do seen+=$line$'\n'; done
  [[ $seen == *"a.example.test from"* ]] || fail "$seen"
  [[ $seen != *nobody-now* ]] || fail "$seen"
  equal 1 "$(grep -c 'query.* a.example.test from' <<<"$seen")" questions
}

@test "as root: a container's own server may have port 53 of all addresses" {
  create net
  idle web --network net
  mc run -d --name server --network net -v "$PROBE:/probe:ro" /probe serve udp:53 tcp:53
  assert_status 0
  wait_for_server server
  idle client --network net
  answers client udp "$(address_of server)" 53 "$(hostname_of server)"
  answers client tcp "$(address_of server)" 53 "$(hostname_of server)"
  says server "$(address_of web)" web
}
hostname_of() { "$MYCONTAINER" inspect -f '{{.Config.Hostname}}' "$1"; }

@test "as root: the name service is nobody, and gone with its container" {
  create net
  member web --network net
  services() { ps -eo ppid=,user=,args= | awk -v parent="$monitor" '$1 == parent && /mycontainer-dns/ {print $2}'; }
  local monitor
  monitor=$(($(ps -o ppid= -p "$("$MYCONTAINER" inspect -f '{{.State.Pid}}' web)")))
  equal nobody "$(services)" "who it is"
  mc rm -f web
  equal "" "$(services)" "who it is afterwards"
}

@test "as root: resolv.conf and hosts say what was asked for" {
  create one
  create two
  mc run --rm --network one --network two -h box --domainname example.org --dns 192.0.2.53 \
    --dns-search a.test --dns-search b.test --dns-option timeout:1 \
    --add-host extra:192.0.2.9 --add-host gate:host-gateway /bin/cat /etc/resolv.conf /etc/hosts
  assert_status 0
  equal "nameserver 127.0.0.11 search a.test b.test options timeout:1 ndots:0" "$(head -3 <<<"$output" | xargs)" resolv.conf
  equal 2 "$(grep -c 'box.example.org box' <<<"$output")" "lines of its own"
  assert_contains $'192.0.2.9\textra'
  assert_contains "$(gateway_of one)"$'\tgate'
  mc run --rm --dns 192.0.2.53 --dns-search . /bin/cat /etc/resolv.conf
  equal "nameserver 192.0.2.53" "$(grep -v ^options <<<"$output")" "resolv.conf of the default network"
}
