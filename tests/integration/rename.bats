#!/usr/bin/env bats
# rename: whole or not at all.
load helpers
load lifecycle.bash

@test "rename gives another name, to what runs too" {
  listens "$name"
  mc rename "$name" "$name-new"
  assert_status 0
  assert_output ""
  mc stop "$name"
  assert_error "no such container: $name"
  mc stop "$name-new"
  assert_status 0
  assert_exit_code "$name-new" 7
  mc create --name "$name" /bin/true
  assert_status 0
  equal 1 "$(counted rename "$name-new")" "events"
}

@test "a name that is taken, the same or none is refused, and nothing is changed" {
  mc create --name "$name" /bin/true
  mc create --name "$name-2" /bin/true
  mc rename "$name" "$name-2"
  assert_error "the container name \"$name-2\" is already in use by container $(id_of "$name-2" | cut -c1-12)"
  mc rename "$name" "$name"
  assert_error "Renaming a container with the same name as its current name"
  mc rename "$name" "a/b"
  assert_error "Invalid container name (a/b)"
  mc rename "$name" ""
  assert_error "Neither old nor new names may be empty"
  mc rename "$name"
  assert_error "requires exactly 2 arguments"
  mc rename nobody "$name-3"
  assert_error "no such container: nobody"
  mc rm "$name" "$name-2"
  assert_status 0
}

@test "of twenty who want the same name one gets it" {
  local i
  for i in {1..20}; do mc create --name "$name-$i" /bin/true; done
  mc_shell "for i in {1..20}; do '$MYCONTAINER' rename $name-\$i $name && echo got & done; wait"
  equal 1 "$(grep -c got <<<"$output")" "how many got it"
  equal 20 "$(ls "$MYCONTAINER_ROOT/names" | grep -c "^$name")" "how many names there are"
}

@test "a rename that is killed leaves the old name or the new one" {
  mc create --name "$name-a" /bin/true
  local i found
  for i in {1..60}; do
    mc_shell "'$MYCONTAINER' rename $name-a $name-b & pid=\$!; sleep 0.000$((i % 10)); kill -KILL \$pid; wait \$pid" 2>/dev/null
    found=
    if "$MYCONTAINER" wait "$name-a" 2>/dev/null; then found+=a; fi
    if "$MYCONTAINER" wait "$name-b" 2>/dev/null; then found+=b; fi
    [[ $found == a || $found == b ]] || fail "it is called '$found'"
    [[ $found == a ]] || mc rename "$name-b" "$name-a"
    assert_status "$([[ $found == a ]] && echo "$status" || echo 0)"
  done
}
