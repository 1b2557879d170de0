// A connection to a systemd manager: the system's, or an ordinary user's own. Parent side; blocks,
// 30 s at most for one answer. Only the systemd driver uses it.
//
// Source: D-Bus Specification "Authentication Protocol"; org.freedesktop.systemd1(5).
#pragma once

#include <sys/types.h>

#include <chrono>
#include <deque>
#include <string>
#include <vector>

#include "reexec/sys/error.h"
#include "reexec/sys/unique_fd.h"
#include "runtime/cgroup/systemd_message.h"

namespace mycontainer::runtime::cgroup {

class SystemdBus {
 public:
  // Root's: /run/systemd/private, else the system bus. A user's: systemd/private in
  // $XDG_RUNTIME_DIR (or /run/user/<uid on the host>), else $DBUS_SESSION_BUS_ADDRESS, else `bus`
  // in that directory. Works from within a user namespace: the socket tells the peer who we are.
  static Result<SystemdBus> connect(bool of_user);

  // Has systemd make the unit, which must not exist yet, and waits until that is done.
  Result<void> start_transient(const std::string& unit,
                               const std::vector<UnitProperty>& properties);

  // Stops the unit and waits for it; forgets that it failed, if it did. One that is not there is
  // success.
  Result<void> stop(const std::string& unit);

  // Until the next boot, and at once.
  Result<void> set_properties(const std::string& unit, const std::vector<UnitProperty>& properties);

 private:
  using Deadline = std::chrono::steady_clock::time_point;

  Result<void> authenticate();
  Result<void> join_bus();
  Result<void> send(const std::string& bytes);
  Result<Message> receive(Deadline deadline);
  Result<Message> call(const Call& call);
  // Calls a method that returns a job, and waits for the job's end.
  Result<void> run_job(const std::string& unit, const Call& call);

  UniqueFd socket_;
  std::string input_;            // received, not decoded yet
  std::deque<Message> signals_;  // that came while an answer was waited for
  std::uint32_t serial_ = 0;
};

}  // namespace mycontainer::runtime::cgroup
