# Tables of commands that compete, for the parts of scripts/bench, which says what $tools and $rounds
# are.
# shellcheck shell=bash disable=SC2154  # those are assigned there

life=()
compete() { life+=(--- "$@"); } # compete NAME COMMAND... [+++|%%% COMMAND...]

# life_table TITLE [ROUNDS]: what was collected, with our time as a part of each other's.
life_table() {
  echo
  echo "| $1 | median ms | 10th | 90th | mycontainer's of it | peak MiB |"
  echo "|---|---|---|---|---|---|"
  "$tools/interleave" "${2:-$rounds}" "${life[@]:1}" | awk -F '\t' '
    NR == 1 { first = $2 }
    { printf "| %s | %.2f | %.2f | %.2f | %.3f | %.1f |%s\n", $1, $2 / 1000, $3 / 1000, $4 / 1000,
             first / $2, $5 / 1024, $6 ? " (" $6 " runs failed)" : "" }'
  life=()
}
