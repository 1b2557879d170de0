#include "reexec/id_maps.h"

#include <fcntl.h>

#include <algorithm>

#include "reexec/command.h"
#include "reexec/sys/file.h"

namespace mycontainer::reexec {

namespace {

std::string lines_of(const std::vector<IdMap>& map) {
  std::string text;
  for (const IdMap& one : map) {
    text += fmt::format("{} {} {}\n", one.inside, one.outside, one.count);
  }
  return text;
}

// newuidmap PID inside outside count ...: installed set-user-ID, or with file capabilities.
Result<void> run_helper(const char* helper, pid_t child, const std::vector<IdMap>& map) {
  Command command = Command::program(helper);
  command.arg(std::to_string(child)).in(Stdio::null());
  for (const IdMap& one : map) {
    command.args(
        {std::to_string(one.inside), std::to_string(one.outside), std::to_string(one.count)});
  }
  auto output = command.combined_output(64u << 10);
  if (!output) {
    Error error = std::move(output).error();
    error.hint = "a range of ids needs newuidmap and newgidmap (Debian's package uidmap)";
    return Failure(std::move(error));
  }
  if (output->status.success()) return {};
  while (!output->out.empty() && output->out.back() == '\n') output->out.pop_back();
  return fail("{} {}: {}", helper, output->status.describe(), output->out);
}

Result<void> write_map(pid_t child, const std::vector<IdMap>& map, bool users) {
  if (map.empty()) return {};
  const std::string path = fmt::format("/proc/{}/{}", child, users ? "uid_map" : "gid_map");
  auto written = sys::write_file_at(AT_FDCWD, path, lines_of(map));
  if (written || written.error().code != EPERM) return written;
  return run_helper(users ? "newuidmap" : "newgidmap", child, map);
}

}  // namespace

bool maps_zero(const std::vector<IdMap>& map) {
  return std::any_of(map.begin(), map.end(),
                     [](const IdMap& one) { return one.inside == 0 && one.count > 0; });
}

Result<void> write_id_maps(pid_t child, const Attributes& wanted) {
  if (wanted.deny_setgroups) {
    TRY_VOID(sys::write_file_at(AT_FDCWD, fmt::format("/proc/{}/setgroups", child), "deny"));
  }
  TRY_VOID(write_map(child, wanted.gid_map, false));
  return write_map(child, wanted.uid_map, true);
}

}  // namespace mycontainer::reexec
