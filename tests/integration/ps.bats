#!/usr/bin/env bats
# ps, container ls: which containers are shown, and how.
load helpers
load lifecycle.bash

# The cells of the row of a container, by single spaces.
row_of() { grep -- " $1\$" <<<"$output" | tr -s ' '; }

@test "ps shows what runs, ps -a everything, newest first" {
  mc run -d --name "$name-up" /bin/sleep 1000
  mc run --name "$name-done" /bin/sh -c 'exit 3'
  mc create --name "$name-made" /bin/true
  mc ps --format '{{.Names}} {{.State}}'
  assert_output "$name-up running"
  mc ps -a --format '{{.Names}} {{.State}}'
  assert_output "$name-made created
$name-done exited
$name-up running"
  mc ps -l --format '{{.Names}}'
  assert_output "$name-made"
  mc ps -n 2 --format '{{.Names}}'
  assert_output "$name-made
$name-done"
}

@test "ps has Docker's columns" {
  mc run -d --name "$name" /bin/sh -c 'sleep 1000; echo "never"'
  mc ps
  [[ $output == "CONTAINER ID   IMAGE     COMMAND                  CREATED "* ]]
  [[ $(head -1 <<<"$output" | tr -s ' ') == "CONTAINER ID IMAGE COMMAND CREATED STATUS PORTS NAMES" ]]
  [[ $(row_of "$name") == "$(id_of "$name" | cut -c1-12) busybox \"/bin/sh -c 'sleep 1…\" "*" ago Up "*" $name" ]]
  mc ps -q
  assert_output "$(id_of "$name" | cut -c1-12)"
  mc container ls -q --no-trunc
  assert_output "$(id_of "$name")"
}

@test "ps of nothing is its header" {
  mc ps -a
  assert_output "CONTAINER ID   IMAGE     COMMAND   CREATED   STATUS    PORTS     NAMES"
  mc ps -aq
  assert_output ""
}

@test "ps tells of exit codes and of a pause" {
  mc run --name "$name" /bin/sh -c 'exit 3'
  mc ps -a --format '{{.Status}}'
  assert_contains "Exited (3) "
  if is_root; then
    mc run -d --name "$name-2" /bin/sleep 1000
    mc pause "$name-2"
    mc ps --format '{{.State}} {{.Status}}'
    assert_contains "paused Up "
    assert_contains "(Paused)"
  fi
}

@test "filters select by name, label, state and exit code" {
  mc create --name "$name-a" -l team=blue /bin/true
  mc create --name "$name-b" -l team=red /bin/true
  mc run --name "$name-c" /bin/sh -c 'exit 3'
  mc ps -a -f name="$name-[ab]" -f label=team=red --format '{{.Names}}'
  assert_output "$name-b"
  mc ps -f status=exited --format '{{.Names}}'
  assert_output "$name-c"
  mc ps -a -f exited=3 --format '{{.Names}}'
  assert_output "$name-c"
  mc ps -a -f exited=0 -q
  assert_output ""
  mc ps -a -f "label!=team=red" -f since="$name-a" --format '{{.Names}}'
  assert_output "$name-c"
  mc ps -a -f before="$name-b" --format '{{.Label "team"}}'
  assert_output blue
}

@test "ps refuses filters and formats that mean nothing" {
  mc create --name "$name" /bin/true
  mc ps -f bogus=1
  assert_refused "invalid filter 'bogus'" 1
  mc ps -f status=bogus
  assert_refused "status=bogus" 1
  mc ps -f name
  assert_refused "bad format of filter"
  mc ps -f since=nobody
  assert_refused "no such container: nobody" 1
  mc ps --format '{{.Foo'
  assert_refused "template parsing error: template: :1: unclosed action" 1
  mc ps -a --format '{{.Foo}}'
  assert_refused 'executing "" at <.Foo>: map has no entry for key "Foo"' 1
}

@test "formats: JSON lines and tables of one's own" {
  mc create --name "$name" -l a=1 -v /usr:/x:ro /bin/echo "two words"
  mc ps -a --no-trunc --format json
  [[ $output == "{\"Command\":\"\\\"/bin/echo 'two words'\\\"\",\"CreatedAt\":"* ]]
  [[ $output == *"\"ID\":\"$(id_of "$name")\""*"\"Labels\":\"a=1\""*"\"Mounts\":\"/usr\""*"\"Names\":\"$name\""*"\"State\":\"created\""* ]]
  mc ps -a --format 'table {{.Names}}\t{{.Image}}'
  [[ $(tr -s ' ' <<<"$output") == $'NAMES IMAGE\n'"$name busybox" ]]
}

@test "ps -s tells how much a container has written" {
  mc run --name "$name" /bin/sh -c 'printf 12345 > /f; ln /f /g'
  mc ps -as
  assert_contains " SIZE"
  assert_contains "5B (virtual 5B)"
}

@test "no label or command drives the terminal" {
  mc create --name "$name" -l a=$'\e[31m' /bin/echo $'\e]0;title\a'
  mc ps -a --no-trunc
  refute_contains $'\e'
  assert_contains '\x1b]0;title\a'
  mc ps -a --format '{{.Labels}} {{.Label "a"}}'
  refute_contains $'\e'
  mc ps -a --format json
  refute_contains $'\e'
}

@test "a broken container is shown, told why, and does not hide others" {
  mc create --name "$name-a" /bin/true
  mc create --name "$name-b" /bin/true
  local id
  id=$(id_of "$name-b")
  truncate -s 40 "$(record_file "$name-b")"
  mc ps -a --format '{{.ID}} {{.Status}}'
  assert_status 0
  assert_contains "${id:0:12} broken"
  assert_contains "$(id_of "$name-a" | cut -c1-12) Created"
  mc ps -q
  assert_output ""
  mc inspect "$id"
  assert_status 1
  assert_stderr_contains "the container is broken"
  assert_stderr_contains "hint: remove it with 'mycontainer rm"
  mc rm -f "$id"
  mc ps -a --format '{{.Names}}'
  assert_output "$name-a"
}

@test "a container whose process was killed is not shown as running" {
  mc run -d --name "$name" /bin/sleep 1000
  mc ps -q
  [[ -n $output ]]
  kill -9 "$(pid_of "$name")"
  gone() { mc ps -q; [[ -z $output ]]; }
  eventually gone
  mc ps -a --format '{{.Status}}'
  assert_contains "Exited (137)"
}

@test "ps waits for nobody who holds a container's lock" {
  mc create --name "$name" /bin/true
  mc_shell "flock -x '$MYCONTAINER_ROOT/containers/$(id_of "$name")' timeout 20 '$MYCONTAINER' ps -aq"
  assert_status 0
  assert_output "$(id_of "$name" | cut -c1-12)"
}
