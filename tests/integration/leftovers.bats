#!/usr/bin/env bats
# Whatever happens, the next command leaves nothing behind: no mount, cgroup, process, namespace or
# directory.
load helpers

@test "a run that ended leaves nothing" {
  remember_what_is_there
  marked --rm /bin/sh -c 'sleep 100 & touch /x; exit 3'
  assert_status 3
  assert_nothing_left
}

@test "a run without --rm leaves no mount, cgroup or process" {
  remember_what_is_there
  marked /bin/true
  eventually no_processes
  eventually no_new_mounts
  eventually no_new_cgroups
}

@test "a killed mycontainer takes its container along, and the next command cleans up" {
  remember_what_is_there
  export MC_MARK=$BATS_RUN_TMPDIR
  mc_shell "exec 3< <(exec '$MYCONTAINER' run --rm -e MC_MARK /bin/sh -c 'sleep 300 & echo ready; sleep 300')
    pid=\$!; read -r line <&3; kill -KILL \$pid; wait \$pid"
  unset MC_MARK
  mc run --rm /bin/true
  assert_status 0
  assert_nothing_left
}

@test "the name of a killed container can be used again at once" {
  mc_shell "exec 3< <(exec '$MYCONTAINER' run --rm --name again /bin/sh -c 'echo ready; sleep 300')
    pid=\$!; read -r line <&3; kill -KILL \$pid; wait \$pid"
  mc run --rm --name again /bin/true
  assert_status 0
}

@test "a command that fails cleans up too" {
  remember_what_is_there
  export MC_MARK=$BATS_RUN_TMPDIR
  mc_shell "exec 3< <(exec '$MYCONTAINER' run --rm -e MC_MARK /bin/sh -c 'echo ready; sleep 300')
    pid=\$!; read -r line <&3; kill -KILL \$pid; wait \$pid"
  unset MC_MARK
  mc run --rm -u nobody-here /bin/true
  assert_refused nobody-here
  assert_nothing_left
}

@test "a start that runs out of descriptors anywhere leaves nothing" {
  remember_what_is_there
  local limit
  for ((limit = 5; limit < 24; limit++)); do
    mc_shell "ulimit -n $limit; MC_MARK=$BATS_RUN_TMPDIR '$MYCONTAINER' run --rm /bin/true"
    [[ $status == 0 || $status == 125 ]] || fail "exit status $status"
  done
  mc run --rm /bin/true
  assert_status 0
  assert_nothing_left
}

@test "500 runs, 50 of them killed at random moments, leave nothing" {
  local rounds=500
  [[ -z ${SLOW_MACHINE-} ]] || rounds=50
  remember_what_is_there
  export MC_MARK=$BATS_RUN_TMPDIR
  mc_shell "for ((i = 0; i < $rounds; i++)); do
      if ((i % 10)); then
        '$MYCONTAINER' run --rm -e MC_MARK /bin/true || { echo run \$i failed: \$?; exit 1; }
        continue
      fi
      '$MYCONTAINER' run --rm -e MC_MARK /bin/sleep 0.02 2>/dev/null & pid=\$!
      sleep 0.0\$((RANDOM % 20 + 10))
      # The parent, its children, or both.
      victims=\$pid children=\$(cat /proc/\$pid/task/\$pid/children 2>/dev/null)
      case \$((RANDOM % 3)) in 1) victims=\$children ;; 2) victims=\"\$pid \$children\" ;; esac
      kill -KILL \$victims 2>/dev/null
      wait \$pid
    done 2>/dev/null; true"
  unset MC_MARK
  assert_status 0
  assert_output ""
  mc run --rm /bin/true
  assert_status 0
  assert_nothing_left
}

@test "sixteen runs at once leave nothing" {
  remember_what_is_there
  export MC_MARK=$BATS_RUN_TMPDIR
  mc_shell "for ((i = 0; i < 16; i++)); do
      '$MYCONTAINER' run --rm -e MC_MARK /bin/sh -c 'exit 7' & pids+=(\$!)
    done
    for pid in \${pids[@]}; do wait \$pid; codes+=\$?' '; done
    xargs -n 1 <<<\$codes | sort | uniq -c | xargs"
  unset MC_MARK
  assert_output "16 7"
  assert_nothing_left
}

@test "a first use by many at once unpacks the built-in root filesystem once and whole" {
  mc_shell "export MYCONTAINER_ROOT=\$BATS_TEST_TMPDIR/fresh
    for ((i = 0; i < 8; i++)); do '$MYCONTAINER' run --rm /bin/echo ok & done; wait"
  assert_status 0
  equal "$(printf 'ok\n%.0s' {1..8})" "$output" "output of all eight"
}
