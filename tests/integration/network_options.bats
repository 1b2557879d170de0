#!/usr/bin/env bats
# Options about networks as far as they need none of ours: bad words, contradictions, what --dry-run and
# inspect tell, and namespaces that are joined. As root and as an ordinary user alike.
load helpers

setup() { name=c$BATS_TEST_NUMBER; }
teardown() { "$MYCONTAINER" ps -aq | xargs -r "$MYCONTAINER" rm -f >/dev/null; }

bad() { # bad WHAT-THE-LINE-NAMES OPTION...
  mc run --rm "${@:2}" /bin/true
  assert_refused "$1"
}

# The network namespace of a running container.
netns_of() { "$MYCONTAINER" exec "$1" readlink /proc/self/ns/net; }

@test "addresses, names and ports that are none" {
  bad 10.1.2 --network web --ip 10.1.2
  bad ::1 --network web --ip ::1
  bad 10.1.2.3 --network web --ip6 10.1.2.3
  bad zz:zz --mac-address zz:zz
  bad 01:00:5e:00:00:01 --mac-address 01:00:5e:00:00:01
  bad 'a b' --network 'a b'
  bad ../x --network ../x
  bad colour --network name=web,colour=blue
  bad 'a/b' --network web --network-alias a/b
  bad example.test --dns example.test
  bad 'a b' --dns-search 'a b'
  bad db --add-host db
  bad 1.1 --add-host db:1.1
}

@test "ports that are none" {
  local port
  for port in 0 65536 80-79 8000-8001:80-82 8000:80-82 80:x x:80 80/icmp host:80:80 999.1.1.1:80:80 ''; do
    bad "\"$port\"" -p "$port"
  done
  bad '"0"' --expose 0
  bad '"80:80"' --expose 80:80
  bad 8080/tcp -p 8080:80 -p 8080:81
  bad 80/udp -p 80/udp -p 80/udp
}

@test "options that contradict each other" {
  bad non-user-defined --network none --network host
  bad non-user-defined --network host --network web
  bad '"web" is specified multiple times' --network web --network web
  bad "user defined networks only" --network default --ip 10.1.2.3
  bad "user defined networks" --network host --network-alias x
  bad "mac-address and the network mode" --network host --mac-address 02:42:ac:11:00:02
  bad "both --ip" --network name=web,ip=10.1.2.3 --ip 10.1.2.4
  bad "port publishing" --network container:x -p 80
  bad "port exposing" --network container:x --expose 80
  bad "dns and" --network container:x --dns 1.1.1.1
  bad "host-to-IP" --network container:x --add-host a:1.1.1.1
  bad "hostname and" --network container:x -h a
  bad net.core.somaxconn --network container:x --sysctl net.core.somaxconn=1
}

@test "--link and --link-local-ip name the better way" {
  bad --network --link one:two
  bad --ip --link-local-ip 169.254.1.1
}

@test "what there is not" {
  remember_what_is_there
  bad nobody --network container:nobody
  bad /nowhere --network ns:/nowhere
  bad "/dev/null is not a network namespace" --network ns:/dev/null
  mkfifo "$BATS_TEST_TMPDIR/fifo"
  bad "not a network namespace" --network "ns:$BATS_TEST_TMPDIR/fifo"
  if is_root; then
    bad "network nowhere not found" --network nowhere
    bad "ordinary users" --network pasta
  else
    bad root --network nowhere
    bad root --network bridge
    assert_stderr_contains pasta
  fi
  mc create --network container:nobody /bin/true
  assert_refused nobody 1
  assert_nothing_left
}

@test "ports without a network of one's own are told of" {
  mc run --rm --network host -p 8080:80 /bin/echo well
  assert_output well
  equal "mycontainer: run: Published ports are discarded when using host network mode" "$stderr" "the warning"
  mc run --rm --network none -P /bin/echo well
  assert_output well
  assert_stderr_contains "discarded when using none network mode"
}

@test "MYCONTAINER_NETWORK is the default of --network" {
  MYCONTAINER_NETWORK=host mc run --rm /bin/readlink /proc/self/ns/net
  assert_output "$(readlink /proc/self/ns/net)"
  MYCONTAINER_NETWORK=host mc run --rm --network none /bin/readlink /proc/self/ns/net
  [[ $output != "$(readlink /proc/self/ns/net)" ]]
  MYCONTAINER_NETWORK='a b' mc run --rm /bin/true
  assert_refused MYCONTAINER_NETWORK
}

