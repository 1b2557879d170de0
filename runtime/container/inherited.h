// The descriptors that the caller left open for the container: --preserve-fds, and those of systemd's
// socket activation. Parent side.
//
// Source: sd_listen_fds(3); runc passes $LISTEN_FDS descriptors from 3 on, then the preserved ones.
// A descriptor that only looks inherited because we have opened it since would hand a file of ours
// to the container (runc issue 5474), so what is open is looked at first of all.
#pragma once

#include <string>
#include <vector>

#include "reexec/sys/error.h"

namespace mycontainer::runtime::container {

struct Inherited {
  int open = 0;       // how many descriptors were open from 3 on without a gap
  int listening = 0;  // how many of them $LISTEN_FDS names, if $LISTEN_PID is us

  // How many from 3 on are the container's when `preserve_fds` were asked for.
  [[nodiscard]] Result<int> preserved(int preserve_fds) const;
  // What tells the program about the listening ones: "LISTEN_FDS=N" and, as runc has it,
  // "LISTEN_PID=1"; nothing when there are none.
  [[nodiscard]] std::vector<std::string> environment() const;
};

// To be called before anything is opened.
Inherited inherited();

}  // namespace mycontainer::runtime::container
