// A container on its way into the world: everything made for it, undone unless finished. Parent
// side; private to runtime/container.
#pragma once

#include <array>
#include <optional>
#include <string>

#include "reexec/sys/error.h"
#include "reexec/sys/unique_fd.h"
#include "runtime/cgroup/cgroup.h"
#include "runtime/container/birth.h"
#include "runtime/container/bundle.h"
#include "runtime/container/create.h"
#include "runtime/container/record.h"
#include "runtime/container/store.h"
#include "runtime/launch/launch.h"
#include "runtime/oci/state.h"

namespace mycontainer::runtime::container {

class Creation {
 public:
  // Reads the bundle and makes what exists before the process does: the state directory and the
  // cgroup.
  static Result<Creation> prepare(const CreateRequest& request, const Settings& settings);
  Creation(Creation&&) = default;
  Creation& operator=(Creation&&) = delete;
  // Ends the process and removes everything, unless finish() was called.
  ~Creation();

  // Makes the process. `held`: it will wait for the start fifo instead of executing the program.
  Result<void> give_birth(const std::array<int, 3>& streams, bool held);
  // Hooks, terminal, until the process waits or has become the program.
  Result<void> complete();
  // The container is created or runs, and stays when this object goes.
  Result<void> finish();

  [[nodiscard]] const oci::Spec& spec() const { return bundle_.spec; }
  [[nodiscard]] const std::string& console_socket() const { return request_.console_socket; }
  [[nodiscard]] reexec::Process& process() { return launch_->process(); }
  [[nodiscard]] UniqueFd take_console() { return std::move(console_); }
  [[nodiscard]] std::string state_json(std::string_view status) const;

 private:
  Creation(const CreateRequest& request, const Settings& settings, Bundle bundle,
           StateDirectory directory);
  [[nodiscard]] oci::State state(std::string_view status) const;
  Result<void> send_seccomp_listener(UniqueFd listener) const;
  Result<void> make_files();
  Result<void> make_cgroup();
  Result<void> write_record();
  Result<void> record_process(pid_t pid);
  Result<void> give_host_resources(pid_t pid);
  Result<void> react(launch::Started& started);

  CreateRequest request_;
  Settings settings_;
  Bundle bundle_;
  StateDirectory directory_;
  cgroup::CgroupRequest cgroup_request_;
  cgroup::Cgroup cgroup_;
  Record record_;
  HookStates states_;
  UniqueFd fifo_, failure_, console_;
  std::vector<int> preserved_;
  std::optional<launch::Launch> launch_;
  bool held_ = false;
  bool finished_ = false;
};

}  // namespace mycontainer::runtime::container
