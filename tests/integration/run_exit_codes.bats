#!/usr/bin/env bats
# Exit codes are Docker's, and a failed exec says what is wrong with the file.
load helpers

# A directory of files to run, mounted at /files.
setup() {
  files=$BATS_TEST_TMPDIR/files
  mkdir "$files"
}
run_file() { mc run --rm "${@:2}" -v "$files:/files:ro" busybox "/files/$1"; }
script() { # script NAME FIRST-LINE: an executable script that would succeed
  printf '%b\ntrue\n' "$2" >"$files/$1"
  chmod 755 "$files/$1"
}

@test "the exit code is the program's" {
  local code
  for code in 0 1 7 42 125 126 127 128 255; do
    inside -- exit "$code"
    assert_status "$code"
    equal "" "$stderr" stderr
  done
}

@test "a signal that ends the program is 128 + its number" {
  inside -- crash
  assert_status 139
}

@test "a signal that ends a shell's child is 128 + its number too" {
  mc run --rm /bin/sh -c 'sh -c "kill -TERM \$\$"; exit $?'
  assert_status 143
}

@test "a missing program is 127 and says so" {
  mc run --rm /bin/nothing
  assert_refused /bin/nothing 127
  assert_stderr_contains "No such file or directory"
}

@test "a missing program without a slash is looked for in PATH" {
  mc run --rm busybox nothing-like-this
  assert_refused nothing-like-this 127
  assert_stderr_contains PATH
}

@test "a program without a slash is found in the container's PATH" {
  mc run --rm -e PATH=/nowhere:/bin busybox echo found
  assert_status 0
  assert_output found
}

@test "a directory is 126" {
  mc run --rm busybox /tmp
  assert_refused /tmp 126
  assert_stderr_contains directory
}

@test "a file without the x bit is 126 and the hint says chmod" {
  script plain '#!/bin/sh'
  chmod 644 "$files/plain"
  run_file plain
  assert_refused /files/plain 126
  assert_stderr_contains "hint: "
  assert_stderr_contains "chmod"
}

@test "as root: a file on a noexec mount is 126 and the hint says noexec" {
  cp "$PROBE" "$files/probe"
  mc run --rm --mount "type=bind,source=$files,destination=/files,readonly" busybox /files/probe exit 3
  assert_status 3
  require_root
  mc_shell "unshare --mount sh -c 'mount -t tmpfs -o noexec none /mnt && cp $PROBE /mnt/ &&
    exec $MYCONTAINER run --rm -v /mnt:/files busybox /files/probe exit 3'"
  assert_refused /files/probe 126
  assert_stderr_contains noexec
}

@test "a program for another machine is 126 and the hint names the machine" {
  cp "$PROBE" "$files/foreign"
  printf '\xb7\x00' | dd of="$files/foreign" bs=1 seek=18 conv=notrunc status=none # EM_AARCH64
  run_file foreign
  assert_refused /files/foreign 126
  assert_stderr_contains "hint: "
  [[ ${stderr,,} == *aarch64* || ${stderr,,} == *arm64* ]] || fail "the machine is not named"
}

@test "a missing ELF interpreter is named" {
  # /bin/true of this machine is dynamic; the built-in root filesystem has no dynamic linker.
  cp /bin/true "$files/dynamic"
  run_file dynamic
  assert_refused /files/dynamic 127
  assert_stderr_contains "ld-linux"
}

@test "a missing script interpreter is named" {
  script lost '#!/usr/bin/nothing'
  run_file lost
  assert_refused /files/lost 127
  assert_stderr_contains /usr/bin/nothing
}

@test "a CRLF shebang is recognised" {
  script windows '#!/bin/sh\r'
  run_file windows
  assert_refused /files/windows 127
  assert_stderr_contains "Windows line endings"
}

@test "a file that is neither ELF nor script is 126" {
  script text 'just some text'
  run_file text
  assert_status 126
  assert_stderr_contains "hint: "
}

@test "an empty file is 126" {
  : >"$files/empty"
  chmod 755 "$files/empty"
  run_file empty
  assert_refused /files/empty 126
}

@test "an error of the engine is 125" {
  mc run --no-such-option /bin/true
  assert_refused no-such-option
  mc run --rm --rootfs /no/such/directory /bin/true
  assert_refused /no/such/directory
}

@test "a failed start leaves nothing behind" {
  remember_what_is_there
  mc run --rm /bin/nothing
  assert_status 127
  mc run --rm --rootfs /no/such/directory /bin/true
  assert_status 125
  assert_nothing_left
}
