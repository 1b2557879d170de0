#!/usr/bin/env bats
# Volumes: their verbs, what containers see of them, and what is left of them.
load helpers
load lifecycle

setup() {
  name=c$BATS_TEST_NUMBER
  v=vol$BATS_TEST_NUMBER
}
teardown() {
  remove_all
  "$MYCONTAINER" volume prune -af >/dev/null
}

volumes() { "$MYCONTAINER" volume ls -q "$@"; }
data() { "$MYCONTAINER" volume inspect -f '{{.Mountpoint}}' "$1"; }
# A directory as a root filesystem: busybox, and what the test makes in it.
make_root() { # DIR
  mkdir -p "$1"/{bin,etc,proc,sys,dev,tmp,work}
  cp "$MYCONTAINER_ROOT"/builtin*/*/bin/busybox "$1/bin/" 2>/dev/null ||
    cp "$(find "$MYCONTAINER_ROOT" -path '*/bin/busybox' -type f | head -1)" "$1/bin/busybox"
  ln -sf busybox "$1/bin/sh"
  local applet
  for applet in cat ls echo test stat sleep touch readlink find; do ln -sf busybox "$1/bin/$applet"; done
}

@test "a volume is made, listed, looked at and removed" {
  mc volume create --label team=blue "$v"
  assert_status 0
  assert_output "$v"
  mc volume ls
  equal "DRIVER    VOLUME NAME" "$(head -1 <<<"$output")" "the heading"
  assert_contains "local     $v"
  mc volume inspect "$v"
  equal "$v" "$(jq -r '.[0].Name' <<<"$output")" Name
  equal local "$(jq -r '.[0].Driver + .[0].Scope' <<<"$output" | sed s/locallocal/local/)" Driver
  equal blue "$(jq -r '.[0].Labels.team' <<<"$output")" Labels
  equal null "$(jq -r '.[0].Options' <<<"$output")" Options
  [[ -d $(data "$v") ]]
  mc volume ls --format json
  equal "$v" "$(jq -r .Name <<<"$output")" "Name in JSON"
  mc volume ls --format '{{.Name}} {{.Label "team"}} {{.Scope}}'
  assert_output "$v blue local"
  mc inspect --type volume -f '{{.Name}}' "$v"
  assert_output "$v"
  mc inspect -f '{{.Driver}}' "$v"
  assert_output local
  mc volume rm "$v"
  assert_output "$v"
  mc inspect --type volume "$v"
  assert_status 1
  mc volume inspect "$v"
  assert_status 1
  assert_output "[]"
  assert_stderr_contains "no such volume: $v"
  mc volume rm "$v"
  assert_error "no such volume: $v"
  mc volume rm -f "$v"
  assert_status 0
}

@test "making a volume twice is success, with other options it is none" {
  mc volume create "$v"
  mc volume create "$v"
  assert_status 0
  assert_output "$v"
  mc volume create -o type=tmpfs -o device=tmpfs "$v"
  assert_error "already exists with other options"
  mc volume create --name "$v" "$v"
  assert_error "conflicting options"
}

@test "names and options that no volume has are refused" {
  local bad
  for bad in .. ../x a/b -- .x 'a b' a; do
    mc volume create -- "$bad"
    [[ $status != 0 ]] || fail "'$bad' was made"
    assert_output ""
  done
  mc volume create "$(printf 'a%.0s' {1..256})"
  assert_error "longer than 255"
  mc volume create -o size=1m "$v"
  assert_error 'invalid option: "size"'
  mc volume create -o type=tmpfs "$v"
  assert_error 'missing required option: "device"'
  mc volume create -d nfs "$v"
  assert_error 'plugin "nfs" not found'
  assert_output "$(volumes)"
  mc volume rm ../containers
  assert_error "no such volume"
  mc run --rm -v d:/x /bin/true
  assert_refused "too short"
  mc run --rm -v ../x/y:z /bin/true
  assert_refused "must be absolute"
  mc run --rm -v "$v:/x:nocopy,foo" /bin/true
  assert_refused "invalid mode"
  mc run --rm -v "$v:/x:U" /bin/true
  assert_refused "invalid mode: U"
  mc run --rm --volume-driver nfs -v "$v:/x" /bin/true
  assert_refused 'plugin "nfs" not found'
  mc run --rm --mount "src=$v,dst=/x,volume-subpath=../y" /bin/true
  assert_refused "subpath"
  assert_output "$(volumes)"
}

