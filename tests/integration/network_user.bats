#!/usr/bin/env bats
# An ordinary user's containers on the network: pasta and slirp4netns. Root makes the hosts (networks.bash);
# mycontainer then runs as somebody else there: as "tester", who has subordinate ids, where there is
# one (the virtual machine), else as "nobody", who has none.
load networks

# Where /dev/net/tun is everybody's, as on most machines, and resolv.conf is ours to choose.
hold_mounts() {
  local held file=$BATS_FILE_TMPDIR/resolv.conf
  echo "nameserver $kOutside4" >"$file"
  # shellcheck disable=SC2016  # expanded by the shell inside
  exec {held}< <(exec unshare --mount --propagation private setpriv --pdeathsig KILL /bin/sh -c '
    mount -t tmpfs -o mode=755 tun /dev/net && mknod -m 666 /dev/net/tun c 10 200 &&
    touch /etc/resolv.conf && mount --bind "$0" /etc/resolv.conf && echo held && exec sleep infinity' \
    "$file" 2>/dev/null 3>&-)
  export holder_mounts=$!
  local line
  read -r line <&"$held"
  exec {held}<&-
  equal held "$line" "what the holder of mounts says"
}

# Like move_to_host, as the user.
move_to_user() {
  user=nobody
  if id tester &>/dev/null; then user=tester; fi
  export user
  local home=$BATS_FILE_TMPDIR/home
  mkdir -p "$home"/{run,root,state}
  chown -R "$user:" "$home"
  chmod 700 "$home/run"
  export MYCONTAINER_ROOT=$home/root MYCONTAINER_STATE_ROOT=$home/state MYCONTAINER_ITSELF=$MYCONTAINER
  cat >"$BATS_FILE_TMPDIR/as-user" <<END
#!/bin/sh
exec nsenter --net="/proc/\${NETWORK_OF:-$holder_host}/ns/net" --mount=/proc/$holder_mounts/ns/mnt \
  setpriv --reuid=$user --regid=$(id -g "$user") --clear-groups env HOME="$home" TMPDIR="$home" \
  XDG_RUNTIME_DIR="$home/run" "\$@"
END
  printf '#!/bin/sh\nexec %q %q "$@"\n' "$BATS_FILE_TMPDIR/as-user" "$MYCONTAINER" >"$BATS_FILE_TMPDIR/mycontainer"
  chmod 755 "$BATS_FILE_TMPDIR"/{as-user,mycontainer}
  export MYCONTAINER=$BATS_FILE_TMPDIR/mycontainer
}

setup_file() {
  private_roots
  is_root || return 0
  make_hosts
  hold_mounts
  # Else only root's programs may ping.
  in_host sh -c 'echo 0 2147483647 >/proc/sys/net/ipv4/ping_group_range'
  move_to_user
}

teardown_file() {
  local name
  for name in host outside outside2 mounts; do
    name=holder_$name
    [[ -z ${!name-} ]] || kill "${!name}"
  done
}

teardown() {
  is_root || return 0
  ((${#servers[@]} == 0)) || kill "${servers[@]}" 2>/dev/null || true
  "$MYCONTAINER" ps -aq | xargs -r "$MYCONTAINER" rm -f >/dev/null
}

# of_user PGREP-ARGUMENT...: the user's processes in the host's network; others of his have nothing to
# do with the test.
of_user() {
  local pid
  for pid in $(pgrep -u "$user" "$@"); do
    if [[ $(readlink "/proc/$pid/ns/net") == "$(readlink "/proc/$holder_host/ns/net")" ]]; then echo "$pid"; fi
  done
}
# It hides its environment, so that it is found by where it runs.
providers() { of_user '^(pas|slirp)'; }
supervisors() { of_user -f '^mycontainer-monitor'; }
no_providers() { [[ -z $(providers) ]]; }

@test "as root: an ordinary user's container has pasta by default, and inspect tells of it" {
  idle box
  equal pasta "$("$MYCONTAINER" inspect -f '{{.HostConfig.NetworkMode}}' box)" "the mode"
  equal 10.65.0.100 "$(address_of box)" "the address"
  equal 02:42:0a:41:00:64 "$(mac_of box)" "the MAC"
  mc exec box cat /etc/hosts /etc/resolv.conf
  assert_contains $'10.65.0.100\tbox'
  assert_contains "nameserver $kOutside4"
}

@test "as root: an ordinary user's container reaches the outside by TCP, UDP and ping, IPv4 and IPv6" {
  local provider
  serve_in outside2 tcp:7000 udp:7000
  for provider in pasta slirp4netns; do
    idle "$provider" --network "$provider"
    ask_from "$provider" tcp $kOutside24 7000
    assert_seen ask ok
    ask_from "$provider" udp $kOutside24 7000
    assert_seen ask ok
    pings "$provider" $kOutside24
  done
  ask_from pasta tcp $kOutside26 7000
  assert_seen ask ok
  ask_from pasta udp $kOutside26 7000
  assert_seen ask ok
  pings pasta $kOutside26
}

# speak_to ADDRESS PORT: what the other side answers to somebody outside who speaks first.
speak_to() {
  # shellcheck disable=SC2016  # expanded by the shell inside
  capture 10 nsenter --net="/proc/$holder_outside/ns/net" bash -c '
    exec 3<>"/dev/tcp/$0/$1" && echo word >&3 && read -r -t 5 -u 3 line && echo "$line"' "$1" "$2"
}
# A server that waits for the client's word, and answers with who that is.
serve_slowly() {
  # shellcheck disable=SC2016  # expanded by the shell inside
  mc run -d --name "$1" --hostname "$1" "${@:2}" /bin/sh -c '
    echo "read word; netstat -tn | awk \"/:85 .*ESTAB/ {sub(/:[0-9]*\$/, \\\"\\\", \\\$5); sub(/^::ffff:/, \\\"\\\", \\\$5); print \\\$5; exit}\"" >/answer
    exec nc -ll -p 85 -e sh /answer'
  assert_status 0
}

@test "as root: an ordinary user's published ports answer from outside and from the host, and see the client" {
  serve box -p 8000:80 -p 8000:80/udp -p 127.0.0.1:8001:81 -p 8002-8003:82-83
  answers outside tcp $kHost4 8000 box $kOutside4
  answers outside2 tcp $kHost4 8000 box $kOutside24
  answers outside udp $kHost4 8000 box $kOutside4
  answers outside tcp $kHost4 8003 box $kOutside4
  answers host tcp $kHost4 8000 box
  answers host tcp 127.0.0.1 8000 box
  answers host udp $kHost4 8000 box
  answers host tcp 127.0.0.1 8001 box
  silent outside tcp $kHost4 8001
  mc port box 80/tcp
  assert_contains "0.0.0.0:8000"
}

@test "as root: an ordinary user's published UDP ports are pasta's by default, and answer on the host's loopback interface" {
  mc run -d --name box --hostname box -v "$PROBE:/probe:ro" -p 8004:8005/udp /probe serve udp:8005
  wait_for_server box
  equal pasta "$("$MYCONTAINER" inspect -f '{{.HostConfig.NetworkMode}}' box)" "the mode"
  answers host udp 127.0.0.1 8004 box
  answers outside udp $kHost4 8004 box $kOutside4
}

@test "as root: an ordinary user's published ports by pasta and slirp4netns" {
  local provider port=8010
  for provider in pasta slirp4netns; do
    serve "$provider" --network "$provider" -p $port:80/udp -p $((port + 1)):81
    answers outside udp $kHost4 $port "$provider" $kOutside4
    answers host tcp 127.0.0.1 $((port + 1)) "$provider"
    answers host udp $kHost4 $port "$provider"
    serve_slowly "slow-$provider" --network "$provider" -p $((port + 2)):85
    eventually speaks $kHost4 $((port + 2)) $kOutside4
    port=$((port + 10))
  done
  answers outside udp $kHost6 8010 pasta $kOutside6
  answers host tcp ::1 8011 pasta
  # Its own address by which pasta finds it is not usable in the first second.
  eventually speaks $kHost6 8012 $kOutside6
}
speaks() {
  speak_to "$1" "$2"
  assert_output "$3"
}

@test "as root: an ordinary user's containers reach each other by what they publish on the host" {
  local provider port=8100
  for provider in pasta slirp4netns; do
    serve "$provider" --network "$provider" -p $port:80 -p $port:80/udp
    port=$((port + 1))
  done
  answers pasta tcp $kHost4 8101 slirp4netns
  answers slirp4netns udp $kHost4 8100 pasta
}

@test "as root: what listens on the host's loopback interface is out of reach of an ordinary user's container" {
  local provider address
  serve_in host tcp:127.0.0.1:7100 udp:127.0.0.1:7100 tcp:7101
  for provider in pasta slirp4netns; do
    idle "$provider" --network "$provider"
    for address in 127.0.0.1 10.65.0.1 10.65.0.2 10.65.0.3 $kHost4; do
      silent "$provider" tcp $address 7100
      silent "$provider" udp $address 7100
    done
    ask_from "$provider" tcp $kHost4 7101
    assert_seen ask ok
  done
}

@test "as root: a name server on the host's loopback interface is asked by way of the provider" {
  echo "nameserver 127.0.0.53" >"$BATS_FILE_TMPDIR/resolv.conf"
  serve_in host udp:127.0.0.53:53
  local provider
  for provider in pasta slirp4netns; do
    idle "$provider" --network "$provider"
    mc exec "$provider" cat /etc/resolv.conf
    assert_contains "nameserver 10.65.0.3"
    ask_from "$provider" udp 10.65.0.3 53
    assert_seen ask ok
  done
  # slirp4netns would lead to all that listens there.
  echo "nameserver 127.0.0.1" >"$BATS_FILE_TMPDIR/resolv.conf"
  mc run --rm --network slirp4netns /bin/cat /etc/resolv.conf
  refute_contains 10.65.0.3
  mc run --rm --network pasta --dns 192.0.2.77 /bin/cat /etc/resolv.conf
  assert_contains "nameserver 192.0.2.77"
  refute_contains 10.65.0.3
  echo "nameserver $kOutside4" >"$BATS_FILE_TMPDIR/resolv.conf"
}

@test "as root: an ordinary user's host-gateway is the host" {
  serve_in host tcp:7200
  idle box --add-host there:host-gateway
  mc exec box grep there /etc/hosts
  assert_output "$kHost4"$'\tthere'
  ask_from box tcp $kHost4 7200
  assert_seen ask ok
}

@test "as root: an ordinary user's port in use is one clear line, and nothing is left" {
  local provider
  mc run --rm /bin/true
  serve_in host tcp:7300 udp:7301
  for provider in pasta slirp4netns; do
    mc run --rm --network $provider -p 7300:80 /bin/true
    assert_refused "port 7300/tcp on 0.0.0.0 is already in use"
    mc run --rm --network $provider -p 7301:80/udp /bin/true
    assert_refused "port 7301/udp on 0.0.0.0 is already in use"
    mc run --rm --network $provider -p 79:80 /bin/true
    assert_refused "port 79/tcp"
    mc run --rm --network $provider -p 7302:80/sctp /bin/true
    assert_refused "$provider cannot publish port 80/sctp"
  done
  mc run --rm --network slirp4netns -p "[::1]:7303:80" /bin/true
  assert_refused "::1"
  eventually no_providers
  mc ps -aq
  assert_output ""
}

@test "as root: an ordinary user's second container does not get the first one's port, TCP or UDP" {
  local protocol other
  idle first -p 7400:80 -p 7400:80/udp
  for protocol in tcp udp; do
    for other in pasta slirp4netns; do
      mc run --rm --network $other -p 7400:80/$protocol /bin/true
      assert_refused "port 7400/$protocol"
    done
  done
}

@test "as root: an ordinary user's random ports differ, also of containers that start at once" {
  local number ports
  for number in 1 2 3 4; do
    "$MYCONTAINER" run -d --name "box$number" -p 80 /bin/sleep 1000 >/dev/null 3>&- &
  done
  wait
  ports=$(for number in 1 2 3 4; do host_port_of "box$number" 80/tcp; done | grep -v '^0*$' | sort -u | wc -l)
  equal 4 "$ports" "the number of ports"
}

@test "as root: a killed supervisor of an ordinary user leaves no provider, and its port is free" {
  local provider before supervisor
  for provider in pasta slirp4netns; do
    idle box --network $provider -p 7500:80
    [[ -n $(providers) ]] || fail "no $provider"
    supervisor=$(supervisors | head -1)
    [[ -n $supervisor ]] || fail "no supervisor"
    kill -9 "$supervisor"
    eventually no_providers
    mc rm -f box
    mc run --rm --network $provider -p 7500:80 /bin/true
    assert_status 0
  done
}

@test "as root: a provider that outlives a killed supervisor is ended by the next command" {
  local bin=$BATS_TEST_TMPDIR/bin
  mkdir -p "$bin"
  chmod 755 "$BATS_TEST_TMPDIR" "$bin"
  printf '#!/bin/sh\nexec setpriv --pdeathsig clear %s "$@"\n' "$(command -v pasta)" >"$bin/pasta"
  chmod 755 "$bin/pasta"
  PATH=$bin:$PATH idle box
  # Where AppArmor is there is a keeper too: a copy of the supervisor, and younger.
  supervisors | sort -rn | xargs kill -9
  sleep 0.3
  [[ -n $(providers) ]] || fail "it did not outlive its supervisor"
  mc run --rm --network none /bin/true
  mc ps -a
  eventually no_providers
}

@test "as root: an ordinary user's container is on the network again after restart, stop and start" {
  serve box -p 7600:80 --restart always
  answers outside tcp $kHost4 7600 box
  mc restart -t 0 box
  assert_status 0
  eventually answers outside tcp $kHost4 7600 box
  mc stop -t 0 box
  assert_status 0
  eventually no_providers
  mc start box
  assert_status 0
  eventually answers outside tcp $kHost4 7600 box
}

@test "as root: without pasta and slirp4netns an ordinary user's default is no network" {
  local bin=$BATS_TEST_TMPDIR/bin
  mkdir -p "$bin"
  chmod 755 "$BATS_TEST_TMPDIR" "$bin"
  ln -s "$(command -v nsenter)" "$(command -v setpriv)" "$(command -v env)" "$(command -v newuidmap || echo /bin/true)" \
    "$(command -v newgidmap || echo /bin/true)" "$bin/" 2>/dev/null || true
  capture 30 env "PATH=$bin" "$MYCONTAINER" run --rm /bin/ip -o link
  assert_status 0
  refute_contains eth0
  capture 30 env "PATH=$bin" "$MYCONTAINER" run --rm --network pasta /bin/true
  assert_refused "pasta is not installed"
  capture 30 env "PATH=$bin" "$MYCONTAINER" run --rm --network slirp4netns /bin/true
  assert_refused "slirp4netns is not installed"
  capture 30 env "PATH=$bin" "$MYCONTAINER" run --rm -p 7700:80 /bin/true
  assert_refused "no network"
  ln -s "$(command -v slirp4netns)" "$bin/"
  capture 30 env "PATH=$bin" "$MYCONTAINER" run --rm /bin/ip -o link
  assert_status 0
  assert_contains eth0
}

@test "as root: a provider that fails says why in one line, and nothing is left" {
  local bin=$BATS_TEST_TMPDIR/bin
  mkdir -p "$bin"
  chmod 755 "$BATS_TEST_TMPDIR" "$bin"
  printf '#!/bin/sh\necho "first line" >&2\necho "the tun device is broken, exiting" >&2\nexit 1\n' >"$bin/pasta"
  chmod 755 "$bin/pasta"
  capture 30 env "PATH=$bin:$PATH" "$MYCONTAINER" run --rm /bin/true
  assert_refused "pasta: the tun device is broken"
  mc ps -aq
  assert_output ""
}

@test "as root: offline an ordinary user's container still starts, and publishes on the host" {
  hold offline
  local provider
  for provider in pasta slirp4netns; do
    NETWORK_OF=$holder_offline serve "$provider" --network "$provider" -p 7800:80
    capture 30 nsenter --net="/proc/$holder_offline/ns/net" "$PROBE" ask tcp 127.0.0.1 7800
    assert_seen name "$provider"
    mc rm -f "$provider"
  done
  kill "$holder_offline"
}
in_offline() { nsenter --net="/proc/$holder_offline/ns/net" "$@"; }

@test "as root: a subnet of the host is not an ordinary user's container's" {
  in_host ip link add busy type veth peer name busier
  in_host ip addr add 10.65.0.1/24 dev busy
  mc run --rm /bin/ip -o -4 addr show eth0
  in_host ip link del busy
  assert_contains 10.65.1.100/24
}

@test "as root: root is refused pasta and slirp4netns" {
  local mode
  for mode in pasta slirp4netns; do
    capture 30 env "MYCONTAINER_ROOT=$BATS_TEST_TMPDIR/root" "MYCONTAINER_STATE_ROOT=$BATS_TEST_TMPDIR/state" \
      "$MYCONTAINER_ITSELF" run --rm --network $mode /bin/true
    assert_refused "$mode is for ordinary users"
  done
}
