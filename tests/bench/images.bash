# Images: load, pull, save, push, commit and run, against podman's and skopeo with umoci. Sourced by
# scripts/bench, which says what $program, $tools, $work, $state, $rounds and have are.
#
# IMAGE_MIB=N scripts/bench 5 images makes the image (500 MiB in 12 layers) smaller.
# shellcheck shell=bash disable=SC2154  # those are assigned there
# shellcheck source=tests/bench/tables.bash
source tests/bench/tables.bash

for tool in podman skopeo umoci docker-registry; do
  have $tool || { echo "bench: images needs $tool (scripts/bootstrap images)" >&2; exit 1; }
done

# --- the image: files of this machine, 12 layers, gzip -------------------------------------------

mib=${IMAGE_MIB:-500} layers=12
lists=$work/lists layout=$work/layout blobs=$work/layout/blobs/sha256
mkdir -p "$lists" "$blobs"
# Files of all sizes in the order of their names, until there are enough.
{ find /usr/lib /usr/share /usr/bin -xdev -type f -size -20M -printf '%s %p\n' 2>/dev/null || true; } |
  LC_ALL=C sort -k2 | awk -v each=$((mib * 1048576 / layers)) -v layers=$layers -v out="$lists" '
    {
      sum += $1
      path = substr($0, length($1) + 2)
      # As in every real image the directories stand before what is in them.
      for (i = 2; i <= length(path); i++) {
        if (substr(path, i, 1) != "/" || seen[int(number), substr(path, 1, i)]++) continue
        print substr(path, 1, i - 1) > (out "/" int(number))
      }
      print path > (out "/" int(number))
    }
    sum >= each { sum = 0; if (++number == layers) exit }' || true # of sort, whose reader left
diffs="" descriptors=""
mkdir -p "$work/base/bin"
cp /bin/busybox "$work/base/bin/"
ln -s busybox "$work/base/bin/true"
tar -C "$work/base" -cf "$work/layer-base.tar" .
for ((number = 0; number < layers; number++)); do
  tar -C / --no-recursion --format=pax -cf "$work/layer.tar" -T <(sed 's,^/,,' "$lists/$number") 2>/dev/null
  ((number > 0)) || tar -C "$work/base" --format=pax -rf "$work/layer.tar" .
  diffs+="\"sha256:$(sha256sum <"$work/layer.tar" | cut -d' ' -f1)\","
  gzip -6 -n "$work/layer.tar"
  digest=$(sha256sum <"$work/layer.tar.gz" | cut -d' ' -f1)
  descriptors+="{\"mediaType\":\"application/vnd.oci.image.layer.v1.tar+gzip\",\"digest\":\"sha256:$digest\",\"size\":$(stat -c %s "$work/layer.tar.gz")},"
  mv "$work/layer.tar.gz" "$blobs/$digest"
done
blob() { # stores standard input; prints digest and size
  cat >"$work/blob"
  digest=$(sha256sum <"$work/blob" | cut -d' ' -f1)
  cp "$work/blob" "$blobs/$digest"
  echo "sha256:$digest" "$(stat -c %s "$work/blob")"
}
read -r digest size < <(printf '{"created":"2026-01-01T00:00:00Z","architecture":"%s","os":"linux","config":{"Cmd":["/bin/true"]},"rootfs":{"type":"layers","diff_ids":[%s]}}' \
  "$(dpkg --print-architecture)" "${diffs%,}" | blob)
read -r digest size < <(printf '{"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json","config":{"mediaType":"application/vnd.oci.image.config.v1+json","digest":"%s","size":%s},"layers":[%s]}' \
  "$digest" "$size" "${descriptors%,}" | blob)
printf '{"imageLayoutVersion":"1.0.0"}' >"$layout/oci-layout"
printf '{"schemaVersion":2,"manifests":[{"mediaType":"application/vnd.oci.image.manifest.v1+json","digest":"%s","size":%s,"annotations":{"org.opencontainers.image.ref.name":"latest"}}]}' \
  "$digest" "$size" >"$layout/index.json"