@test "filters of the list: dangling, driver, label, name" {
  mc volume create --label a=1 "$v-one"
  mc volume create --label a=2 "$v-two"
  mc create --name "$name" -v "$v-one:/x" /bin/true
  equal "$v-two" "$(volumes -f dangling=true)" dangling
  equal "$v-one" "$(volumes -f dangling=false)" used
  equal "$v-one" "$(volumes -f label=a=1)" label
  equal "$v-one $v-two" "$(volumes -f label=a | xargs)" "label without value"
  equal "$v-two" "$(volumes -f name=two)" name
  equal "" "$(volumes -f driver=nfs)" driver
  mc volume ls -f dangling=maybe
  assert_error "invalid filter"
  mc volume ls -f size=1
  assert_error "invalid filter 'size'"
}

@test "what one container writes the next one reads, also while both run" {
  mc run --rm -v "$v:/x" /bin/sh -c 'echo first >/x/f'
  assert_status 0
  mc run --rm -v "$v:/y:ro" /bin/cat /y/f
  assert_output first
  is_deaf "$name" -v "$v:/x"
  mc run --rm --mount "src=$v,dst=/z" /bin/sh -c 'echo second >/z/f'
  mc exec "$name" /bin/cat /x/f
  assert_output second
  equal second "$(cat "$(data "$v")/f")" "the file on the host"
}

@test "a read-only volume cannot be written to" {
  for option in "-v $v:/x:ro" "--mount src=$v,dst=/x,readonly" "--mount type=volume,src=$v,target=/x,ro"; do
    mc run --rm $option /bin/touch /x/f
    assert_status 1
    assert_stderr_contains "Read-only file system"
  done
}

@test "a new volume gets what the image has there, once; the host's directories never do" {
  mc run --rm -v "$v:/etc" /bin/cat /etc/passwd
  assert_contains root
  mc run --rm -v "$v:/x" /bin/sh -c 'rm /x/passwd && echo mine >/x/group'
  mc run --rm -v "$v:/etc" /bin/sh -c 'test ! -e /etc/passwd && cat /etc/group'
  assert_status 0
  assert_output mine
  mkdir "$BATS_TEST_TMPDIR/bind"
  mc run --rm -v "$BATS_TEST_TMPDIR/bind:/etc" /bin/true
  [[ ! -e $BATS_TEST_TMPDIR/bind/passwd ]]
}

@test "a volume with nocopy stays empty, and is filled by who comes without it" {
  mc run --rm -v "$v:/etc:nocopy" /bin/sh -c 'test ! -e /etc/passwd'
  assert_status 0
  mc run --rm --mount "src=$v,dst=/etc,volume-nocopy" /bin/sh -c 'test ! -e /etc/passwd'
  assert_status 0
  mc run --rm -v "$v:/etc:ro" /bin/test -e /etc/passwd
  assert_status 0
}

@test "a volume over a directory that the image does not have is filled by the next image" {
  mc run --rm -v "$v:/nothing/here" /bin/true
  assert_status 0
  mc run --rm -v "$v:/etc" /bin/test -e /etc/passwd
  assert_status 0
}

