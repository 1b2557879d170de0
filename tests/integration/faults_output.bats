#!/usr/bin/env bats
# What a container prints last, without a newline, right before it ends: attached or detached, it is
# never lost. FAULTS_FULL=yes: 5,000 times each.
load helpers
load faults

# races COUNT CODE: CODE again and again, on both processors; it must print "x".
races() {
  mc_shell "race() { $2; }
    some() { for ((n = 0; n < $1 / 2; n++)); do
        out=\$(race \$1-\$n)
        [[ \$out == x ]] || { echo \"\$1-\$n: '\$out'\"; exit 1; }
      done; }
    some a & first=\$!; some b & second=\$!; wait \$first && wait \$second"
  assert_status 0
  assert_output ""
}

@test "printf x without a newline, run --rm" {
  races "$(counts 200 5000)" '"$MYCONTAINER" run --rm /bin/printf x'
}

@test "printf x without a newline, run" {
  races "$(counts 100 5000)" '"$MYCONTAINER" run --name $1 /bin/printf x; "$MYCONTAINER" rm $1 >&2'
}

@test "printf x without a newline, run -d and logs" {
  races "$(counts 100 5000)" '"$MYCONTAINER" run -d --name $1 /bin/printf x >&2; "$MYCONTAINER" wait $1 >&2
    "$MYCONTAINER" logs $1; "$MYCONTAINER" rm $1 >&2'
}

@test "printf x without a newline, run -d and logs -f" {
  races "$(counts 60 1000)" '"$MYCONTAINER" run -d --name $1 /bin/printf x >&2
    "$MYCONTAINER" logs -f $1; "$MYCONTAINER" wait $1 >&2; "$MYCONTAINER" rm $1 >&2'
}

@test "printf x without a newline, on a terminal" {
  races "$(counts 60 1000)" '"$MYCONTAINER" run -t --name $1 /bin/printf x; "$MYCONTAINER" rm $1 >&2'
}

@test "printf x without a newline, exec" {
  mc run -d --name box /bin/sleep 1000
  races "$(counts 200 5000)" '"$MYCONTAINER" exec box /bin/printf x'
  mc rm -f box
}
