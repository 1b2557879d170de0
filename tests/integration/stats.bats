#!/usr/bin/env bats
# `stats`: what containers use.
load helpers

setup() { name=stats$BATS_TEST_NUMBER; }
teardown() { "$MYCONTAINER" rm -f "$name" "$name-other" >/dev/null 2>&1 || true; }
box() { # box OPTION... [-- COMMAND...]
  local options=()
  while (($#)) && [[ $1 != -- ]]; do
    options+=("$1")
    shift
  done
  local command=("${@:2}")
  ((${#command[@]})) || command=(/bin/sleep 1000)
  mc run -d --name "$name" "${options[@]}" "${command[@]}"
  assert_status 0
  id=$output
}

@test "limit: stats shows a line for each container that runs" {
  require_controller memory
  box -m 64m
  mc create --name "$name-other" /bin/true
  mc stats --no-stream
  assert_status 0
  [[ ${output%%$'\n'*} == "CONTAINER ID"*"NAME"*"CPU %"*"MEM USAGE / LIMIT"*"MEM %"*"NET I/O"*"BLOCK I/O"*"PIDS" ]] ||
    fail "header: ${output%%$'\n'*}"
  equal 2 "$(wc -l <<<"$output")" "number of lines"
  assert_contains "${id:0:12}"
  assert_contains " / 64MiB"
  [[ ${output##*$'\n'} =~ \ 1$ ]] || fail "not one process: ${output##*$'\n'}"
}

@test "limit: a busy container uses a processor, an idle one next to nothing" {
  require_controller memory
  box -- /bin/sh -c 'while :; do :; done'
  mc stats --no-stream --format '{{.CPUPerc}}' "$name"
  [[ ${output%\%} != 0.0* ]] || fail "CPU % is $output"
}

@test "stats takes formats, as words and documents" {
  box
  mc stats --no-stream --no-trunc --format '{{.Container}} {{.Name}} {{.ID}}' "$name"
  assert_output "$name $name $id"
  mc stats --no-stream --format 'table {{.Name}}\t{{.PIDs}}' "$name"
  [[ ${output%%$'\n'*} =~ ^NAME\ +PIDS$ ]] || fail "header: ${output%%$'\n'*}"
  mc stats --no-stream --format json "$name"
  equal "BlockIO CPUPerc Container ID MemPerc MemUsage Name NetIO PIDs" \
    "$(jq -r 'keys_unsorted | join(" ")' <<<"$output")" "fields"
  mc stats --no-stream --format '{{.Nonsense}}' "$name"
  ((status != 0)) || fail "an unknown field was taken"
}

@test "what does not run uses nothing; -a shows it" {
  mc create --name "$name" /bin/true
  mc stats --no-stream
  refute_contains "$name"
  mc stats --no-stream -a
  assert_contains "$name"
  assert_contains "0B / 0B"
  mc stats --no-stream --format '{{.PIDs}} {{.MemUsage}}' "$name"
  assert_output "0 0B / 0B"
}

@test "stats of a container that is not there is refused" {
  mc stats --no-stream nosuch
  assert_refused "no such container: nosuch" 1
}

@test "stats streams until its containers have ended, and redraws a terminal" {
  box -- /bin/sleep 3
  on_terminal -- stats "$name"
  assert_status 0
  assert_contains $'\033[H'
  (($(grep -c "$name" <<<"$output") >= 2)) || fail "it was not drawn again"
}

@test "a stream that is no terminal has no escapes" {
  box -- /bin/sleep 3
  mc stats "$name"
  assert_status 0
  [[ $output != *$'\033'* ]] || fail "an escape came through"
  (($(grep -c "$name" <<<"$output") >= 2)) || fail "one reading only"
}
