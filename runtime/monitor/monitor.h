// A container's supervisor: one poll(2) loop around its process, its streams, those who are attached,
// and the clock. Runs in a process of its own (entry.h).
#pragma once

#include <poll.h>

#include <csignal>
#include <optional>
#include <string>
#include <vector>

#include "reexec/process.h"
#include "reexec/sys/error.h"
#include "reexec/sys/unique_fd.h"
#include "runtime/attach/server.h"
#include "runtime/engine/instance.h"
#include "runtime/engine/monitor_protocol.h"
#include "runtime/log/writer.h"
#include "runtime/monitor/health.h"
#include "runtime/monitor/streams.h"
#include "runtime/state/live.h"
#include "runtime/state/store.h"

namespace mycontainer::runtime::monitor {

class Monitor {
 public:
  explicit Monitor(const engine::StartOrder& order)
      : roots_{order.data_root, order.state_root}, rows_(order.rows), columns_(order.columns) {}
  Monitor(const Monitor&) = delete;
  Monitor& operator=(const Monitor&) = delete;

  // Until the user's program runs. `client`: who started it and is attached; may be empty. `starter`:
  // the channel to who waits for it; when that hangs up, the start is given up. On failure
  // nothing of the run is left, and the record says why.
  Result<void> start(const std::string& id, UniqueFd client, int starter);
  // Until the container has ended for good and everybody was told.
  void serve();

 private:
  // start.cpp
  Result<void> open_container(const std::string& id);
  Result<void> lock_after_predecessor();
  Result<void> open_ends(UniqueFd client);
  Result<void> start_run(int starter);
  Result<void> await_start(launch::Launch& launch, int starter);
  Result<void> record_start();
  void abandon_start(const Error& error);

  // monitor.cpp: one round of the loop, and what it waits for
  Result<void> open_signals();
  [[nodiscard]] attach::Server::Callbacks callbacks();
  void wait_once();
  [[nodiscard]] int timeout() const;
  void read_output(int stream);
  void drain();
  void take_signals();
  void obey_clock();
  void check_health(bool answered);
  void rest();
  void flush_clients();

  // end.cpp
  void end_run();
  void record_end(int exit_code);
  void clean_up_run();
  void restart();
  void finish();
  void remove_container();
  void leave_live_directory();

  state::Roots roots_;
  std::uint16_t rows_, columns_;
  std::optional<state::Container> container_;
  state::Record record_;
  oci::Spec spec_;  // only while a run is being started: it is large
  std::optional<state::LiveDirectory> live_;
  std::optional<log::Writer> log_;
  std::optional<attach::Server> server_;
  UniqueFd signals_;

  // Of the present run.
  std::optional<engine::Instance> instance_;
  std::optional<Streams> streams_;
  std::optional<reexec::Process> process_;
  std::optional<HealthMonitor> health_;

  state::Nanoseconds restart_delay_ = 0;
  state::Nanoseconds restart_at_ = 0;  // 0: no restart is waited for
  state::Nanoseconds kill_at_ = 0;  // we were told to end (SIGTERM): the container has until then
  bool ending_ = false;             // told to end: no restart
  bool unrecorded_ = false;         // the record could not be written
  bool rested_ = false;             // has nothing to do, and keeps no memory for it
  bool finished_ = false;
};

}  // namespace mycontainer::runtime::monitor
