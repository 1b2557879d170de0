#include "runtime/launch/launch.h"

#include <fcntl.h>
#include <poll.h>
#include <sched.h>

#include <algorithm>
#include <span>

#include "reexec/command.h"
#include "reexec/id_maps.h"
#include "reexec/sealed_self.h"
#include "reexec/sys/file.h"
#include "reexec/wire.h"
#include "runtime/init/entry.h"
#include "runtime/launch/id_maps.h"
#include "runtime/launch/parent_mounts.h"

namespace mycontainer::runtime::launch {

namespace {

using init::MessageType;

// Whether a stage before the container's first process is needed (runtime/init/join.h).
bool needs_join(const StartPlan& plan, const LaunchRequest& request) {
  return !plan.joined.empty() || !plan.time_offsets.empty() || request.join_pidfd >= 0;
}

// What the clone of the join stage makes. A new user namespace comes first where it can, because
// the rights in it are needed for the rest; but nothing that exists already could be joined from it.
std::uint64_t namespaces_of_join_stage(const StartPlan& plan) {
  return plan.joined.empty() ? plan.new_namespaces & CLONE_NEWUSER : 0;
}

reexec::Attributes attributes_for(const StartPlan& plan, const LaunchRequest& request) {
  const bool join = needs_join(plan, request);
  reexec::Attributes born;
  born.new_namespaces = join ? namespaces_of_join_stage(plan) : plan.new_namespaces;
  if ((born.new_namespaces & CLONE_NEWUSER) != 0) {
    born.uid_map = id_maps(plan.uid_map);
    born.gid_map = id_maps(plan.gid_map);
    born.deny_setgroups = !plan.may_set_groups;
  }
  born.cgroup_fd = join ? -1 : request.cgroup_fd;
  born.new_session = !plan.terminal;  // with a terminal the child makes its own session
  born.umask = 0;  // a device node is made with the mode it was given; the program's comes later
  born.parent_death_signal = plan.parent_death_signal;
  return born;
}

struct Joining {
  init::JoinPlan plan;
  std::vector<UniqueFd> opened;
  std::vector<int> given;
};

Result<Joining> plan_join(const StartPlan& start, const LaunchRequest& request) {
  Joining joining;
  for (const JoinedNamespace& joined : start.joined) {
    TRY(UniqueFd fd, sys::open_at(AT_FDCWD, joined.path, O_RDONLY));
    joining.plan.joined.push_back(joined.flag);
    joining.given.push_back(fd.get());
    joining.opened.push_back(std::move(fd));
  }
  if (request.join_pidfd >= 0) {
    joining.plan.joined.push_back(request.join_namespaces);
    joining.given.push_back(request.join_pidfd);
  }
  joining.plan.new_namespaces = start.new_namespaces & ~namespaces_of_join_stage(start);
  joining.plan.time_offsets = start.time_offsets;
  joining.plan.initial_cpus = request.initial_cpus;
  joining.plan.into_cgroup = request.cgroup_fd >= 0;
  if (joining.plan.into_cgroup) joining.given.push_back(request.cgroup_fd);
  return joining;
}

// The ids of a user namespace that the join stage's clone made.
Result<void> map_ids(const StartPlan& plan, pid_t pid) {
  reexec::Attributes wanted;
  wanted.uid_map = id_maps(plan.uid_map);
  wanted.gid_map = id_maps(plan.gid_map);
  wanted.deny_setgroups = !plan.may_set_groups;
  return reexec::write_id_maps(pid, wanted);
}

void give(std::vector<int>& given, int fd, std::int32_t& index) {
  if (fd < 0) return;
  index = static_cast<std::int32_t>(given.size());
  given.push_back(fd);
}

void give_all(std::vector<int>& given, const Gifts& gifts, init::GivenPlan& plan) {
  give(given, gifts.start_fifo, plan.start_fifo);
  give(given, gifts.start_failure, plan.start_failure);
  for (const int fd : gifts.preserved) give(given, fd, plan.preserved.emplace_back(-1));
}

// What one message cannot hold goes ahead of the plan.
Result<void> send_with_mounts(const reexec::Channel& channel, const std::string& plan,
                              std::span<const int> mounts) {
  constexpr std::size_t kMost = reexec::Channel::kMaxFds;
  for (; mounts.size() > kMost; mounts = mounts.subspan(kMost)) {
    TRY_VOID(
        channel.send(static_cast<std::uint32_t>(MessageType::kMounts), {}, mounts.first(kMost)));
  }
  return channel.send(static_cast<std::uint32_t>(MessageType::kPlan), plan, mounts);
}

Error child_error(const reexec::Message& message) {
  auto failure = reexec::decode<init::StepFailure>(message.bytes);
  if (!failure) return std::move(failure).error();
  return Error{std::move(failure->operation), failure->code, std::move(failure->hint),
               failure->exit_status};
}

}  // namespace

Result<Launch> Launch::start(StartPlan plan, const LaunchRequest& request) {
  TRY(reexec::SealedSelf self, reexec::sealed_self(request.seal_directory));
  auto command = reexec::Command::entry(std::string(init::kInitEntry));
  command.executable(std::move(self.fd)).clear_env().attributes(attributes_for(plan, request));
  command.in(reexec::Stdio::fd(request.streams[0]));
  command.out(reexec::Stdio::fd(request.streams[1]));
  command.err(reexec::Stdio::fd(request.streams[2]));
  TRY(reexec::Process child, command.start());
  const bool join = needs_join(plan, request);
  Launch launch(std::move(plan), std::move(child), command.take_channel(), std::move(self.mount));
  if (join) TRY_VOID(launch.join(request));
  return launch;
}

// The process that was started joins, and is replaced by the one it makes.
Result<void> Launch::join(const LaunchRequest& request) {
  TRY(const Joining joining, plan_join(plan_, request));
  TRY_VOID(channel_.send(static_cast<std::uint32_t>(MessageType::kJoin),
                         reexec::encode(joining.plan), joining.given));
  TRY(auto message, channel_.receive());
  if (!message) return fail("the process that joins namespaces ended too early");
  const auto type = static_cast<MessageType>(message->type);
  if (type == MessageType::kFailed) return Failure(child_error(*message));
  if (type != MessageType::kJoined || message->fds.size() != 1) {
    return fail("unexpected message {} from the process that joins namespaces", message->type);
  }
  TRY(const auto joined, reexec::decode<init::Joined>(message->bytes));
  reexec::Process joiner = std::move(process_);
  process_ = reexec::Process::from_child(std::move(message->fds.front()), joined.pid);
  TRY_VOID(joiner.wait());
  const bool makes_users = (joining.plan.new_namespaces & CLONE_NEWUSER) != 0;
  const auto is_user = [](const JoinedNamespace& entry) { return entry.flag == CLONE_NEWUSER; };
  must_become_root_ = makes_users || std::ranges::any_of(plan_.joined, is_user);
  return makes_users ? map_ids(plan_, process_.pid()) : Result<void>();
}

Result<void> Launch::send(init::InitPlan plan, const Gifts& gifts) {
  std::vector<UniqueFd> mounts;
  if (plan.kind == init::InitPlan::Kind::kContainer && parent_prepares(plan_, plan)) {
    TRY(mounts, prepare_in_parent(plan_, plan, process_.pid()));
  }
  std::vector<int> given;
  given.reserve(mounts.size());
  for (const UniqueFd& mount : mounts) given.push_back(mount.get());
  give_all(given, gifts, plan.given);
  plan.become_root = must_become_root_;
  auto sent = send_with_mounts(channel_, reexec::encode(plan), given);
  // A child that failed before it could listen has said why: take_message reads it.
  if (!sent && sent.error().code == EPIPE) return {};
  return sent;
}

Result<void> Launch::go(std::span<const UniqueFd> cgroup_entrances) {
  std::vector<int> given;
  for (const UniqueFd& tasks : cgroup_entrances) given.push_back(tasks.get());
  auto sent = channel_.send(static_cast<std::uint32_t>(MessageType::kGo), {}, given);
  seal_.reset();
  if (!sent && sent.error().code == EPIPE) return {};  // as above
  return sent;
}

Failure Launch::failure_of_child(Error error) {
  pollfd readable{channel_.fd(), POLLIN, 0};
  Started started;
  while (::poll(&readable, 1, 0) == 1) {
    auto more = take_message(started);
    if (!more) return Failure(std::move(more).error());
    if (!*more) break;
  }
  return Failure(std::move(error));
}

Result<bool> Launch::take_message(Started& started) {
  TRY(auto message, channel_.receive());
  if (!message) return false;
  switch (static_cast<MessageType>(message->type)) {
    case MessageType::kConsole:
      if (message->fds.size() == 1) started.console = std::move(message->fds.front());
      return true;
    case MessageType::kSeccompListener:
      if (message->fds.size() == 1) started.seccomp_listener = std::move(message->fds.front());
      return true;
    case MessageType::kTrace: {
      TRY(started.times, reexec::decode<std::vector<init::StepTime>>(message->bytes));
      return true;
    }
    case MessageType::kHooks:
      started.wants_hooks = true;
      return true;
    case MessageType::kReady:
      started.held = true;
      return false;
    case MessageType::kFailed:
      return Failure(child_error(*message));
    default:
      return fail("unexpected message {} from the container's init", message->type);
  }
}

}  // namespace mycontainer::runtime::launch