printf '{"default":[{"type":"insecureAcceptAnything"}]}' >"$work/policy.json"
skopeo=(skopeo --policy "$work/policy.json" --insecure-policy)
"${skopeo[@]}" copy -q "oci:$layout:latest" "docker-archive:$work/docker.tar:localhost/bench:latest"
tar -C "$layout" -cf "$work/oci.tar" .
mapfile -t compressed < <(find "$blobs" -size +1M)
mkdir "$work/plain" "$work/out"
tar -C "$work/plain" -xf "$work/docker.tar"
mapfile -t plain < <(find "$work/plain" -name '*.tar' -type f)

# --- the registry --------------------------------------------------------------------------------

registry_data=$work/registry
cat >"$work/registry.yml" <<EOF
version: 0.1
log: { level: error, accesslog: { disabled: true } }
storage: { filesystem: { rootdirectory: $registry_data } }
http: { addr: 127.0.0.1:5999 }
EOF
docker-registry serve "$work/registry.yml" >/dev/null 2>&1 &
registry_pid=$!
# shellcheck disable=SC2064  # the number is known now
trap "kill $registry_pid; cleanup" EXIT
registry=127.0.0.1:5999
until "${skopeo[@]}" copy -q --dest-tls-verify=false "oci:$layout:latest" "docker://$registry/bench:latest" 2>/dev/null; do sleep 0.2; done
empty_registry=(rm -rf "$registry_data/docker/registry/v2/repositories/pushed" "$registry_data/docker/registry/v2/blobs")

# --- the contenders ------------------------------------------------------------------------------

ours=("$program" --root "$work/data" --state-root "$state")
peer=(podman --root "$work/podman/overlay" --runroot "$work/podman/run" --tmpdir "$work/podman/tmp"
  --storage-driver overlay)
none_ours=("${ours[@]}" image prune -af)
none_peer=("${peer[@]}" rmi -fa)
unpacked=$work/unpacked
none_umoci=(rm -rf "$unpacked" "$work/copy")
unpack=(umoci unpack --image "$work/copy:latest" "$unpacked")

echo
echo "### Images: $mib MiB in $layers layers, median of $rounds interleaved runs"
echo
echo "$(du -cb "${compressed[@]}" | awk 'END { printf "%.0f", $1 / 1048576 }') MiB compressed with gzip; the limit is their digest, zlib, the digest of what comes out, and writing it, on all processors."

# load_table ARCHIVE SKOPEO-TRANSPORT BLOB...
load_table() {
  local archive=$1 transport=$2
  compete mycontainer "${ours[@]}" load -q -i "$archive" %%% "${none_ours[@]}"
  compete podman "${peer[@]}" load -q -i "$archive" %%% "${none_peer[@]}"
  compete "skopeo + umoci" "${skopeo[@]}" copy -q "$transport" "oci:$work/copy:latest" +++ "${unpack[@]}" %%% "${none_umoci[@]}"
  compete "the limit" "$tools/limit" "$work/out" "${@:3}"
}
load_table "$work/docker.tar" "docker-archive:$work/docker.tar" "${plain[@]}"
life_table "load (docker-archive, not compressed)"
load_table "$work/oci.tar" "oci-archive:$work/oci.tar" "${compressed[@]}"
life_table "load (oci-archive, gzip)"

compete mycontainer "${ours[@]}" pull -q $registry/bench:latest %%% "${none_ours[@]}"
compete podman "${peer[@]}" pull -q --tls-verify=false $registry/bench:latest %%% "${none_peer[@]}"
compete "skopeo + umoci" "${skopeo[@]}" copy -q --src-tls-verify=false "docker://$registry/bench:latest" "oci:$work/copy:latest" +++ "${unpack[@]}" %%% "${none_umoci[@]}"
compete "the limit" "$tools/limit" "$work/out" "${compressed[@]}"
life_table pull

"${ours[@]}" pull -q $registry/bench:latest >/dev/null
"${peer[@]}" pull -q --tls-verify=false $registry/bench:latest >/dev/null
compete mycontainer "${ours[@]}" save -o "$work/saved" $registry/bench:latest %%% rm "$work/saved"
compete podman "${peer[@]}" save -q -o "$work/saved" $registry/bench:latest %%% rm "$work/saved"
compete "podman, oci-archive" "${peer[@]}" save -q --format oci-archive -o "$work/saved" $registry/bench:latest %%% rm "$work/saved"
compete "skopeo" "${skopeo[@]}" copy -q "oci:$layout:latest" "oci-archive:$work/saved" %%% rm "$work/saved"
life_table save

