#!/usr/bin/env bats
# Verbs about images, many at once and killed at any moment: what is listed is whole, and what is not
# needed goes.
load helpers
load images
load commits

teardown() { remove_all_images; }

# One of the verbs that add or remove images, on names that others use, too. What it says does not
# matter: it may lose a race.
random_verb() {
  local name=n$((RANDOM % 4))
  case $((RANDOM % 8)) in
    0 | 1) exec "$MYCONTAINER" commit box "$name" ;;
    2) exec "$MYCONTAINER" load -q -i "$BATS_TEST_TMPDIR/saved.tar" ;;
    3) exec "$MYCONTAINER" rmi -f "$name" ;;
    4) exec "$MYCONTAINER" tag saved "$name" ;;
    5) exec "$MYCONTAINER" image prune -f ;;
    6) exec "$MYCONTAINER" image prune -af ;;
    7) exec "$MYCONTAINER" run --rm --pull never saved true ;;
  esac
}

prepare() {
  container box 'head -c 300000 /dev/urandom >/new; rm /bin/yes'
  image_made saved
  mc save -o "$BATS_TEST_TMPDIR/saved.tar" saved
  assert_status 0
}

# All blobs of each listed image are here, and a container of it runs.
assert_images_are_whole() {
  local id layer
  mc images -aq --no-trunc
  assert_status 0
  for id in $(sort -u <<<"$output"); do
    for layer in $(manifest_of "$id" | jq -r '.layers[].digest'); do
      equal "${layer#sha256:}" "$(sha256sum <"$(blob "$layer")" | cut -d' ' -f1)" "a layer"
    done
    mc run --rm "$id" /bin/busybox true
    assert_status 0
  done
}

assert_nothing_is_kept() {
  mc rm box
  mc image prune -af
  assert_status 0
  mc images -aq
  assert_output ""
  assert_no_content
}

@test "verbs about images at once leave a store that tells the truth" {
  prepare
  local worker turn
  for worker in 1 2 3 4 5 6; do
    (
      for turn in 1 2 3 4 5 6 7 8 9 10; do
        (random_verb) >>"$BATS_TEST_TMPDIR/out.$worker" 2>>"$BATS_TEST_TMPDIR/err.$worker" || true
      done
    ) &
  done
  wait
  sort -u "$BATS_TEST_TMPDIR"/err.* | head -20
  if grep -hE "ENO|is missing" "$BATS_TEST_TMPDIR"/err.*; then
    fail "somebody lost what he relied on"
  fi
  assert_images_are_whole
  assert_nothing_is_kept
}

@test "commits at once of one container to one name give that name one image" {
  prepare
  local worker
  for worker in 1 2 3 4 5 6 7 8; do
    "$MYCONTAINER" commit -m "$worker" --pause=false box same >"$BATS_TEST_TMPDIR/id.$worker" &
  done
  wait
  mc images --no-trunc -q same
  equal 1 "$(wc -l <<<"$output")" "the number of images of that name"
  grep -qxF "$output" "$BATS_TEST_TMPDIR"/id.* || fail "the name is nobody's"
  mc images -aq
  equal 9 "$(wc -l <<<"$output")" "the number of images"
  assert_images_are_whole
}

@test "verbs about images killed at any moment leave nothing but whole images" {
  prepare
  local turn
  for turn in {1..40}; do
    (random_verb) >/dev/null 2>&1 &
    local victim=$!
    (random_verb) >/dev/null 2>&1 &
    sleep "0.0$((RANDOM % 60 + 10))"
    kill -9 "$victim" 2>/dev/null || true
    wait
  done
  assert_images_are_whole
  assert_nothing_is_kept
}
