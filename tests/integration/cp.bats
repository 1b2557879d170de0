#!/usr/bin/env bats
# `cp`: files between a container and the host, in both directions, whatever the container does.
load helpers

setup() {
  name=box$BATS_TEST_NUMBER
  cd "$BATS_TEST_TMPDIR" || return
  mkdir here
  cd here || return
}
teardown() { "$MYCONTAINER" rm -f "$name" >/dev/null 2>&1 || true; }

# box OPTION... : a container $name that runs; `sh` runs a script in it.
box() { "$MYCONTAINER" run -d --name "$name" "$@" /bin/sleep 1000 >/dev/null; }
sh() { "$MYCONTAINER" exec "$name" /bin/sh -c "$1"; }
stopped() { "$MYCONTAINER" stop -t 0 "$name" >/dev/null; }

# both_ways TEST...: a test function, with the container running and then stopped.
running_and_stopped() {
  "$@" running
  stopped
  "$@" stopped
}

# --- what is copied where --------------------------------------------------------------------

files_from_a_container() {
  rm -rf ./* && mkdir there && echo old >file
  mc cp "$name:/src/f" new && equal f "$(<new)" "a new file"
  mc cp "$name:/src/f" file && equal f "$(<file)" "an existing file"
  mc cp "$name:/src/f" there && equal f "$(<there/f)" "a file in a directory"
  mc cp "$name:src/f" there/other && equal f "$(<there/other)" "a relative path in the container"
  mc cp "$name:/src/f" missing/ && assert_refused "no such directory" 1
  mc cp "$name:/src/f" missing/f && assert_refused "directory \"$PWD/missing\" does not exist" 1
  mc cp "$name:/src/f/" new && assert_refused "not a directory" 1
  mc cp "$name:/src/missing" . && assert_refused "Could not find the file /src/missing in container $name" 1
}

@test "cp takes files from a container by Docker's rules" {
  box && sh 'mkdir /src && echo f >/src/f'
  running_and_stopped files_from_a_container
}

directories_from_a_container() {
  rm -rf ./* && mkdir there && echo old >file
  mc cp "$name:/src" new && equal f "$(<new/d/f)" "a directory by a new name"
  mc cp "$name:/src" there && equal f "$(<there/src/d/f)" "a directory in a directory"
  mc cp "$name:/src/." there && equal f "$(<there/d/f)" "a directory's content"
  mc cp "$name:/src/" there && equal f "$(<there/src/d/f)" "a directory with a slash"
  mc cp "$name:/src/." content && equal f "$(<content/d/f)" "content as a new directory"
  mc cp "$name:/src" file && assert_refused "cannot copy directory" 1
  mkdir -p clash/src/d/f && mc cp "$name:/src" clash && assert_refused "cannot overwrite directory" 1
  mkdir clash2 && : >clash2/src && mc cp "$name:/src" clash2
  assert_refused "cannot overwrite non-directory" 1
}

@test "cp takes directories from a container by Docker's rules" {
  box && sh 'mkdir -p /src/d && echo f >/src/d/f'
  running_and_stopped directories_from_a_container
}

files_to_a_container() {
  rm -rf ./* && mkdir -p d/e && echo f >f && echo e >d/e/f
  local to=/to-$1
  mc cp f "$name:$to" && assert_status 0
  mc cp f "$name:$to" && assert_status 0
  mc cp d "$name:$to" && assert_refused "cannot copy directory" 1
  mc cp f "$name:$to-missing/" && assert_refused "no such directory" 1
  mc cp f "$name:$to-missing/f" && assert_refused "Could not find the file $to-missing in container $name" 1
  mc cp f "$name:$to/f" && assert_refused "Not a directory" 1
  mc cp missing "$name:/" && assert_refused "missing" 1
  mc cp d "$name:$to-d" && mc cp d "$name:$to-d" && mc cp d/. "$name:$to-content"
  mc cp f "$name:$to-d" && mc cp f "$name:$to-link"
  mc cp "$name:$to" - && assert_status 0
  rm -rf back && mkdir back
  mc cp "$name:/" back
  equal f "$(<"back$to")" "a new file"
  equal e "$(<"back$to-d/e/f")" "a directory by a new name"
  equal e "$(<"back$to-d/d/e/f")" "a directory in a directory"
  equal e "$(<"back$to-content/e/f")" "a directory's content"
  equal f "$(<"back$to-d/f")" "a file in a directory"
  equal f "$(<back/target)" "a file through a link"
}

@test "cp brings files and directories to a container by Docker's rules" {
  box && sh 'ln -s /target /to-running-link && ln -s target /to-stopped-link'
  running_and_stopped files_to_a_container
}

@test "cp works on a container that never ran" {
  "$MYCONTAINER" create --name "$name" /bin/cat /etc/message >/dev/null
  echo hello >message
  mc cp message "$name:/etc/message"
  assert_status 0
  mc cp "$name:/etc/message" back
  equal hello "$(<back)" "what comes back"
  "$MYCONTAINER" start "$name" >/dev/null
  mc wait "$name"
  assert_output 0
}

@test "as root: cp works on a container that is paused" {
  require_root
  box && sh 'echo f >/f'
  "$MYCONTAINER" pause "$name" >/dev/null
  mc cp "$name:/f" .
  local copied=$status
  "$MYCONTAINER" unpause "$name" >/dev/null
  equal 0 "$copied" "exit status of cp"
  equal f "$(<f)" "the copy"
}

@test "cp streams archives to and from a container" {
  box && sh 'mkdir -p /src/d && echo f >/src/d/f && ln -s f /src/d/l'
  mc_shell '"$MYCONTAINER" cp '"$name"':/src - | tar tf -'
  assert_output $'src/\nsrc/d/\nsrc/d/f\nsrc/d/l'
  mc_shell '"$MYCONTAINER" cp '"$name"':/src/d/f - | tar xOf -'
  assert_output f
  mkdir d && echo in >d/f
  local packer packers=("tar c d" "tar cz d" "tar c --format=gnu d" "tar c --format=v7 d")
  if command -v zstd >/dev/null; then packers+=("tar c --zstd d"); fi # the virtual machine has none
  for packer in "${packers[@]}"; do
    sh 'rm -rf /in && mkdir /in'
    mc_shell "$packer"' | "$MYCONTAINER" cp - '"$name"':/in'
    assert_status 0
    equal in "$(sh 'cat /in/d/f')" "$packer"
  done
  mc cp - "$name:/in/d/f"
  assert_refused "destination \"$name:/in/d/f\" must be a directory" 1
  mc_shell 'echo nonsense | "$MYCONTAINER" cp - '"$name"':/in'
  assert_refused "archive" 1
  mc_shell 'tar c d | head -c 700 | "$MYCONTAINER" cp - '"$name"':/in'
  assert_refused "archive" 1
}

@test "cp copies a link, and with -L what it leads to" {
  box && sh 'echo f >/f && ln -s f /l && ln -s /etc /d'
  mc cp "$name:/l" l && equal f "$(readlink l)" "the link's target"
  mc cp -L "$name:/l" real && [[ ! -L real ]] && equal f "$(<real)" "what the link leads to"
  mc cp "$name:/d/" etc && [[ -f etc/passwd && ! -L etc ]]
  echo g >g && ln -s g to-g
  mc cp to-g "$name:/" && equal g "$(sh 'readlink /to-g')" "the link's target inside"
  mc cp -L to-g "$name:/followed" && equal g "$(sh 'cat /followed')" "what the link leads to inside"
}

@test "cp keeps modes, times, links and what a file holds to the byte" {
  box
  mkdir d && head -c 3000000 /dev/urandom >d/f && ln d/f d/same && ln -s f d/link && mkfifo d/fifo
  truncate -s 50M d/hole
  chmod 4751 d/f && chmod 1770 d && touch -d '2001-02-03 04:05:06.123456789' d/f d
  mc cp d "$name:/d" && assert_status 0
  equal '4751 1770' "$(sh 'stat -c %a /d/f /d' | xargs)" "modes inside"
  equal 2 "$(sh 'stat -c %h /d/f')" "names of the file inside"
  mc cp "$name:/d" back && assert_status 0
  cmp d/f back/f
  equal "$(stat -c '%Y %y' d/f d)" "$(stat -c '%Y %y' back/f back)" "times"
  equal 755 "$(stat -c %a back/f | sed s/^751/755/)" "mode without the setuid bit"
  [[ -p back/fifo && back/f -ef back/same && -L back/link ]]
  (($(stat -c %b back/hole) < 100)) || fail "the hole was filled"
}

@test "cp gives files to root inside and to the caller outside" {
  box && sh 'echo f >/f && chown 0:0 /f'
  echo g >g
  is_root && chown 1234:5678 g
  mc cp g "$name:/g"
  equal '0 0' "$(sh 'stat -c "%u %g" /g')" "owner inside"
  mc cp "$name:/f" f
  equal "$(id -u) $(id -g)" "$(stat -c '%u %g' f)" "owner outside"
}

@test "as root: cp -a keeps owners" {
  require_root
  box && sh 'echo f >/f && chown 12:34 /f && chmod 4755 /f'
  echo g >g && chown 1234:5678 g
  mc cp -a g "$name:/g"
  equal '1234 5678' "$(sh 'stat -c "%u %g" /g')" "owner inside"
  mc cp -a "$name:/f" f
  equal '12 34 4755' "$(stat -c '%u %g %a' f)" "owner and mode outside"
  tar c g | "$MYCONTAINER" cp - "$name:/tmp"
  equal '1234 5678' "$(sh 'stat -c "%u %g" /tmp/g')" "owner of a stream's file"
}

@test "cp sees volumes, and a file that is mounted is written in place" {
  mkdir volume && echo v >volume/v
  box -v "$PWD/volume:/data"
  echo hosts >hosts
  mc cp hosts "$name:/etc/hosts" && assert_status 0
  equal hosts "$(sh 'cat /etc/hosts')" "the mounted file"
  mc cp "$name:/data/v" got && equal v "$(<got)" "a volume's file"
  stopped
  echo w >w
  mc cp w "$name:/data" && equal w "$(<volume/w)" "a file copied to a stopped container's volume"
  mc cp "$name:/data/v" got2 && equal v "$(<got2)" "a volume's file when stopped"
}

@test "cp says what is read-only" {
  mkdir volume && echo f >f
  box --read-only -v "$PWD/volume:/data:ro"
  readonly_is_refused() {
    mc cp f "$name:/f" && assert_refused "container rootfs is marked read-only" 1
    mc cp f "$name:/data/f" && assert_refused "mounted volume is marked read-only" 1
  }
  running_and_stopped readonly_is_refused
}

@test "cp tells how much it copied, to a terminal or when told to" {
  box && sh 'echo f >/f'
  mc cp --quiet=false "$name:/f" f
  assert_stderr_contains "Successfully copied 2.05kB to $PWD/f"
  mc cp --quiet=false f "$name:/g"
  assert_stderr_contains "Successfully copied 2.05kB to $name:/g"
  mc cp f "$name:/g"
  equal "" "$stderr" "stderr without a terminal"
}

@test "cp refuses what is no copy between a container and the host" {
  box && echo f >f
  mc cp f g && assert_refused "must specify at least one container source" 1
  mc cp "$name:/a" "$name:/b" && assert_refused "copying between containers is not supported" 1
  mc cp ./a:b g && assert_refused "must specify at least one container source" 1
  mc cp "" "$name:/b" && assert_refused "source can not be empty" 1
  mc cp f "" && assert_refused "destination can not be empty" 1
  mc cp nobody:/f g && assert_refused "no such container: nobody" 1
  mc cp f && assert_refused "requires exactly 2 arguments" 1
  mc cp f "$name:/dev/null" && assert_refused "got a device" 1
  mc cp "$name:/etc/passwd" /dev/null && assert_refused "got a device" 1
}

@test "cp copies a local name with a colon in it" {
  box && echo f >'a:b'
  mc cp ./a:b "$name:/"
  equal f "$(sh 'cat /a:b')" "the file inside"
}

# --- hostile containers ----------------------------------------------------------------------
# The canary lies beside everything that is copied.

canary() {
  mkdir -p "$BATS_TEST_TMPDIR/outside"
  echo alive >"$BATS_TEST_TMPDIR/outside/canary"
  outside=$BATS_TEST_TMPDIR/outside
}
assert_canary() {
  equal alive "$(<"$outside/canary")" "the canary"
  equal canary "$(ls -A "$outside")" "what lies beside the canary"
}

links_lead_nowhere() {
  rm -rf ./* && echo new >new
  mc cp "$name:/way/canary" got
  [[ ! -e got ]] || fail "the host's file came out"
  mc cp -L "$name:/file" got
  [[ ! -e got ]] || fail "the host's file came out"
  mc cp new "$name:/way/new"
  mc cp new "$name:/file"
  tar c new | "$MYCONTAINER" cp - "$name:/way" || true
  assert_canary
}

@test "links in a container lead nowhere on the host" {
  canary
  box && sh "ln -s '$outside' /way && ln -s '$outside/canary' /file && ln -s ../../../../../../../../$outside /up"
  running_and_stopped links_lead_nowhere
}

@test "links that come out of a container are not followed on the host" {
  canary
  box && sh "mkdir /src && ln -s '$outside' /src/d && ln -s '$outside/canary' /src/canary && echo bad >/bad"
  mc cp "$name:/src" src
  [[ -L src/d && -L src/canary ]]
  # A second copy, where the links of the first lie in the way.
  sh "rm /src/d /src/canary && mkdir /src/d && echo bad >/src/d/canary && echo bad >/src/canary"
  mc cp "$name:/src" .
  assert_status 1
  assert_canary
}

@test "an archive cannot lead out of its directory" {
  canary
  box && sh 'mkdir /in'
  echo new >new
  tar c -P --transform="s,^,../..$outside/," new >bad.tar
  mc_shell '"$MYCONTAINER" cp - '"$name"':/in <bad.tar'
  assert_refused "leads out of the target directory" 1
  tar c -P --transform="s,^,$outside/," new >absolute.tar
  mc_shell '"$MYCONTAINER" cp - '"$name"':/in <absolute.tar'
  assert_status 0
  equal new "$(sh "cat /in$outside/new")" "an absolute name below the target"
  ln -s "$outside" way && tar cf link.tar way && rm way && mkdir way && echo bad >way/canary &&
    tar rf link.tar way/canary
  mc_shell '"$MYCONTAINER" cp - '"$name"':/in <link.tar'
  assert_canary
}

@test "CVE-2018-15664: names that change while they are copied lead nowhere on the host" {
  canary
  box && sh "mkdir -p /src/d && echo inside >/src/d/canary && ln -s '$outside' /link"
  # The links and the directory change places as fast as a shell can.
  "$MYCONTAINER" exec -d "$name" /bin/sh -c \
    'while :; do mv /src/d /tmp/d; mv /link /src/d; mv /src/d /link; mv /tmp/d /src/d; done'
  echo new >new
  local i
  for ((i = 0; i < 60; i++)); do
    rm -rf out
    "$MYCONTAINER" cp "$name:/src" out 2>/dev/null || true
    [[ ! -e out/d/canary || -L out/d || $(<out/d/canary) != alive ]] || fail "the canary came out"
    "$MYCONTAINER" cp "$name:/src/d/canary" single 2>/dev/null || true
    [[ ! -e single || $(<single) != alive ]] || fail "the canary came out"
    "$MYCONTAINER" cp new "$name:/src/d/canary" 2>/dev/null || true
    "$MYCONTAINER" cp new "$name:/src/d/" 2>/dev/null || true
    rm -f single
    sh 'echo inside >/src/d/canary' 2>/dev/null || true
  done
  assert_canary
}

@test "CVE-2019-14271: nothing that a library looks for by name is the container's" {
  box
  # Whoever opened one of these would hang.
  sh 'mkdir -p /lib/x86_64-linux-gnu /usr/lib/x86_64-linux-gnu/gconv /usr/lib/locale &&
      for f in /etc/nsswitch.conf /etc/ld.so.cache /etc/ld.so.preload /etc/locale.alias /etc/localtime \
        /lib/x86_64-linux-gnu/libnss_files.so.2 /usr/lib/x86_64-linux-gnu/gconv/gconv-modules \
        /usr/lib/x86_64-linux-gnu/gconv/gconv-modules.cache /usr/lib/locale/locale-archive; do
        rm -f $f && mkfifo $f || exit 1
      done; mv /etc/passwd /etc/group /tmp; mkfifo /etc/passwd /etc/group; mkdir /src /in; : >/src/f'
  hostile_names() {
    local bytes=$'\xff\xfe-\xc3\xa4'
    rm -rf ./* && echo f >"$bytes"
    mc cp "$bytes" "$name:/src/" && assert_status 0
    mc cp "$name:/src" out && assert_status 0
    equal f "$(<"out/$bytes")" "a file whose name is no text"
    mc_shell 'tar c --format=pax . | "$MYCONTAINER" cp - '"$name"':/in' && assert_status 0
  }
  running_and_stopped hostile_names
}

@test "CVE-2016-9962: nobody in the container can look into who copies" {
  canary
  local rights=()
  # Among the host's processes, with every right that is not one over the whole machine.
  is_root || rights=(--cap-add ALL --security-opt seccomp=unconfined)
  box --pid host "${rights[@]}" -v "$ATTACKER:/attacker:ro"
  "$MYCONTAINER" exec "$name" /attacker spy "$outside/canary" 4 >spied &
  eventually grep -q ready spied
  sh 'echo f >/f'
  local end=$((SECONDS + 3))
  while ((SECONDS < end)); do
    "$MYCONTAINER" cp "$name:/f" f
    "$MYCONTAINER" cp f "$name:/g"
  done
  wait
  cat spied
  (($(sed -n 's/^processes=//p' spied) > 5)) || fail "nobody was looked at"
  equal 0 "$(sed -n 's/^hits=//p' spied)" "hits"
}

@test "nothing of the container's is executed" {
  box
  sh 'mkdir -p /usr/local/bin /in; for p in tar gzip gunzip unpigz pigz zstd xz bzip2 unxz lz4 lzop sh true; do
        for d in /bin /usr/bin /usr/local/bin; do
          [ $p = sh -o $p = true ] && [ $d != /usr/local/bin ] && continue
          rm -f $d/$p; printf "#!/bin/sh\ntouch /executed\n" >$d/$p; chmod 755 $d/$p
        done
      done; echo f >/f'
  echo f >f
  local packer
  for packer in "tar c f" "tar cz f" "tar c --zstd f" "tar cJ f" "tar cj f"; do
    mc_shell "$packer"' | "$MYCONTAINER" cp - '"$name"':/in'
  done
  mc cp "$name:/f" g && assert_status 0
  mc cp "$name:/executed" g
  assert_refused "Could not find the file" 1
}

@test "fifos, devices and sockets in a container make nobody wait" {
  box && sh 'mkdir /src && mkfifo /src/fifo && echo f >/src/f'
  mc cp "$name:/src" src && assert_status 0
  [[ -p src/fifo && -f src/f ]]
  mc cp "$name:/src/fifo" alone && assert_status 0
  [[ -p alone ]]
  mc cp "$name:/dev/null" null && assert_status 0
  assert_stderr_contains "left out the device node null"
  [[ ! -e null ]]
  mc cp f "$name:/src/fifo" 2>/dev/null
  echo new >new
  mc cp new "$name:/src/fifo" && assert_status 0
  equal new "$(sh 'cat /src/fifo')" "the file in the fifo's place"
}

@test "the kernel's own files are nobody's" {
  box && sh 'ln -s /proc/self/root /root-link; ln -s /proc/1/cwd /cwd-link; echo f >/f'
  echo new >new
  local path
  for path in /proc/1/environ /proc/self/exe /proc/1/root/f /sys/kernel/notes /dev/pts/ptmx /proc/kmsg; do
    mc cp "$name:$path" got
    assert_status 1
    [[ ! -e got ]] || fail "$path came out"
    mc cp new "$name:$path"
    assert_status 1
  done
  for path in /root-link/f /cwd-link/f; do
    mc cp "$name:$path" got
    assert_status 1
    mc cp new "$name:$path"
    assert_status 1
  done
  mc cp new "$name:/proc/" && assert_refused "kernel's own filesystems" 1
  mc cp "$name:/proc" proc && assert_status 0
  equal "" "$(ls -A proc)" "what is in the copy of /proc"
}

@test "a file that grows and shrinks while it is copied is one file" {
  box && sh 'mkdir /src && echo first >/src/a && echo last >/src/z'
  "$MYCONTAINER" exec -d "$name" /bin/sh -c \
    'while :; do head -c 3000000 /dev/zero >>/src/grows; : >/src/grows; done'
  local i
  for ((i = 0; i < 20; i++)); do
    rm -rf out
    mc cp "$name:/src" out
    assert_status 0
    equal "first last" "$(cat out/a out/z | xargs)" "the files around it"
  done
}

@test "cp into a container whose disk is full fails with one line" {
  box --tmpfs /small:size=64k
  head -c 1000000 /dev/zero >big
  mc cp big "$name:/small/"
  assert_refused "No space left on device" 1
}

@test "cp leaves no process and no mount behind" {
  box && sh 'echo f >/f'
  mounts_before=$(list_mounts)
  mc cp "$name:/f" f
  stopped
  mc cp "$name:/f" g
  mc cp f "$name:/h"
  eventually no_new_mounts
  "$MYCONTAINER" start "$name" >/dev/null
  equal f "$(sh 'cat /h')" "the file that was copied while it did not run"
}

@test "as root: a container with a user namespace of its own sees its own ids" {
  require_root
  box --userns auto && sh 'echo f >/f && chown 12:34 /f'
  user_namespace() {
    echo g >g
    mc cp g "$name:/g-$1" && assert_status 0
    mc cp -a "$name:/g-$1" back && assert_status 0
    equal '0 0' "$(stat -c '%u %g' back)" "owner of what root inside owns"
    mc cp -a "$name:/f" f && equal '12 34' "$(stat -c '%u %g' f)" "owner as the container sees it"
  }
  running_and_stopped user_namespace
  "$MYCONTAINER" start "$name" >/dev/null
  equal '0 0' "$(sh 'stat -c "%u %g" /g-stopped')" "owner of what was copied while it did not run"
}