@test "what is copied keeps mode, times, links and attributes, and the volume those of the directory" {
  local root=$BATS_TEST_TMPDIR/root
  mc run --rm /bin/true
  make_root "$root"
  mkdir -p "$root/work/deep"
  echo text >"$root/work/deep/file"
  ln "$root/work/deep/file" "$root/work/hard"
  ln -s deep/file "$root/work/soft"
  mkfifo "$root/work/pipe"
  mkdir "$root/work/empty"
  chmod 4751 "$root/work/deep/file"
  setfattr -n user.note -v hello "$root/work/deep/file" 2>/dev/null || touch "$BATS_TEST_TMPDIR/no-xattr"
  touch -d '2001-02-03 04:05:06.789012345' "$root/work/deep/file"
  touch -h -d '2002-03-04 05:06:07.1' "$root/work/soft"
  touch -d '2003-04-05 06:07:08.5' "$root/work/empty"
  chmod 1773 "$root/work"
  ! is_root || chown 1234:2345 "$root/work" "$root/work/deep/file"
  touch -d '2004-05-06 07:08:09.25' "$root/work"
  mc create --rootfs "$root:O" --name "$name" -v "$v:/work" /bin/true
  assert_status 0
  local copy
  copy=$(data "$v")
  (cd "$root/work" && find . -printf '%p %M %U %G %T@ %n %l\n' | sort) >"$BATS_TEST_TMPDIR/wanted"
  (cd "$copy" && find . -printf '%p %M %U %G %T@ %n %l\n' | sort) >"$BATS_TEST_TMPDIR/got"
  diff "$BATS_TEST_TMPDIR/wanted" "$BATS_TEST_TMPDIR/got"
  equal text "$(cat "$copy/deep/file")" content
  [[ -e $BATS_TEST_TMPDIR/no-xattr ]] || equal hello "$(getfattr --only-values -n user.note "$copy/deep/file")" "the attribute"
}

@test "links of the image lead nowhere outside of it (CVE-2022-23648)" {
  local root=$BATS_TEST_TMPDIR/root outside=$BATS_TEST_TMPDIR/outside
  mc run --rm /bin/true
  make_root "$root"
  mkdir "$outside"
  echo secret >"$outside/canary"
  ln -s "$outside" "$root/absolute"
  ln -s ../../../../../../../../../../../../"$outside" "$root/relative"
  ln -s work "$root/inside"
  echo inner >"$root/work/file"
  for place in absolute relative; do
    mc run --rm --rootfs "$root:O" -v "$v-$place:/$place" /bin/find "/$place"
    refute_contains canary
    [[ ! -e $(data "$v-$place")/canary ]] || fail "the host's file is in the volume"
  done
  mc run --rm --rootfs "$root:O" -v "$v:/inside" /bin/cat /work/file
  assert_output inner
  [[ -e $(data "$v")/file ]]
}

@test "a volume covers neither the kernel's own places nor what a link of the image makes of them (CVE-2019-16884)" {
  local root=$BATS_TEST_TMPDIR/root
  mc run --rm /bin/true
  make_root "$root"
  ln -s proc "$root/innocent"
  ln -s /sys/kernel "$root/harmless"
  mc run --rm -v "$v:/proc" /bin/true
  assert_refused "/proc"
  for place in /proc/sys /sys/fs; do
    mc run --rm -v "$v:$place" /bin/true
    assert_refused "the kernel's own files"
  done
  for place in innocent harmless; do
    mc run --rm --rootfs "$root:O" -v "$v:/$place" /bin/true
    assert_refused "the kernel's own files"
  done
}

@test "a volume is not mounted over a file" {
  mc run --rm -v "$v:/etc/passwd" /bin/true
  assert_refused "cannot mount volume over existing file"
}

