// Stopping what runs in a cgroup. Source: cgroup-v2.rst "cgroup.freeze", cgroup-v1
// freezer-subsystem.rst.
#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <string_view>

#include "reexec/sys/file.h"
#include "runtime/cgroup/leaf.h"
#include "runtime/cgroup/pause.h"

namespace mycontainer::runtime::cgroup {

namespace {

constexpr const char* kV1File = "freezer.state";
constexpr const char* kV2File = "cgroup.freeze";

// false when there is no such file.
Result<bool> write_state(const Leaf& leaf, const char* file, const char* state) {
  auto written = sys::write_file_at(leaf.dir.get(), file, state);
  if (written) return true;
  if (written.error().code == ENOENT) return false;
  return within(leaf.parent_path + "/" + leaf.name, std::move(written).error());
}

Failure not_frozen(const Leaf& leaf) {
  return fail_code(ETIMEDOUT, "freeze cgroup {}/{}", leaf.parent_path, leaf.name);
}

// Read from the start of the open file: that is what the next event is counted from. ENODEV: the
// cgroup was removed.
Result<bool> says_frozen(int events) {
  char text[128];
  const ssize_t count = ::pread(events, text, sizeof(text), 0);
  if (count < 0) return fail_errno("read cgroup.events");
  return std::string_view(text, static_cast<std::size_t>(count)).find("frozen 1") !=
         std::string_view::npos;
}

Result<bool> freeze_v2(const Leaf& leaf, Milliseconds patience) {
  const UniqueFd events(::openat(leaf.dir.get(), "cgroup.events", O_RDONLY | O_CLOEXEC));
  TRY(const bool written, write_state(leaf, kV2File, "1"));
  if (!written) return false;
  const Pause pause(patience);
  while (true) {
    TRY(const bool frozen, says_frozen(events.get()));
    if (frozen) return true;
    if (pause.over()) {
      TRY_VOID(thaw_leaf(leaf));
      return not_frozen(leaf);
    }
    // Nobody is told of the removal of what is watched.
    constexpr int kLook = 100;  // milliseconds
    pollfd poll{events.get(), POLLPRI, 0};
    ::poll(&poll, 1, std::min(pause.left(), kLook));
  }
}

// A process that forks, or that waits in vfork(2), may have to be caught again; one that cannot be
// stopped while its fellows are may be once they ran on a little.
Result<bool> freeze_v1(const Leaf& leaf, Milliseconds patience) {
  constexpr int kRoundsBeforeThaw = 50;
  Pause pause(patience);
  for (int round = 1; !pause.over(); ++round) {
    TRY(const bool written, write_state(leaf, kV1File, "FROZEN"));
    if (!written) return false;
    TRY(const std::string state, sys::read_file_at(leaf.dir.get(), kV1File));
    if (state.starts_with("FROZEN")) return true;
    if (round % kRoundsBeforeThaw == 0) TRY_VOID(thaw_leaf(leaf));
    pause.take();
  }
  TRY_VOID(thaw_leaf(leaf));
  return not_frozen(leaf);
}

}  // namespace

Result<bool> freeze_leaf(const Leaf& leaf, Milliseconds patience) {
  return leaf.version == Version::kV2 ? freeze_v2(leaf, patience) : freeze_v1(leaf, patience);
}

Result<bool> thaw_leaf(const Leaf& leaf) {
  return leaf.version == Version::kV2 ? write_state(leaf, kV2File, "0")
                                      : write_state(leaf, kV1File, "THAWED");
}

std::optional<bool> is_frozen(const Leaf& leaf) {
  const bool v2 = leaf.version == Version::kV2;
  const auto state = sys::read_file_at(leaf.dir.get(), v2 ? kV2File : kV1File);
  if (!state) return {};
  return v2 ? state->starts_with('1') : !state->starts_with("THAWED");
}

}  // namespace mycontainer::runtime::cgroup
