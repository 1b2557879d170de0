#!/usr/bin/env bats
# SIGKILL to whoever takes part in a container's life, at random moments: afterwards the truth is
# told, nothing is left, and the name is free again. FAULTS_FULL=yes: all 300 lives.
load helpers
load faults


# The processes of life $life: commands, monitors, and what runs in the containers.
taking_part() {
  local pid
  while read -r pid; do
    pid=${pid#/proc/}
    echo "${pid%/environ}"
  done < <(grep -lsF -- "MC_LIFE=$life." /proc/[0-9]*/environ)
}
is_monitor() { [[ $(tr '\0' ' ' <"/proc/$1/cmdline" 2>/dev/null) == mycontainer-monitor* ]]; }
is_inside() { [[ $(readlink "/proc/$1/ns/pid" 2>/dev/null) != "$(readlink /proc/self/ns/pid)" ]]; }

# kill_some WHO: monitor, command, container, or all of them.
kill_some() {
  local pid victims=()
  for pid in $(taking_part); do
    case $1 in
      monitor) is_monitor "$pid" || continue ;;
      container) is_inside "$pid" || continue ;;
      command) ! is_monitor "$pid" && ! is_inside "$pid" || continue ;;
    esac
    victims+=("$pid")
  done
  ((${#victims[@]} == 0)) || kill -KILL "${victims[@]}" 2>/dev/null || true
}

# One of the ways in which containers live; all of its commands may be killed.
live() { # live KIND NAME
  local options=(-e "MC_LIFE=$MC_LIFE" --stop-timeout 1 --name "$2")
  local busy=(/bin/sh -c 'echo begun; while :; do sleep 0.05; echo on; done')
  case $1 in
    detached) "$MYCONTAINER" run -d "${options[@]}" "${busy[@]}" ;;
    removed) "$MYCONTAINER" run -d --rm "${options[@]}" "${busy[@]}" ;;
    foreground) "$MYCONTAINER" run --rm "${options[@]}" "${busy[@]}" ;;
    attached) "$MYCONTAINER" run "${options[@]}" "${busy[@]}" ;;
    terminal) "$TERMINAL" expect=begun expect=never -- "$MYCONTAINER" run -it "${options[@]}" "${busy[@]}" ;;
    created) "$MYCONTAINER" create "${options[@]}" "${busy[@]}" && "$MYCONTAINER" start "$2" ;;
    short) "$MYCONTAINER" run -d "${options[@]}" /bin/true && "$MYCONTAINER" start "$2" ;;
    restarting) "$MYCONTAINER" run -d --restart always "${options[@]}" /bin/sh -c 'echo begun; sleep 0.02; exit 3' ;;
    stopped) "$MYCONTAINER" run -d "${options[@]}" "${busy[@]}" && "$MYCONTAINER" stop -t 0 "$2" ;;
    restarted) "$MYCONTAINER" run -d "${options[@]}" "${busy[@]}" && "$MYCONTAINER" restart -t 0 "$2" ;;
    entered) "$MYCONTAINER" run -d "${options[@]}" "${busy[@]}" && "$MYCONTAINER" exec -e "MC_LIFE=$MC_LIFE" "$2" "${busy[@]}" ;;
    thrown) "$MYCONTAINER" run -d "${options[@]}" "${busy[@]}" && "$MYCONTAINER" rm -f "$2" ;;
    renamed) "$MYCONTAINER" run -d "${options[@]}" "${busy[@]}" && "$MYCONTAINER" rename "$2" "$2-new" && "$MYCONTAINER" rename "$2-new" "$2" ;;
    paused) "$MYCONTAINER" run -d "${options[@]}" "${busy[@]}" && "$MYCONTAINER" pause "$2" ;;
  esac
}
kinds=(detached removed foreground attached terminal created short restarting stopped restarted entered thrown renamed paused)
who=(monitor command container all)

# Whether it runs or not, exec and wait agree about it.
assert_truth() { # assert_truth KIND NAME
  local waited=0
  [[ $1 != restarting && $1 != paused ]] || return 0
  if "$MYCONTAINER" exec "$2" /bin/true 2>/dev/null; then
    timeout 0.2 "$MYCONTAINER" wait "$2" >/dev/null 2>&1 || waited=$?
    ((waited == 124)) || fail "$2 runs, but wait says $waited"
  else
    timeout 10 "$MYCONTAINER" wait "$2" >/dev/null 2>&1 || waited=$?
    ((waited == 0 || waited == 1)) || fail "$2 does not run, but wait says $waited"
  fi
}

one_life() { # one_life NUMBER
  life=$1
  local kind=${kinds[RANDOM % ${#kinds[@]}]} victim=${who[RANDOM % 4]} name=box$((RANDOM % 5))
  local moment=0.$(printf %03d $((RANDOM % 150)))
  echo "life $life: $kind, $victim killed after $moment s, $name"
  (export MC_LIFE=$life.; live "$kind" "$name") </dev/null >/dev/null 2>&1 3>&- &
  local runner=$!
  sleep "$moment"
  kill_some "$victim"
  sleep 0.05
  [[ $victim != all ]] || kill_some all # whom the killed had just begun
  assert_truth "$kind" "$name"
  kill_some command
  wait "$runner" 2>/dev/null || true
  local removed=0
  timeout 30 "$MYCONTAINER" rm -f "$name" "$name-new" >/dev/null 2>"$BATS_TEST_TMPDIR/rm" || removed=$?
  ((removed == 0)) || fail "rm -f ends with $removed: $(cat "$BATS_TEST_TMPDIR/rm")"
  [[ -z $(taking_part) ]] || eventually nobody_takes_part
}
nobody_takes_part() { [[ -z $(taking_part) ]] || { ps -o pid,stat,args -p $(taking_part | paste -sd,); return 1; }; }


@test "lives in which anybody is killed at any moment: the truth is told, nothing is left" {
  remember_what_is_there
  RANDOM=${FAULTS_SEED:=$$}
  echo "FAULTS_SEED=$FAULTS_SEED"
  local number
  for ((number = 1; number <= $(counts 25 300); number++)); do one_life "$number"; done
  mc container prune -f
  assert_status 0
  no_containers
  assert_nothing_left
  mc run --rm --name box1 /bin/echo again
  assert_output again
}