"${ours[@]}" tag $registry/bench:latest $registry/pushed:latest
"${peer[@]}" tag $registry/bench:latest $registry/pushed:latest
compete mycontainer %%% "${empty_registry[@]}" +++ "${ours[@]}" push -q $registry/pushed:latest
compete podman %%% "${empty_registry[@]}" +++ "${peer[@]}" push -q --tls-verify=false $registry/pushed:latest
compete skopeo %%% "${empty_registry[@]}" +++ "${skopeo[@]}" copy -q --dest-tls-verify=false "oci:$layout:latest" "docker://$registry/pushed:latest"
life_table "push (to a registry that has nothing)"

compete "mycontainer, first" %%% "${none_ours[@]}" %%% "${ours[@]}" pull -q $registry/bench:latest +++ "${ours[@]}" run --rm --network none $registry/bench:latest
compete "podman, first" %%% "${none_peer[@]}" %%% "${peer[@]}" pull -q --tls-verify=false $registry/bench:latest +++ "${peer[@]}" run --rm --network none $registry/bench:latest
life_table "first run of the image"
compete mycontainer "${ours[@]}" run --rm --network none $registry/bench:latest
compete "mycontainer, built-in root" "${ours[@]}" run --rm --network none /bin/true
compete podman "${peer[@]}" run --rm --network none $registry/bench:latest
life_table "second run of the image"

# --- commit --------------------------------------------------------------------------------------

change=(/bin/busybox sh -c '/bin/busybox dd if=/dev/urandom of=/change bs=1M count=100 2>/dev/null')
"${ours[@]}" run --name bench-commit --network none $registry/bench:latest "${change[@]}"
"${peer[@]}" run --name bench-commit --network none $registry/bench:latest "${change[@]}"
compete mycontainer "${ours[@]}" commit bench-commit committed %%% "${ours[@]}" rmi committed
compete podman "${peer[@]}" commit -q bench-commit committed %%% "${peer[@]}" rmi committed
life_table "commit of a change of 100 MiB"
"${ours[@]}" rm bench-commit >/dev/null
"${peer[@]}" rm bench-commit >/dev/null

# --- many layers ---------------------------------------------------------------------------------

for count in 1 100; do
  diffs="" descriptors=""
  for ((number = 0; number < count; number++)); do
    mkdir -p "$work/small/etc"
    echo $number >"$work/small/etc/$number"
    tar -C "$work/small" -cf "$work/layer.tar" .
    ((number > 0)) || cp "$work/layer-base.tar" "$work/layer.tar"
    rm -rf "$work/small"
    digest=$(sha256sum <"$work/layer.tar" | cut -d' ' -f1)
    diffs+="\"sha256:$digest\","
    descriptors+="{\"mediaType\":\"application/vnd.oci.image.layer.v1.tar\",\"digest\":\"sha256:$digest\",\"size\":$(stat -c %s "$work/layer.tar")},"
    mv "$work/layer.tar" "$blobs/$digest"
  done
  read -r digest size < <(printf '{"architecture":"%s","os":"linux","config":{"Cmd":["/bin/true"]},"rootfs":{"type":"layers","diff_ids":[%s]}}' \
    "$(dpkg --print-architecture)" "${diffs%,}" | blob)
  read -r digest size < <(printf '{"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json","config":{"mediaType":"application/vnd.oci.image.config.v1+json","digest":"%s","size":%s},"layers":[%s]}' \
    "$digest" "$size" "${descriptors%,}" | blob)
  printf '{"schemaVersion":2,"manifests":[{"mediaType":"application/vnd.oci.image.manifest.v1+json","digest":"%s","size":%s,"annotations":{"org.opencontainers.image.ref.name":"layers:%s"}}]}' \
    "$digest" "$size" $count >"$layout/index.json"
  tar -C "$layout" -cf "$work/oci.tar" oci-layout index.json blobs
  "${ours[@]}" load -q -i "$work/oci.tar" >/dev/null
  compete "$count layers" "${ours[@]}" run --rm --network none layers:$count
done
life_table "run of an image of" $((rounds * 8))
