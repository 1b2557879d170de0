# For the files about images that are made by `commit`. Loaded by a .bats file after helpers.bash.

# container NAME SHELL-LINE [OPTION...]: one of the built-in root that has run this and ended.
container() {
  "$MYCONTAINER" rm -f "$1" >/dev/null 2>&1 || true
  mc run --name "$1" "${@:3}" busybox sh -ec "$2"
  assert_status 0
}

# image_made NAME [SHELL-LINE]: an image; its ID goes to $image_id.
image_made() {
  container "made$BATS_TEST_NUMBER" "${2:-echo \"$1\" >/made}"
  mc commit "made$BATS_TEST_NUMBER" "$1"
  assert_status 0
  image_id=$output
  mc rm "made$BATS_TEST_NUMBER"
}

images_directory() { printf '%s\n' "$MYCONTAINER_ROOT/images"; }
blob() { printf '%s\n' "$MYCONTAINER_ROOT/images/blobs/${1/://}"; }
config_of() { cat "$(blob "$1")"; }
manifest_of() { # IMAGE-ID
  cat "$(blob "$(jq -r --arg id "$1" \
    'first(.manifests[] | select(.annotations["io.mycontainer.image.id"] == $id)).digest' \
    "$MYCONTAINER_ROOT/images/index.json")")"
}
# layer_of IMAGE-ID NUMBER: the file of one of its layers; -1 is the topmost.
layer_of() { blob "$(manifest_of "$1" | jq -r --argjson n "$2" '.layers[$n].digest')"; }
members_of() { tar --numeric-owner -tf "$(layer_of "$1" "${2:--1}")"; }

# Everything that is here and no longer needed goes.
remove_all_images() {
  local id
  for id in "$MYCONTAINER_ROOT"/containers/*/; do
    [[ -d $id ]] && timeout 60 "$MYCONTAINER" rm -f "$(basename "$id")" >/dev/null 2>&1
  done
  timeout 60 "$MYCONTAINER" image prune -af >/dev/null 2>&1
  true
}
assert_no_content() {
  equal "" "$(find "$MYCONTAINER_ROOT/images/blobs" -type f)" "what is left of blobs"
  equal "" "$(find "$MYCONTAINER_ROOT/layers" -mindepth 1 -type d 2>/dev/null)" "what is left of layers"
  # What has a known digest is kept for a day: whoever wants it goes on with it.
  equal "" "$(find "$MYCONTAINER_ROOT/images/incomplete" -type f ! -name 'sha*-*')" "what is left of writing"
}