@test "a part of a volume is mounted, and its links end within it" {
  mc run --rm -v "$v:/x" /bin/sh -c 'mkdir -p /x/a/b && echo in >/x/a/b/f && ln -s /etc /x/out && ln -s ../../../../etc /x/up && ln -s a/b /x/in'
  mc run --rm --mount "src=$v,dst=/y,volume-subpath=a/b" /bin/cat /y/f
  assert_output in
  mc run --rm --mount "src=$v,dst=/y,volume-subpath=in" /bin/cat /y/f
  assert_output in
  for link in out up out/passwd; do
    mc run --rm --mount "src=$v,dst=/y,volume-subpath=$link" /bin/find /y
    assert_status 125
    refute_contains passwd
    assert_stderr_contains "subpath"
  done
  mc run --rm --mount "src=$v,dst=/y,volume-subpath=missing" /bin/true
  assert_status 125
  mc run --rm -v "$v:/x" /bin/sh -c 'mkdir "/x/c,d" && echo comma >"/x/c,d/f"'
  mc run --rm --mount "src=$v,dst=/y,\"volume-subpath=c,d\"" /bin/cat /y/f
  assert_output comma
}

@test "a part of a volume that is exchanged for a link all the time never leads outside" {
  mc run -d --name "$name" -v "$v:/x" /bin/sh -c 'mkdir /x/real; while :; do ln -s /etc /x/s; mv -T /x/s /x/part; rm -f /x/part; mkdir /x/part; rmdir /x/part; done'
  assert_status 0
  local round
  for round in {1..20}; do
    mc run --rm --mount "src=$v,dst=/y,volume-subpath=part" /bin/find /y
    refute_contains passwd
  done
}

@test "volumes of other containers: several, read-only, and what is asked for itself counts" {
  mc create --name "$name-a" -v "$v-a:/a" -v /anon /bin/true
  mc create --name "$name-b" -v "$v-b:/b:ro" -v "$BATS_TEST_TMPDIR:/host" /bin/true
  mc run --rm --volumes-from "$name-a" --volumes-from "$name-b" /bin/sh -c 'echo 1 >/a/f && echo 2 >/anon/f && test -d /host && ! touch /b/f'
  assert_status 0
  mc run --rm --volumes-from "$name-a:ro" /bin/sh -c 'cat /a/f /anon/f && ! touch /a/g'
  assert_status 0
  assert_output $'1\n2'
  mc run --rm --volumes-from "$name-a" -v "$v-c:/a" /bin/test ! -e /a/f
  assert_status 0
  mc run --rm --volumes-from "$name-none" /bin/true
  assert_refused "no such container: $name-none"
  mc run --rm --volumes-from "$name-a:rx" /bin/true
  assert_refused "invalid mode"
  mc inspect -f '{{range .Mounts}}{{.Name}}{{end}}' "$name-a"
  equal 3 "$(volumes | grep -c "^$v-")" "named volumes"
  # Its anonymous volume is still the first one's.
  equal 1 "$(volumes | grep -cE '^[0-9a-f]{64}$')" "anonymous volumes"
}

@test "an anonymous volume goes with --rm and rm -v, and stays otherwise" {
  mc run --rm -v /x -v "$v:/y" /bin/touch /x/f /y/f
  assert_status 0
  equal "$v" "$(volumes)" "volumes after run --rm"
  mc run -d --rm --name "$name" -v /x /bin/sleep 1000
  equal 2 "$(volumes | wc -l)" "volumes while it runs"
  mc kill "$name"
  gone() { [[ $(volumes) == "$v" ]]; }
  eventually gone
  mc run --name "$name" -v /x -v "$v:/y" /bin/true
  mc rm -v "$name"
  equal "$v" "$(volumes)" "volumes after rm -v"
  mc run --name "$name" -v /x /bin/true
  mc rm "$name"
  equal 2 "$(volumes | wc -l)" "volumes after rm"
  mc volume prune -f
  assert_contains "Deleted Volumes:"
  equal "$v" "$(volumes)" "volumes after prune"
}

