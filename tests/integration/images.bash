# Images made by hand, byte for byte, with nothing but tar, gzip and sha256sum: for tests that need one
# to load or to put into a registry. Loaded by a .bats file after helpers.bash.

# layer_tar FILE DIRECTORY [TAR OPTION...]: the directory's content, owned by root, as a layer.
layer_tar() {
  tar -C "$2" --numeric-owner --owner=0 --group=0 --sort=name --format=pax \
    --pax-option=delete=atime,delete=ctime "${@:3}" -cf "$1" .
}

# A rootfs with busybox: DIRECTORY gets bin/busybox, sh and the usual commands, etc/passwd and etc/group.
busybox_tree() {
  mkdir -p "$1"/{bin,etc,tmp,root,proc,sys,dev,var}
  cp /bin/busybox "$1/bin/busybox"
  local command
  for command in sh ls cat id env pwd echo stat touch sleep true false mkdir rm ln cp mv find head wc test kill chmod chown mount ps; do
    ln "$1/bin/busybox" "$1/bin/$command"
  done
  printf 'root:x:0:0:root:/root:/bin/sh\nada:x:1000:1000::/home/ada:/bin/sh\n' >"$1/etc/passwd"
  printf 'root:x:0:\nada:x:1000:\nstaff:x:50:ada\n' >"$1/etc/group"
  chmod 1777 "$1/tmp"
}

# put_blob LAYOUT FILE: prints "sha256:<hex> <size>" and stores the file.
put_blob() {
  local hex
  hex=$(sha256sum <"$2" | cut -d' ' -f1)
  cp "$2" "$1/blobs/sha256/$hex"
  printf 'sha256:%s %s\n' "$hex" "$(stat -c %s "$2")"
}

# oci_layout LAYOUT NAME CONFIG LAYER...: adds an image to an OCI layout (made when missing). CONFIG is the
# JSON of the "config" member ('{}'; '{"Cmd":["sh"]}'). A layer is a tar file, plain or compressed with
# gzip (.gz) or zstd (.zst). Prints the digest of the manifest. NAME goes into
# org.opencontainers.image.ref.name.
oci_layout() {
  local layout=$1 name=$2 config=$3 layer digest size type work diffs="" layers=""
  shift 3
  mkdir -p "$layout/blobs/sha256"
  printf '{"imageLayoutVersion":"1.0.0"}' >"$layout/oci-layout"
  [[ -e $layout/index.json ]] || printf '{"schemaVersion":2,"manifests":[]}' >"$layout/index.json"
  for layer; do
    case $layer in
      *.gz) type=+gzip diffs+="\"sha256:$(gzip -dc "$layer" | sha256sum | cut -d' ' -f1)\"," ;;
      *.zst) type=+zstd diffs+="\"sha256:$(zstd -dcq "$layer" | sha256sum | cut -d' ' -f1)\"," ;;
      *) type="" diffs+="\"sha256:$(sha256sum <"$layer" | cut -d' ' -f1)\"," ;;
    esac
    read -r digest size < <(put_blob "$layout" "$layer")
    layers+="{\"mediaType\":\"application/vnd.oci.image.layer.v1.tar$type\",\"digest\":\"$digest\",\"size\":$size},"
  done
  work=$(mktemp -d "$BATS_TEST_TMPDIR/layout.XXXXXX")
  printf '{"created":"2026-01-02T03:04:05Z","architecture":"%s","os":"linux","config":%s,"rootfs":{"type":"layers","diff_ids":[%s]},"history":[]}' \
    "${IMAGE_ARCHITECTURE:-$(dpkg --print-architecture)}" "$config" "${diffs%,}" >"$work/config"
  read -r digest size < <(put_blob "$layout" "$work/config")
  printf '{"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json","config":{"mediaType":"application/vnd.oci.image.config.v1+json","digest":"%s","size":%s},"layers":[%s]}' \
    "$digest" "$size" "${layers%,}" >"$work/manifest"
  read -r digest size < <(put_blob "$layout" "$work/manifest")
  jq -c --arg d "$digest" --argjson s "$size" --arg n "$name" \
    '.manifests += [{mediaType: "application/vnd.oci.image.manifest.v1+json", digest: $d, size: $s,
      annotations: {"org.opencontainers.image.ref.name": $n}}]' "$layout/index.json" >"$work/index"
  cp "$work/index" "$layout/index.json"
  rm -rf "$work"
  printf '%s\n' "$digest"
}

# oci_archive FILE NAME CONFIG LAYER...: the same as one archive.
oci_archive() {
  local layout
  layout=$(mktemp -d "$BATS_TEST_TMPDIR/archive.XXXXXX")
  oci_layout "$layout" "${@:2}"
  tar -C "$layout" -cf "$1" .
  rm -rf "$layout"
}
