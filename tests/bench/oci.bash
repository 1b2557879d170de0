# The OCI command line against crun and runc on the same bundles. Sourced by scripts/bench, which
# says what $program, $tools, $work, $rootfs, $rounds, have and make_bundle are.
# shellcheck shell=bash disable=SC2154  # those are assigned there

oci_link=$work/mycontainer-oci
ln -s "$program" "$oci_link"
runtimes=("$oci_link")
for peer in crun runc; do if have $peer; then runtimes+=("$(command -v $peer)"); fi; done

# podman's default profile, as podman writes it into a configuration: without the rules for other
# architectures, kernels and capabilities.
podman_seccomp() {
  local profile=/usr/share/containers/seccomp.json
  [[ -e $profile ]] || return 1
  jq '{defaultAction, defaultErrnoRet, architectures: ["SCMP_ARCH_X86_64", "SCMP_ARCH_X86", "SCMP_ARCH_X32"],
    syscalls: [.syscalls[] | select((.includes.arches // ["amd64"] | index("amd64")) and
      (.includes.caps // [] | length == 0) and (.excludes.caps // [] | length == 0) and
      (.excludes.arches // [] | index("amd64") | not)) |
      {names, action, errnoRet, args: [.args[]? | {index, value, valueTwo, op}]} |
      with_entries(select(.value != null))]}' "$profile"
}

# Many containers are made of one bundle: each in a cgroup of its own.
bundle_plain=$(make_bundle oci-plain 'del(.linux.seccomp) | del(.linux.cgroupsPath)')
bundle_sleep=$(make_bundle oci-sleep 'del(.linux.seccomp) | del(.linux.cgroupsPath) | .process.args = ["/bin/busybox", "sleep", "100000"]')
if podman_seccomp >"$work/seccomp.json"; then
  bundle_seccomp=$(make_bundle oci-seccomp 'del(.linux.cgroupsPath)')
  jq --slurpfile profile "$work/seccomp.json" '.linux.seccomp = $profile[0]' \
    "$bundle_seccomp/config.json" >"$bundle_seccomp/new"
  mv "$bundle_seccomp/new" "$bundle_seccomp/config.json"
fi

oci_table() { # oci_table TITLE: the contenders that were collected, as a table with ratios to crun
  echo
  echo "| $1 | median ms | 10th | 90th | of crun's | peak MiB |"
  echo "|---|---|---|---|---|---|"
  "$tools/interleave" "$rounds" "${oci_contenders[@]:1}" | awk -F '\t' '
    { name[NR] = $1; median[NR] = $2; low[NR] = $3; high[NR] = $4; peak[NR] = $5; failed[NR] = $6 }
    $1 == "crun" { crun = $2 }
    END {
      for (i = 1; i <= NR; i++)
        printf "| %s | %.2f | %.2f | %.2f | %s | %.1f |%s\n", name[i], median[i] / 1000, low[i] / 1000,
          high[i] / 1000, crun ? sprintf("%.2f", median[i] / crun) : "-", peak[i] / 1024,
          failed[i] ? " (" failed[i] " runs failed)" : ""
    }'
}

for_each_runtime() { # for_each_runtime FUNCTION: calls it with a runtime's words before each verb
  local runtime
  oci_contenders=()
  for runtime in "${runtimes[@]}"; do
    oci_contenders+=(--- "$(basename "$runtime")")
    "$1" "$runtime" --root "$state/oci-$(basename "$runtime")"
  done
}

echo
echo "### The OCI runtime, median of $rounds interleaved runs"

id=bench-$$
one_by_one() {
  oci_contenders+=("$@" create --bundle "$bundle" "$id" +++ "$@" start "$id"
    +++ "$@" delete --force "$id")
}
whole_run() { oci_contenders+=("$@" run --bundle "$bundle" "$id"); }
for seccomp in plain seccomp; do
  bundle=bundle_$seccomp
  bundle=${!bundle-}
  [[ $bundle ]] || continue
  with="without seccomp"
  if [[ $seccomp == seccomp ]]; then with="podman's seccomp profile"; fi
  for_each_runtime one_by_one
  oci_table "create + start + delete, $with"
  for_each_runtime whole_run
  oci_table "run, $with"
done

make_sleeper() { "$@" create --bundle "$bundle_sleep" sleeper-$$ >/dev/null </dev/null 2>&1 && "$@" start sleeper-$$; }
end_sleeper() { "$@" delete --force sleeper-$$ || true; }
enter() { oci_contenders+=("$@" exec sleeper-$$ /bin/true); }
ask() { oci_contenders+=("$@" state sleeper-$$); }
for_each_runtime make_sleeper
for_each_runtime enter
oci_table "exec"
for_each_runtime ask
oci_table "state"
for_each_runtime end_sleeper

echo
echo "### 100 OCI containers at once (\`run\`)"
echo
echo "| | wall ms each | processor ms each |"
echo "|---|---|---|"
for bundle in "$bundle_plain" "${bundle_seccomp-}"; do
  [[ $bundle ]] || continue
  with="without seccomp"
  if [[ $bundle != "$bundle_plain" ]]; then with="podman's seccomp profile"; fi
  for runtime in "${runtimes[@]}"; do
    "$tools/interleave" --at-once 100 100 "$(basename "$runtime"), $with" "$runtime" \
      --root "$state/oci-$(basename "$runtime")" run --bundle "$bundle" {} | awk -F '\t' '
        { printf "| %s | %.2f | %.2f |%s\n", $1, $2 / 100000, $3 / 100000,
                 $4 ? " (" $4 " runs failed)" : "" }'
  done
done
echo

# The least memory.max that a container starts with: halved until it does not.
echo
echo "### The least memory limit a container starts within"
echo
for runtime in "${runtimes[@]}"; do
  least=none
  for kib in 16384 8192 4096 2048 1024 768 512; do
    limited=$(mktemp -d "$work/limited.XXXXXX")
    jq --argjson bytes $((kib * 1024)) '.linux.resources.memory.limit = $bytes' \
      "$bundle_plain/config.json" >"$limited/config.json"
    "$runtime" --root "$state/oci-$(basename "$runtime")" run --bundle "$limited" $id >/dev/null 2>&1 </dev/null || break
    least=$kib
  done
  echo "- $(basename "$runtime"): $least KiB"
done

if have podman; then
  podman_run() { # podman_run RUNTIME
    oci_contenders+=(podman --runtime "$1" --root "$work/podman/root" --runroot "$work/podman/run"
      --tmpdir "$work/podman/tmp" --storage-driver vfs run --rm --network none --rootfs "$rootfs:O" /bin/true)
  }
  for_each_runtime podman_run
  oci_table "podman run --network none, with the runtime"
fi
