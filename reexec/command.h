// Starts a program, or an entry of our own binary, with everything about it chosen. Parent side.
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "reexec/attributes.h"
#include "reexec/channel.h"
#include "reexec/process.h"
#include "reexec/stdio.h"
#include "reexec/sys/error.h"
#include "reexec/sys/unique_fd.h"

namespace mycontainer::reexec {

// What output() collected.
struct Output {
  Status status{};
  std::string out{};
  std::string err{};
};

// One start of one process: filled in, then started once; a second start is an error (EINVAL).
//
//   TRY(Process child, Command::entry("mycontainer-init", {id}).start());
//   TRY(Output listing, Command::program("ls", {"-l"}).cwd("/tmp").output());
//
// The child has descriptors 0, 1, 2, those it was given, and no other, and its signals are all at
// their default. A start that fails, execve included, fails here, with the step and the errno, and
// leaves no process. Error::exit_status is 127 for a missing program and 126 for one that cannot be
// executed.
//
// Parent and child share memory until execve (CLONE_VM | CLONE_VFORK), so a large parent starts a
// child as fast as a small one; where credentials change or id maps need the parent's help the
// child gets a copy instead.
class Command {
 public:
  // `path` with a '/' is taken as it is (after chroot and joined namespaces); a bare name is looked
  // up in our own PATH at start.
  static Command program(std::string path, std::vector<std::string> args = {});
  // An entry of this very binary by its name: argv[0] is the name, a Channel's end stands on
  // descriptor 3. The binary is /proc/self/exe, so it may have been deleted or replaced.
  static Command entry(std::string name, std::vector<std::string> args = {});

  // Runs this file instead (execveat(2) with AT_EMPTY_PATH), for example a sealed_self().
  Command& executable(UniqueFd file);
  Command& argv0(std::string name);
  Command& arg(std::string text);
  Command& args(std::vector<std::string> list);

  // The environment is inherited; each call below changes the child's copy. Later ones win.
  Command& clear_env();
  Command& env(std::string_view name, std::string_view value);
  Command& unset_env(std::string_view name);

  // A relative path is the child's: entered after chroot, namespaces and credentials.
  Command& cwd(std::string path);
  Command& cwd(UniqueFd directory);

  Command& in(Stdio choice);
  Command& out(Stdio choice);
  Command& err(Stdio choice);
  Command& err_to_out();

  // `source` becomes descriptor `target` of the child. Borrowed: it must stay open until start.
  // Sources and targets may overlap in any way; one target twice is an error.
  Command& give(int source, int target);
  Command& give(UniqueFd source, int target);
  // A Channel's end on kChannelFd for a program too (entries always have one).
  Command& with_channel();

  Attributes& attributes() { return attributes_; }
  Command& attributes(Attributes all);

  Result<Process> start();
  // Starts and waits.
  Result<Status> run();
  // Starts, collects what it writes to out and err, and waits. Ends when the child has ended and
  // its pipes are empty: a grandchild that keeps one open is not waited for. More than `limit`
  // bytes is EFBIG, and the child is killed. combined_output has both streams, in order, in `out`.
  Result<Output> output(std::size_t limit = 64u << 20);
  Result<Output> combined_output(std::size_t limit = 64u << 20);

  // After start, each once: our end of the channel, of a pipe (descriptor 0, 1 or 2), and the
  // master of the terminal.
  [[nodiscard]] Channel take_channel() { return std::move(channel_); }
  [[nodiscard]] UniqueFd take_pipe(int descriptor);
  [[nodiscard]] UniqueFd take_terminal() { return std::move(terminal_); }

 private:
  friend class Starter;
  Command() = default;

  std::string path_;
  bool is_entry_ = false;
  UniqueFd executable_;
  std::vector<std::string> argv_;
  // Changes to the environment in order: {name, value}, or {name, nullopt} for unset.
  std::vector<std::pair<std::string, std::optional<std::string>>> env_;
  bool clear_env_ = false;
  std::string cwd_;
  UniqueFd cwd_fd_;
  std::array<Stdio, 3> stdio_{Stdio::inherit(), Stdio::inherit(), Stdio::inherit()};
  bool err_to_out_ = false;
  std::vector<std::pair<int, int>> given_;  // source, target
  std::vector<UniqueFd> owned_;
  bool with_channel_ = false;
  Attributes attributes_;

  bool used_ = false;
  Channel channel_;
  std::array<UniqueFd, 3> pipes_;
  UniqueFd terminal_;
};

}  // namespace mycontainer::reexec
