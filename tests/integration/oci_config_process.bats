#!/usr/bin/env bats
# The properties below "process" of config.json, each seen from inside.
load oci

setup() { bundle; }

@test "args, env and cwd reach the program" {
  edit '.process.env += ["COLOUR=blue", "EMPTY="] | .process.cwd = "/usr"'
  look show env_COLOUR env_EMPTY cwd
  assert_status 0
  assert_output $'env_COLOUR=blue\nenv_EMPTY=\ncwd=/usr'
}

@test "hostname is the container's own" {
  look show hostname
  assert_output hostname=bundle
}
