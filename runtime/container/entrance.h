// The way into a container that runs, for one more process of it: what the OCI runtime's exec, the
// engine's and health checks share. Parent side.
//
//   open()         finds the container: its record, its configuration, its first process
//   give_birth()   makes the process, which is then on its way to its execve
//   await_start()  takes what it sends until it has come there
//
// Each file of the container is read once.
#pragma once

#include <array>
#include <optional>
#include <span>
#include <string>

#include "reexec/sys/error.h"
#include "reexec/sys/unique_fd.h"
#include "runtime/cgroup/cgroup.h"
#include "runtime/container/record.h"
#include "runtime/container/settings.h"
#include "runtime/container/status.h"
#include "runtime/container/store.h"
#include "runtime/launch/launch.h"
#include "runtime/oci/spec.h"

namespace mycontainer::runtime::container {

// References and descriptors are borrowed for the call.
struct Newcomer {
  oci::Process process{};
  bool unconfined = false;  // without the container's seccomp filter
  std::array<int, 3> streams = {0, 1, 2};
  std::span<const int> preserved{};  // become its 3, 4, ...
  std::string cgroup{};              // a path below the container's; empty: that itself
  std::string seccomp_cache{};       // a directory of compiled filters
  std::string session_keyring{};     // a name; empty: the caller's
  bool follow_parent = false;        // it dies when this process does
};

class Entrance {
 public:
  // In whatever state the container is: status() says which, and give_birth() is for one that runs.
  static Result<Entrance> open(const std::string& id, const Settings& settings);

  [[nodiscard]] Status status() const { return status_; }
  [[nodiscard]] const Record& record() const { return record_; }
  // The configuration with which the container was made; give_birth() replaces its process.
  [[nodiscard]] const oci::Spec& spec() const { return spec_; }
  // Certainly the container's own first process, unless it is stopped.
  [[nodiscard]] int pidfd() const { return pidfd_.get(); }

  Result<launch::Launch> give_birth(Newcomer newcomer);

  // The child's next message, as launch::Launch::take_message() but for a listener of its seccomp
  // filter, which is sent on at once.
  Result<bool> take_message(launch::Launch& launch, launch::Started& started) const;

 private:
  Entrance(StateDirectory directory, Record record)
      : directory_(std::move(directory)), record_(std::move(record)) {}

  StateDirectory directory_;
  Record record_;
  Status status_ = Status::kStopped;
  UniqueFd pidfd_;
  std::optional<cgroup::Cgroup> cgroup_;
  oci::Spec spec_;
};

}  // namespace mycontainer::runtime::container
