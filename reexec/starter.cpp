#include "reexec/starter.h"

#include <fcntl.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <csignal>
#include <cstring>
#include <limits>

#include "reexec/id_maps.h"
#include "reexec/registry.h"
#include "reexec/sys/file.h"
#include "reexec/sys/syscalls.h"

namespace mycontainer::reexec {

namespace {

bool has_nul(std::string_view text) { return text.find('\0') != std::string_view::npos; }

// Who ignores SIGCHLD (often without knowing: it survives execve) has its children reaped by the
// kernel, and their status is lost.
void keep_child_status() {
  struct sigaction action {};
  ::sigaction(SIGCHLD, nullptr, &action);
  const bool ignored = (action.sa_flags & SA_SIGINFO) == 0 && action.sa_handler == SIG_IGN;
  if (!ignored && (action.sa_flags & SA_NOCLDWAIT) == 0) return;
  if (ignored) action.sa_handler = SIG_DFL;
  action.sa_flags &= ~SA_NOCLDWAIT;
  ::sigaction(SIGCHLD, &action, nullptr);
}

std::string_view name_in(const char* variable) {
  const std::string_view text = variable;
  return text.substr(0, text.find('='));
}

}  // namespace

Result<void> Starter::check() const {
  const auto bad = std::find_if(command_.argv_.begin(), command_.argv_.end(), has_nul);
  if (bad != command_.argv_.end()) return fail_code(EINVAL, "an argument contains NUL");
  for (const auto& [name, value] : command_.env_) {
    if (name.empty() || name.find('=') != std::string::npos || has_nul(name) ||
        (value && has_nul(*value))) {
      return fail_code(EINVAL, "environment variable \"{}\" is malformed", name);
    }
  }
  const Attributes& wanted = command_.attributes_;
  const bool maps = !wanted.uid_map.empty() || !wanted.gid_map.empty();
  if (maps && (wanted.new_namespaces & CLONE_NEWUSER) == 0) {
    return fail_code(EINVAL, "id maps need a new user namespace");
  }
  if (maps && !wanted.join.empty()) {
    return fail_code(EINVAL, "id maps cannot be written for a child that joins namespaces");
  }
  return {};
}

Result<void> Starter::prepare_program() {
  plan_.exec_fd = AT_FDCWD;
  if (command_.executable_) {
    plan_.exec_fd = command_.executable_.get();
  } else if (command_.is_entry_) {
    TRY(UniqueFd self, sys::open_at(AT_FDCWD, "/proc/self/exe", O_PATH));
    plan_.exec_fd = self.get();
    owned_.push_back(std::move(self));
  } else if (command_.path_.find('/') != std::string::npos) {
    plan_.path = command_.path_.c_str();
  } else {
    TRY(program_, find_program(command_.path_));
    plan_.path = program_.c_str();
  }
  return {};
}

void Starter::prepare_argv() {
  for (std::string& text : command_.argv_) argv_.push_back(text.data());
  argv_.push_back(nullptr);
  plan_.argv = argv_.data();
}

void Starter::prepare_environment() {
  const auto& changes = command_.env_;
  const auto changed = [&](std::string_view name) {
    return std::any_of(changes.begin(), changes.end(),
                       [&](const auto& change) { return change.first == name; });
  };
  for (char** one = environ; !command_.clear_env_ && one != nullptr && *one != nullptr; ++one) {
    if (changes.empty() || !changed(name_in(*one))) envp_.push_back(*one);
  }
  for (auto change = changes.begin(); change != changes.end(); ++change) {
    const bool later = std::any_of(change + 1, changes.end(),
                                   [&](const auto& other) { return other.first == change->first; });
    if (!later && change->second) variables_.push_back(change->first + "=" + *change->second);
  }
  for (std::string& text : variables_) envp_.push_back(text.data());
  envp_.push_back(nullptr);
  plan_.envp = envp_.data();
}

void Starter::place(UniqueFd source, int target) {
  place(source.get(), target);
  owned_.push_back(std::move(source));
}

Result<void> Starter::prepare_channel() {
  TRY(auto ends, Channel::make());
  // Waits in the socket before the child exists: the child's dispatch() looks for it.
  if (command_.is_entry_) {
    TRY_VOID(ends.first.send(kHelloType, hello_message(command_.path_)));
  }
  command_.channel_ = std::move(ends.first);
  place(ends.second.take(), kChannelFd);
  return {};
}

Result<void> Starter::prepare_pipe(int descriptor) {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) < 0) return fail_errno("pipe");
  UniqueFd reader(ends[0]);
  UniqueFd writer(ends[1]);
  const bool input = descriptor == 0;
  command_.pipes_[static_cast<std::size_t>(descriptor)] = std::move(input ? writer : reader);
  place(std::move(input ? reader : writer), descriptor);
  return {};
}

