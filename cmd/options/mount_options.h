// Options that bring files, memory and devices of the host into the container. Pure, but for a
// relative host path, which is taken from the caller's working directory.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "cmd/options/run_draft.h"
#include "reexec/sys/error.h"

namespace mycontainer::cmd::options {

// "HOST-DIR:CONTAINER-DIR[:OPTIONS]", "VOLUME:CONTAINER-DIR[:OPTIONS]" or "CONTAINER-DIR"; options by
// commas: ro, rw, a propagation, nocopy (of a volume), z, Z (no effect without SELinux), cached,
// consistent, delegated (no effect on Linux).
Result<void> add_volume(RunDraft& draft, std::string_view value);
// "CONTAINER[:ro|rw]".
Result<void> add_volumes_from(RunDraft& draft, std::string_view value);
Result<void> set_volume_driver(RunDraft& draft, std::string_view value);
// Fields in CSV: type=volume|bind|tmpfs, source, target, readonly, volume-*, bind-*, tmpfs-*.
Result<void> add_mount(RunDraft& draft, std::string_view value);
// "CONTAINER-DIR[:OPTIONS]", options as mount(8) has them for tmpfs.
Result<void> add_tmpfs(RunDraft& draft, std::string_view value);
// "HOST-PATH[:CONTAINER-PATH][:rwm]".
Result<void> add_device(RunDraft& draft, std::string_view value);

// No two mounts at one place; volumes get the driver of --volume-driver.
Result<void> finish_mounts(RunDraft& draft);

// One record of RFC 4180's CSV: fields by commas, in double quotes when they hold one, a double
// quote inside doubled.
Result<std::vector<std::string>> split_csv(std::string_view text);

// A mount's place in the container: an absolute path other than "/", cleaned.
Result<std::string> container_path(std::string_view path);

bool is_propagation(std::string_view word);

}  // namespace mycontainer::cmd::options
