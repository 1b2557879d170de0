#!/usr/bin/env bats
# The systemd cgroup driver against a systemd that runs: the driver's own tests, once more, where
# one does. They skip themselves on the machine that builds when it has none.
load helpers

UNIT_CGROUP=${UNIT_CGROUP:-$here/../bin/unit_cgroup}

driver_tests() { # driver_tests NAME...
  [[ -d /run/systemd/system ]] || skip "no systemd runs here"
  [[ -e /sys/fs/cgroup/cgroup.controllers ]] || skip "this machine has cgroup v1"
  if ((EUID != 0)) && [[ ! -S ${XDG_RUNTIME_DIR-}/systemd/private ]]; then
    skip "this user has no systemd of its own"
  fi
  local filter
  filter=$(printf ':Systemd.%s' "$@")
  capture 120 "$UNIT_CGROUP" --gtest_filter="${filter#:}"
  assert_status 0
  [[ $output != *SKIPPED* ]] || fail "a test was skipped"
}

@test "systemd: a process gets a scope with limits, which is stopped at the end" {
  driver_tests PutsTheProcessIntoAScopeWithItsLimits TakesTheSameNameAgainAtOnce
}

@test "systemd: a name in use is refused, and a failed start leaves nothing" {
  driver_tests RefusesANameThatIsInUse AFailedStartLeavesNoUnit
}

@test "systemd: update changes the unit, slices nest, devices and statistics work" {
  driver_tests UpdatesTheUnitTooSoThatAReloadKeepsIt NestsSlicesByTheirDashes \
    StatisticsAndDeviceRulesWorkInAScope
}

@test "as an ordinary user: systemd answers from within a user namespace and over the bus" {
  ((EUID != 0)) || skip "needs an ordinary user"
  driver_tests AnswersAlsoFromWithinAUserNamespace AnswersAlsoOverTheUsersBus
}
