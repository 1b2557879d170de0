#include "runtime/log/changes.h"

#include <poll.h>
#include <sys/inotify.h>
#include <unistd.h>

#include <array>

#include "reexec/sys/file.h"

namespace mycontainer::runtime::log {
namespace {

constexpr int kPatience = 250;  // milliseconds
constexpr int kWithoutEvents = 50;

}  // namespace

Changes::Changes(int directory) {
  if (directory < 0) return;
  UniqueFd events(::inotify_init1(IN_NONBLOCK | IN_CLOEXEC));
  const auto what = IN_MODIFY | IN_CREATE | IN_MOVED_TO | IN_DELETE | IN_DELETE_SELF | IN_ONLYDIR;
  if (events && ::inotify_add_watch(events.get(), sys::fd_path(directory).c_str(), what) >= 0) {
    events_ = std::move(events);
  }
}

void Changes::wait() const {
  pollfd waiting{events_.get(), POLLIN, 0};  // a negative descriptor is passed over
  ::poll(&waiting, 1, events_ ? kPatience : kWithoutEvents);
  std::array<char, 4096> dropped;
  while (events_ && ::read(events_.get(), dropped.data(), dropped.size()) > 0) continue;
}

}  // namespace mycontainer::runtime::log