@test "inspect tells what was asked for" {
  mc create --name "$name" --network none -p 8080:80 -p 127.0.0.1::53/udp -p 9000-9010:90 --expose 70-71 \
    --dns 1.1.1.1 --dns-search a.test --dns-option ndots:2 --add-host db:10.1.2.3 /bin/true
  assert_status 0
  mc inspect -f '{{json .HostConfig.PortBindings}}' "$name"
  assert_output '{"80/tcp":[{"HostIp":"","HostPort":"8080"}],"53/udp":[{"HostIp":"127.0.0.1","HostPort":""}],"90/tcp":[{"HostIp":"","HostPort":"9000-9010"}]}'
  mc inspect -f '{{json .Config.ExposedPorts}}' "$name"
  assert_output '{"53/udp":{},"70/tcp":{},"71/tcp":{},"80/tcp":{},"90/tcp":{}}'
  mc inspect -f '{{json .HostConfig.Dns}}{{json .HostConfig.DnsSearch}}{{json .HostConfig.DnsOptions}}{{json .HostConfig.ExtraHosts}}' "$name"
  assert_output '["1.1.1.1"]["a.test"]["ndots:2"]["db:10.1.2.3"]'
  mc inspect -f '{{.HostConfig.NetworkMode}} {{.HostConfig.PublishAllPorts}} {{range $name, $_ := .NetworkSettings.Networks}}{{$name}}{{end}}' "$name"
  assert_output "none false none"
}

@test "commit keeps exposed ports" {
  mc run --name "$name" --network none --expose 70 -p 80 /bin/true
  mc commit "$name" "exposed:$name"
  mc inspect --type image -f '{{json .Config.ExposedPorts}}' "exposed:$name"
  assert_output '{"70/tcp":{},"80/tcp":{}}'
  mc rmi "exposed:$name"
}

@test "container:NAME is the other's network, names and hostname, again after the other's restart" {
  mc run -d --name "one$name" --network none --hostname other --add-host db:10.1.2.3 /bin/sleep 1000
  mc run --rm --network "container:one$name" /bin/sh -c 'readlink /proc/self/ns/net; hostname; cat /etc/hostname; grep db /etc/hosts'
  assert_status 0
  assert_contains "$(netns_of "one$name")"
  assert_contains $'other\nother'
  assert_contains 10.1.2.3
  mc run -d --name "two$name" --network "container:one$name" /bin/sleep 1000
  equal "$(netns_of "one$name")" "$(netns_of "two$name")" "its network"
  mc inspect -f '{{.HostConfig.NetworkMode}} {{len .NetworkSettings.Networks}}' "two$name"
  assert_output "container:$("$MYCONTAINER" inspect -f '{{.Id}}' "one$name") 0"
  mc restart -t 0 "one$name"
  mc restart -t 0 "two$name"
  assert_status 0
  equal "$(netns_of "one$name")" "$(netns_of "two$name")" "its network after the restart"
  mc ps --filter "network=none" --format '{{.Names}} {{.Networks}}'
  assert_output "one$name none"
}

@test "container:NAME of one that does not run is refused at the start" {
  mc create --name "one$name" --network none /bin/sleep 1000
  mc run --rm --network "container:one$name" /bin/true
  assert_refused "cannot join network of a non running container: one$name"
  mc run --rm --dry-run --network "container:one$name" /bin/true
  assert_refused "one$name"
  mc create --name "two$name" --network "container:one$name" /bin/sleep 1000
  assert_status 0
  mc start "two$name"
  assert_refused "cannot join network of a non running container: one$name" 1
  mc start "one$name"
  mc start "two$name"
  assert_status 0
}

@test "container:NAME sees the devices of that network in /sys" {
  mc run -d --name "one$name" --network none /bin/sleep 1000
  mc run --rm --network "container:one$name" /bin/ls /sys/class/net
  assert_output lo
}

@test "ns:PATH is a network namespace that there is" {
  local path=/proc/self/ns/net
  unshare -Urn sleep 100 3>&- &
  local holder=$!
  eventually different_netns "$holder"
  path=/proc/$holder/ns/net
  mc run --rm --network "ns:$path" /bin/readlink /proc/self/ns/net
  assert_status 0
  assert_output "$(readlink "$path")"
  mc run --rm --dry-run --network "ns:$path" /bin/true
  assert_contains "\"path\": \"$path\""
  kill "$holder"
}
different_netns() { [[ $(readlink "/proc/$1/ns/net") != "$(readlink /proc/self/ns/net)" ]]; }

@test "as an ordinary user: the host's network is not joined by a detour" {
  require_rootless
  bad "takes root" --network ns:/proc/self/ns/net
  mc run -d --name "one$name" --network host /bin/sleep 1000
  bad "--network host" --network "container:one$name"
}

@test "--dry-run makes nothing" {
  mc run --rm --network none /bin/true
  remember_what_is_there
  mc run --rm --dry-run --network none -p 8080:80 /bin/true
  assert_status 0
  assert_contains '"type": "network"'
  assert_nothing_left
}

@test "ps and port without published ports" {
  mc run -d --name "$name" --network none --expose 80 /bin/sleep 1000
  mc ps --format '{{.Names}}|{{.Networks}}|{{.Ports}}'
  assert_output "$name|none|"
  mc port "$name"
  assert_output ""
  mc port "$name" 80
  assert_refused "no public port '80/tcp' published for $name" 1
  mc ps -q --filter publish=80
  assert_output ""
  mc ps -q --filter expose=80
  [[ -n $output ]]
}
