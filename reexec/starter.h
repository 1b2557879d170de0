// Makes a SpawnPlan of a Command, once, and carries it out. Parent side; internal to reexec/.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "reexec/command.h"
#include "reexec/spawn_plan.h"

namespace mycontainer::reexec {

// Everything the plan points to lives here (or in the Command) until the child has executed its
// program.
class Starter {
 public:
  explicit Starter(Command& command) : command_(command) {}
  Result<Process> start();

 private:
  Result<void> prepare();
  Result<void> check() const;
  Result<void> prepare_program();
  Result<void> prepare_channel();
  Result<void> prepare_stdio(int descriptor);
  Result<void> prepare_pipe(int descriptor);
  Result<void> prepare_pty(int descriptor);
  Result<void> prepare_descriptors();
  Result<void> prepare_rest();
  Result<void> prepare_sync();
  Failure named(Error error) const;
  void prepare_argv();
  void prepare_environment();
  void place(int source, int target) { moves_.push_back({source, target}); }
  void place(UniqueFd source, int target);
  void plan_lifts();
  void plan_closing();

  Command& command_;
  SpawnPlan plan_;
  SyncPair sync_;
  std::string program_;  // the path found for a bare name
  std::vector<char*> argv_;
  std::vector<std::string> variables_;
  std::vector<char*> envp_;
  std::vector<FdMove> moves_;
  std::vector<int*> lifts_;
  std::vector<FdRange> close_;
  std::vector<UniqueFd> owned_;  // the child's ends; closed here once it has its copies
  std::vector<int> kept_;        // descriptors the child keeps that need no move
  UniqueFd terminal_slave_;
};

// Reads both pipes until they end or the process has ended and left them empty, then reaps it.
Result<Output> collect_output(Process process, UniqueFd out, UniqueFd err, std::size_t limit);

// The file a bare program name means: the first executable one of our own PATH. ENOENT when there
// is none, EACCES when one is there that may not be executed.
Result<std::string> find_program(const std::string& name);

}  // namespace mycontainer::reexec