@test "a container that does not come to be leaves no anonymous volume" {
  mc run --rm -v /x /no/such/program
  assert_status 127
  mc run --rm -v /x -v /nonexistent/../proc/x:/y:ro /bin/true
  mc run --rm -v /x --mount "type=bind,src=$BATS_TEST_TMPDIR/missing,dst=/y" /bin/true
  assert_status 125
  mc create --name "$name" /bin/true
  mc create --name "$name" -v /x /bin/true
  assert_status 1
  mc run -d --rm -v /x /no/such/program
  equal "" "$(volumes)" volumes
}

@test "a volume in use is not removed, and says by whom" {
  mc create --name "$name" -v "$v:/x" /bin/true
  local id=$output
  mc volume rm "$v"
  assert_error "remove $v: volume is in use - [$id]"
  mc volume rm -f "$v"
  assert_error "volume is in use"
  mc volume prune -af
  refute_contains "$v"
  mc rm "$name"
  mc volume rm "$v"
  assert_output "$v"
}

@test "prune asks first, takes anonymous ones, all with -a, and those that filters mean" {
  mc volume create "$v"
  mc volume create --label keep "$v-kept"
  mc volume create
  local anonymous=$output
  capture 60 bash -c 'echo n | "$MYCONTAINER" volume prune'
  assert_contains "WARNING! This will remove anonymous local volumes not used by at least one container."
  equal 3 "$(volumes | wc -l)" "volumes after a no"
  mc volume prune -f
  equal "Deleted Volumes: $anonymous Total reclaimed space: 0B" "$(xargs <<<"$output")" "what prune says"
  capture 60 bash -c 'echo y | "$MYCONTAINER" volume prune -a --filter label!=keep'
  assert_contains "WARNING! This will remove all local volumes"
  equal "$v-kept" "$(volumes)" "what is left"
  mc volume prune -af --filter label=keep
  equal "" "$(volumes)" "what is left at last"
  mc volume prune -f --filter x
  assert_refused "bad format of filter"
  mc volume prune -f --filter until=1h
  assert_refused "invalid filter 'until'"
}

@test "system prune --volumes takes anonymous volumes, and only with that option" {
  mc volume create "$v"
  mc run --name "$name" -v /x /bin/true
  mc system prune -f
  equal 2 "$(volumes | wc -l)" "volumes after system prune"
  mc system prune -f --volumes
  assert_contains "Deleted Volumes:"
  equal "$v" "$(volumes)" "what is left"
}

@test "inspect, ps and system df know the volumes" {
  mc run -d --name "$name" -v "$v:/data:ro" -v /anon -v "$BATS_TEST_TMPDIR:/host" /bin/sleep 1000
  mc inspect "$name"
  local mounts config
  mounts=$(jq -c '[.[0].Mounts[] | select(.Name == "'"$v"'")]' <<<"$output")
  equal '["volume","/data","local",false]' "$(jq -c '.[0] | [.Type,.Destination,.Driver,.RW]' <<<"$mounts")" Mounts
  equal "$(data "$v")" "$(jq -r '.[0].Source' <<<"$mounts")" Source
  config=$(jq -c '.[0].Config.Volumes' <<<"$output")
  equal '{"/anon":{}}' "$config" Config.Volumes
  equal "[\"$v:/data:ro\",\"$BATS_TEST_TMPDIR:/host\"]" "$(jq -c '.[0].HostConfig.Binds' <<<"$output")" Binds
  mc ps --no-trunc --format '{{.Mounts}} {{.LocalVolumes}}' --filter "volume=$v"
  assert_contains "$v,"
  equal 2 "${output##* }" LocalVolumes
  equal "$name" "$("$MYCONTAINER" ps --filter volume=/anon --format '{{.Names}}')" "ps by place"
  equal "" "$("$MYCONTAINER" ps -q --filter volume=other)" "ps by another"
  mc volume create "$v-idle"
  echo 12345 >"$(data "$v-idle")/f"
  mc system df --format '{{.Type}} {{.TotalCount}} {{.Active}} {{.Size}} {{.Reclaimable}}'
  assert_contains "Local Volumes 3 2 6B 6B (100%)"
  mc system df -v
  grep -qE "^$v +1 +0B" <<<"$output" || fail "the volume in use is not in the table"
  grep -qE "^$v-idle +0 +6B" <<<"$output" || fail "the idle volume is not in the table"
}