Result<void> Starter::prepare_pty(int descriptor) {
  if (!terminal_slave_) {
    UniqueFd master(::open("/dev/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC));
    if (!master) return fail_errno("open /dev/ptmx");
    const int unlock = 0;
    if (::ioctl(master.get(), TIOCSPTLCK, &unlock) < 0) return fail_errno("unlock terminal");
    // By descriptor and not by path: /dev/pts may be another one than ptmx's.
    terminal_slave_.reset(::ioctl(master.get(), TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC));
    if (!terminal_slave_) return fail_errno("open terminal");
    command_.terminal_ = std::move(master);
  }
  place(terminal_slave_.get(), descriptor);
  return {};
}

Result<void> Starter::prepare_stdio(int descriptor) {
  const Stdio& choice = command_.stdio_[static_cast<std::size_t>(descriptor)];
  switch (choice.kind()) {
    case Stdio::Kind::kInherit:
      kept_.push_back(descriptor);
      return {};
    case Stdio::Kind::kFd:
      place(choice.given_fd(), descriptor);
      return {};
    case Stdio::Kind::kPty:
      return prepare_pty(descriptor);
    case Stdio::Kind::kPipe:
    case Stdio::Kind::kBuffer:
      return prepare_pipe(descriptor);
    case Stdio::Kind::kBytes: {
      TRY(UniqueFd memory, sys::sealed_memfd("stdin", choice.text()));
      place(std::move(memory), descriptor);
      return {};
    }
    case Stdio::Kind::kNull: {
      TRY(UniqueFd null, sys::open_at(AT_FDCWD, "/dev/null", O_RDWR));
      place(std::move(null), descriptor);
      return {};
    }
    case Stdio::Kind::kFile: {
      TRY(UniqueFd file, sys::open_at(AT_FDCWD, choice.text(), choice.flags(), choice.mode()));
      place(std::move(file), descriptor);
      return {};
    }
  }
  return {};
}

Result<void> Starter::prepare_descriptors() {
  for (const int descriptor : {0, 1}) TRY_VOID(prepare_stdio(descriptor));
  if (!command_.err_to_out_) {
    TRY_VOID(prepare_stdio(2));
  } else {
    // Standard output's own source: the move to 1 may not have been made, or be made first.
    const auto out = std::find_if(moves_.begin(), moves_.end(),
                                  [](const FdMove& move) { return move.target == 1; });
    place(out == moves_.end() ? 1 : out->source, 2);
  }
  for (const auto& [source, target] : command_.given_) place(source, target);
  std::vector<int> targets = kept_;
  for (const FdMove& move : moves_) {
    if (move.target < 0) return fail_code(EBADF, "give a descriptor the number {}", move.target);
    targets.push_back(move.target);
  }
  std::sort(targets.begin(), targets.end());
  const auto twice = std::adjacent_find(targets.begin(), targets.end());
  if (twice != targets.end()) return fail_code(EINVAL, "descriptor {} is given twice", *twice);
  kept_ = std::move(targets);
  return {};
}

Result<void> Starter::prepare_rest() {
  const Attributes& wanted = command_.attributes_;
  plan_.attributes = &wanted;
  if (!command_.cwd_.empty()) plan_.cwd = command_.cwd_.c_str();
  plan_.cwd_fd = command_.cwd_fd_.get();
  plan_.become_root_user = maps_zero(wanted.uid_map);
  plan_.become_root_group = maps_zero(wanted.gid_map);
  plan_.second_process =
      std::any_of(wanted.join.begin(), wanted.join.end(),
                  [](const JoinNamespace& one) { return one.type == CLONE_NEWPID; });
  if (plan_.second_process) plan_.second_namespaces = wanted.new_namespaces;
  if (wanted.parent_death_signal == 0) return {};
  UniqueFd parent(sys::pidfd_open(::getpid(), 0));
  if (!parent) return fail_errno("open our own process");
  plan_.parent_pidfd = parent.get();
  owned_.push_back(std::move(parent));
  return {};
}

// Only for id maps: everybody else executes the program without hearing from the parent again.
Result<void> Starter::prepare_sync() {
  if (command_.attributes_.uid_map.empty() && command_.attributes_.gid_map.empty()) return {};
  std::array<int, 2> ends{};
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) < 0) {
    return fail_errno("socketpair");
  }
  sync_ = {UniqueFd(ends[0]), UniqueFd(ends[1])};
  plan_.sync_other = ends[0];
  plan_.sync_fd = ends[1];
  return {};
}

