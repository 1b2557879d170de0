// The container's own terminal. Child side: inside the container's namespaces, before its
// credentials are given up.
#pragma once

#include <sys/ioctl.h>
#include <sys/types.h>

#include "reexec/sys/error.h"
#include "reexec/sys/unique_fd.h"

namespace mycontainer::runtime::io {

struct Pty {
  UniqueFd master{};  // for the parent
  UniqueFd slave{};   // for the program
};

// Makes a terminal on the devpts filesystem whose root directory is `devpts` (a detached mount's
// descriptor will do). Only the one name "ptmx" is looked up there, it must be character device 5:2
// on devpts, and the slave comes from the master itself (TIOCGPTPEER, ioctl_tty(2)), never from a
// path that the image could have prepared (CVE-2025-52565).
Result<Pty> open_pty(int devpts);

// To be called before the program starts, so that it never sees a terminal of no size.
Result<void> set_window_size(int terminal, const winsize& size);

// Gives the terminal to the user that the program will run as; its group stays devpts' own.
Result<void> set_owner(int slave, uid_t uid);

// Starts a session, makes `slave` its controlling terminal, and puts it in the places of 0, 1
// and 2.
Result<void> become_session_leader(UniqueFd slave);

}  // namespace mycontainer::runtime::io