@test "events tell of volumes" {
  mc run --rm -v "$v:/x" /bin/true
  mc volume rm "$v"
  local since=0 action
  for action in create destroy; do
    grep -q "\"type\":\"volume\",\"action\":\"$action\",\"id\":\"$v\"" "$MYCONTAINER_STATE_ROOT/events" ||
      fail "no event $action"
  done
  mc events --since 0 --until 0s --filter type=volume --format '{{.Action}} {{.Actor.ID}}'
  assert_contains "create $v"
}

@test "a volume with options is that mount, in each container its own" {
  mc volume create -o type=tmpfs -o device=tmpfs -o o=size=1m,mode=700 "$v"
  mc run --rm -v "$v:/x" /bin/sh -c 'grep " /x " /proc/self/mountinfo; stat -c %a /x; touch /x/f'
  assert_status 0
  assert_contains "- tmpfs tmpfs rw,size=1024k"
  assert_contains 700
  equal "" "$(ls "$(data "$v")")" "the volume's files on the host"
  mkdir "$BATS_TEST_TMPDIR/there"
  echo bound >"$BATS_TEST_TMPDIR/there/f"
  mc volume create -o type=none -o "device=$BATS_TEST_TMPDIR/there" -o o=bind "$v-bind"
  mc run --rm -v "$v-bind:/x:ro" /bin/sh -c 'cat /x/f; ! touch /x/g'
  assert_status 0
  assert_output bound
  mc run --rm --mount "type=volume,dst=/x,volume-opt=type=tmpfs,volume-opt=device=tmpfs,volume-label=a=b" /bin/sh -c 'grep -c " /x .* tmpfs " /proc/self/mountinfo'
  assert_output 1
  equal "$v $v-bind" "$(volumes | xargs)" "what is left"
}

@test "eight first uses at once: one fills, the others wait, nothing of theirs is lost" {
  local i pids=()
  for i in {1..8}; do
    "$MYCONTAINER" run --rm -v "$v:/etc" /bin/sh -c "grep -q root /etc/passwd && echo $i >>/etc/marks" 3>&- &
    pids+=($!)
  done
  for i in "${pids[@]}"; do wait "$i" || fail "one of them failed"; done
  equal "1 2 3 4 5 6 7 8" "$(sort "$(data "$v")/marks" | xargs)" "their marks"
}

@test "made, used and removed by many at once: each run sees a whole volume" {
  local i pids=()
  users() { for round in {1..5}; do "$MYCONTAINER" run --rm -v "$v:/etc" /bin/test -e /etc/passwd || return 1; done; }
  removers() {
    for round in {1..15}; do
      "$MYCONTAINER" volume rm -f "$v" >/dev/null 2>&1 || true # in use, mostly
      "$MYCONTAINER" volume prune -af >/dev/null || return 1
    done
  }
  for i in {1..4}; do
    users 2>>"$BATS_TEST_TMPDIR/errors" 3>&- &
    pids+=($!)
    removers 2>>"$BATS_TEST_TMPDIR/errors" 3>&- &
    pids+=($!)
  done
  for i in "${pids[@]}"; do wait "$i" || fail "one of them failed: $(cat "$BATS_TEST_TMPDIR/errors")"; done
  mc volume prune -af
  equal "" "$(ls -A "$MYCONTAINER_ROOT/volumes")" "what is left"
}

