// A container's present run: <state>/containers/<id>, which its supervisor (the monitor, or `run
// --rm` itself) makes, locks as long as it lives, and removes.
//
//   state.json, config.json     as the OCI runtime has them, so that everything in
//                               runtime/container (exec, kill, pause, update, stats ...) works on it
//                               with Settings{.root = containers_in(roots.state)}
//   hosts, hostname, resolv.conf
//   attach.sock                 the monitor's socket (runtime/attach)
//   exit                        empty while the container runs, then its exit code
//   paused                      it may be frozen: the kernel is to be asked
//   running                     a fifo that the supervisor holds open for writing meanwhile
//
// Unlocked, the directory is stale: its supervisor was killed, and the next command collects it.
#pragma once

#include <optional>
#include <string>

#include "reexec/sys/error.h"
#include "reexec/sys/unique_fd.h"
#include "runtime/state/record.h"
#include "runtime/state/roots.h"
#include "runtime/state/store.h"

namespace mycontainer::runtime::state {

class LiveDirectory {
 public:
  // Made and locked. "the container is running already" when there is one, whoever made it: what a
  // dead supervisor left must have been collected before (collect_if_stale). The first one since
  // the boot puts the records of the time before right (collect_records).
  static Result<LiveDirectory> create(const Roots& roots, const std::string& id,
                                      const RemoveForeignTree& remove_foreign);
  LiveDirectory(LiveDirectory&&) noexcept = default;
  LiveDirectory& operator=(LiveDirectory&&) = delete;
  // Removes what remove() was not called for; leaves it when the container's own directory, which goes
  // with it, could not be removed before.
  ~LiveDirectory();

  [[nodiscard]] const std::string& path() const { return path_; }
  [[nodiscard]] int fd() const { return lock_.get(); }

  // A run begins: waiters wait from now on. Again for each restart.
  Result<void> begin_run();
  // It has ended: who waits is told `exit_code`.
  void end_run(int exit_code);

  // The container ends with this run (--rm): while <data>/containers/<id> is there, this directory
  // is what leads the collector to it.
  void goes_after(std::string directory) { goes_after_ = std::move(directory); }

  Result<void> remove();
  // Leaves what is there, unlocked, for the collector.
  void leave() { lock_.reset(); }

 private:
  LiveDirectory(std::string path, UniqueFd lock) : path_(std::move(path)), lock_(std::move(lock)) {}
  std::string path_, goes_after_;
  UniqueFd lock_;
  UniqueFd exit_, running_;
};

// Whether a supervisor of the container lives.
bool is_supervised(const Roots& roots, const std::string& id);

// What a user should be told: the recorded state, corrected by what is really there. Running or
// restarting without a supervisor becomes exited: with code 255 when the machine was restarted
// meanwhile, else 137 (its supervisor was killed, and it with it). Never waits, never writes.
State effective_state(const Roots& roots, const Record& record);
// That of a run whose supervisor is certainly gone. What it managed to say in the live directory
// counts (the disk may have been too full for the record).
State orphaned_state(const Roots& roots, const Record& record);

// The status in Docker's words: "created", "running", "paused", "restarting", "exited".
// Asks the kernel whether it is paused, where note_pause() was called: asking it about a thousand
// that run would take a list too long.
std::string status_text(const Roots& roots, const std::string& id, const State& effective);

// The container is about to be paused; it may still be running, or again. Nothing takes this back in
// the present run.
Result<void> note_pause(const Roots& roots, const std::string& id);

// Waiting for the end of a run that was going on when open() was called. Any number may wait.
class ExitWaiter {
 public:
  // Nothing when no run is going on.
  static Result<std::optional<ExitWaiter>> open(const Roots& roots, const std::string& id);
  // Readable (poll(2): POLLHUP) once it has ended.
  [[nodiscard]] int fd() const { return running_.get(); }
  // Until the end, or `timeout` (negative: none). The exit code; nothing after the timeout; 137 when
  // the supervisor was killed.
  [[nodiscard]] Result<std::optional<int>> wait(Nanoseconds timeout) const;

 private:
  ExitWaiter(UniqueFd exit, UniqueFd running)
      : exit_(std::move(exit)), running_(std::move(running)) {}
  UniqueFd exit_, running_;
};

// Ends and removes what runs left whose supervisor no longer lives, and writes into their records
// what became of them (or removes those that were to be). Never waits for a living one. What
// cannot be removed is left for the next time, with a line in the diagnostics.
void collect_stale(const Roots& roots, const RemoveForeignTree& remove_foreign);
// What each `run` does: looks at some of them only, others each time, so that it takes no longer
// beside a thousand containers than beside thirty.
void collect_some(const Roots& roots, const RemoveForeignTree& remove_foreign);
// The same for one container. False: it lives, or somebody is changing it. Not while holding
// its lock.
Result<bool> collect_if_stale(const Roots& roots, const std::string& id,
                              const RemoveForeignTree& remove_foreign);
// After a reboot nothing of <state> is left: records that still say "running" are put right, and
// containers with --rm and what was never finished being made are removed. Also part of `system
// boot` and `prune`.
void collect_records(const Roots& roots, const RemoveForeignTree& remove_foreign);

}  // namespace mycontainer::runtime::state