// A number that is some move's target and is needed after that move has to be out of the way first.
void Starter::plan_lifts() {
  const auto is_target = [&](int fd) {
    return std::any_of(moves_.begin(), moves_.end(),
                       [&](const FdMove& move) { return move.target == fd; });
  };
  for (FdMove& move : moves_) {
    if (move.source != move.target && is_target(move.source)) lifts_.push_back(&move.source);
  }
  for (int* fd : {&plan_.exec_fd, &plan_.cwd_fd, &plan_.parent_pidfd, &plan_.sync_fd}) {
    if (*fd >= 0 && is_target(*fd)) lifts_.push_back(fd);
  }
  plan_.lift_base = std::max(kept_.empty() ? 0 : kept_.back(), 2) + 1;
  plan_.moves = moves_;
  plan_.lifts = lifts_;
}

// All numbers between those the child keeps, and all above.
void Starter::plan_closing() {
  unsigned next = 0;
  for (const int kept : kept_) {
    const auto number = static_cast<unsigned>(kept);
    if (number > next) close_.push_back({next, number - 1});
    next = number + 1;
  }
  close_.push_back({next, std::numeric_limits<unsigned>::max()});
  plan_.close = close_;
}

Result<void> Starter::prepare() {
  if (std::exchange(command_.used_, true)) {
    return fail_code(EINVAL, "this command was started before");
  }
  TRY_VOID(check());
  // The channel before the program: so the binary's descriptor is not 3 in a plain parent.
  if (command_.with_channel_) TRY_VOID(prepare_channel());
  TRY_VOID(prepare_program());
  prepare_argv();
  prepare_environment();
  TRY_VOID(prepare_descriptors());
  TRY_VOID(prepare_rest());
  TRY_VOID(prepare_sync());
  plan_lifts();
  plan_closing();
  return {};
}

Result<Process> Starter::start() {
  auto prepared = prepare();
  if (!prepared) return named(std::move(prepared).error());
  keep_child_status();
  auto process = spawn(plan_, std::move(sync_));
  // The child has its copies: what was given away is closed here, so that pipes can end.
  command_.owned_.clear();
  command_.stdio_ = {Stdio::inherit(), Stdio::inherit(), Stdio::inherit()};
  if (!process) return named(std::move(process).error());
  return process;
}

// What the child reported has no names: the plan it worked from is gone with it.
Failure Starter::named(Error error) const {
  if (error.operation == name_of(ChildStep::kExec)) {
    error.operation += " " + command_.path_;
    return Failure(std::move(error));
  }
  if (error.operation == name_of(ChildStep::kDirectory)) error.operation += " " + command_.cwd_;
  return within("start " + command_.path_, std::move(error));
}

}  // namespace mycontainer::reexec