@test "killed at any moment, nothing is left that prune does not find, and half a fill is begun again" {
  local root=$BATS_TEST_TMPDIR/root i
  mc run --rm /bin/true
  make_root "$root"
  for i in {1..300}; do echo "$i" >"$root/work/$i"; done
  for i in {1..25}; do
    "$MYCONTAINER" create --rootfs "$root:O" -v "$v:/work" -v /anon /bin/true >/dev/null 2>&1 3>&- &
    local pid=$!
    sleep "0.0$((i % 5))$((RANDOM % 10))"
    kill -9 "$pid" 2>/dev/null || true
    wait "$pid" 2>/dev/null || true
  done
  mc run --rm --rootfs "$root:O" -v "$v:/work" /bin/sh -c 'set -- /work/*; echo $#'
  assert_output 300
  remove_all
  mc container prune -f
  mc volume prune -af
  assert_status 0
  equal "" "$(ls -A "$MYCONTAINER_ROOT/volumes")" "what is left"
}

@test "the anonymous volume of a run --rm that was killed goes with it" {
  MC_MARK=$BATS_RUN_TMPDIR "$MYCONTAINER" run --rm --name "$name" -v /x /bin/sleep 1000 3>&- &
  local pid=$!
  runs() { [[ -n $("$MYCONTAINER" ps -q --filter "name=$name") ]]; }
  eventually runs
  equal 1 "$(volumes | wc -l)" volumes
  kill -9 "$pid"
  wait "$pid" 2>/dev/null || true
  mc container prune -f
  equal "" "$(volumes)" "what is left"
}

@test "a broken container keeps its volumes until it is removed" {
  mc create --name "$name" -v "$v:/x" -v /anon /bin/true
  local id=$output
  echo '{' >"$(record_file "$name")"
  mc volume prune -af
  equal 2 "$(volumes | wc -l)" "volumes of the broken one"
  mc rm -f "$id"
  mc volume prune -f
  equal "$v" "$(volumes)" "what is left"
}

@test "as root: volumes in a user namespace of its own belong to the ids that the container sees" {
  require_root
  mc run --rm --userns auto -v "$v:/etc" /bin/sh -c 'stat -c %u:%g /etc/passwd && touch /etc/mine && chown 7:8 /etc/mine'
  assert_status 0
  assert_output 0:0
  equal 7:8 "$(stat -c %u:%g "$(data "$v")/mine")" "the owner on the host"
  mc run --rm --userns auto -v "$v:/x" /bin/stat -c %u:%g /x/mine
  assert_output 7:8
  mc run --rm -v "$v:/x" /bin/stat -c %u:%g /x/mine
  assert_output 7:8
}

@test "as root: on a full disk a volume is made and filled wholly or not at all" {
  require_root
  local small=$BATS_TEST_TMPDIR/small root=$BATS_TEST_TMPDIR/root
  mc run --rm /bin/true
  make_root "$root"
  dd if=/dev/zero of="$root/work/large" bs=1M count=24 2>/dev/null
  mkdir "$small"
  mount -t tmpfs -o size=16m full-disk "$small"
  capture 60 env MYCONTAINER_ROOT="$small" "$MYCONTAINER" run --rm --rootfs "$root:O" -v data:/work -v /anon /bin/true
  local code=$status message=$stderr left
  left=$(MYCONTAINER_ROOT="$small" "$MYCONTAINER" volume ls -q)
  local files
  files=$(find "$small/volumes/data/_data" -type f)
  dd if=/dev/zero of="$small/ballast" bs=1M 2>/dev/null || true
  dd if=/dev/zero of="$small/ballast" bs=512 oflag=append conv=notrunc 2>/dev/null || true
  local before after
  before=$(find "$small/volumes")
  capture 60 env MYCONTAINER_ROOT="$small" "$MYCONTAINER" volume create other
  after=$(find "$small/volumes")
  umount -l "$small"
  equal 125 "$code" "exit status"
  [[ $message == *"No space left"* ]] || fail "it does not say why: $message"
  equal data "$left" "the volumes that are left"
  equal "" "$files" "the files that are left in it"
  assert_error "No space left"
  equal "$before" "$after" "what lies there"
}
