// Waiting for something to happen in a container's directory. Readers.
#pragma once

#include "reexec/sys/unique_fd.h"

namespace mycontainer::runtime::log {

class Changes {
 public:
  // From now on what is written, made, renamed or removed there counts. -1: nothing to wait for.
  // Where inotify(7) has no instance left for this user, wait() looks at the clock instead.
  explicit Changes(int directory);
  // Until something has happened since the last call, at most a quarter of a second.
  void wait() const;

 private:
  UniqueFd events_;
};

}  // namespace mycontainer::runtime::log
