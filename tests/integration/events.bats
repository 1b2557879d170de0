#!/usr/bin/env bats
# events: what happened to containers, since a time and from now on.
load helpers
load lifecycle.bash

@test "events tell a container's life in order" {
  mc run --name "$name" -l team=blue /bin/sh -c 'exit 3'
  mc rm "$name"
  mc events --since 10m --until 0s -f container="$name" --format '{{.Action}}'
  assert_output $'create\nstart\ndie\ndestroy'
  mc events --since 10m --until 0s -f container="$name" -f event=die
  [[ $output =~ ^20[0-9-]+T[0-9:]+\.[0-9]{9}(Z|[+-][0-9:]+)\ container\ die\ [0-9a-f]{64}\ \(exitCode=3,\ image=busybox,\ name=$name,\ team=blue\)$ ]]
}

@test "events follow until they are stopped" {
  mc_shell "'$MYCONTAINER' events -f event=start --format '{{.Actor.Attributes.name}}' >'$BATS_TEST_TMPDIR/seen' & pid=\$!
    for try in 1 2 3 4 5 6 7 8 9 10; do
      '$MYCONTAINER' run --rm --name $name /bin/true
      grep -q $name '$BATS_TEST_TMPDIR/seen' && break
      sleep 0.5
    done
    kill \$pid; wait \$pid; cat '$BATS_TEST_TMPDIR/seen'"
  assert_contains "$name"
}

@test "events of a time that has passed end by themselves, as JSON, too" {
  mc create --name "$name" /bin/true
  mc system events --until 0s -f container="$name" --format json
  [[ $output == '{"status":"create","id":"'"$(id_of "$name")"'","from":"busybox","Type":"container","Action":"create",'* ]]
  mc events --since 2020-01-01 --until 2020-01-02
  assert_status 0
  assert_output ""
}

@test "events refuse what means nothing" {
  mc events -f bogus=1 --until 0s
  assert_refused "invalid filter 'bogus'" 1
  mc events --since yesterday
  assert_refused "yesterday" 1
  mc events --format '{{.Nope}'
  assert_refused "template parsing error" 1
}
