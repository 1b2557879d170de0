#include "runtime/launch/launch.h"

#include <fcntl.h>
#include <sched.h>

#include <span>

#include "reexec/command.h"
#include "reexec/sealed_self.h"
#include "reexec/sys/file.h"
#include "reexec/wire.h"
#include "runtime/init/entry.h"
#include "runtime/launch/id_maps.h"
#include "runtime/launch/parent_mounts.h"

namespace mycontainer::runtime::launch {

namespace {

using init::MessageType;

Result<std::vector<UniqueFd>> open_namespaces(const StartPlan& plan, reexec::Attributes& born) {
  std::vector<UniqueFd> opened;
  for (const JoinedNamespace& joined : plan.joined) {
    TRY(UniqueFd fd, sys::open_at(AT_FDCWD, joined.path, O_RDONLY));
    born.join.push_back({fd.get(), static_cast<int>(joined.flag)});
    opened.push_back(std::move(fd));
  }
  return opened;
}

reexec::Attributes attributes_for(const StartPlan& plan, const LaunchRequest& request) {
  reexec::Attributes born;
  born.new_namespaces = plan.new_namespaces;
  born.uid_map = id_maps(plan.uid_map);
  born.gid_map = id_maps(plan.gid_map);
  born.deny_setgroups = !plan.may_set_groups;
  born.cgroup_fd = request.cgroup_fd;
  born.new_session = !plan.terminal;  // with a terminal the child makes its own session
  born.umask = 0;  // a device node is made with the mode it was given; the program's comes later
  born.parent_death_signal = plan.parent_death_signal;
  return born;
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
  reexec::Attributes born = attributes_for(plan, request);
  TRY(const auto joined, open_namespaces(plan, born));
  auto command = reexec::Command::entry(std::string(init::kInitEntry));
  command.executable(std::move(self.fd)).clear_env().attributes(std::move(born));
  command.in(reexec::Stdio::fd(request.streams[0]));
  command.out(reexec::Stdio::fd(request.streams[1]));
  command.err(reexec::Stdio::fd(request.streams[2]));
  TRY(reexec::Process child, command.start());
  return Launch(std::move(plan), std::move(child), command.take_channel(), std::move(self.mount));
}

Result<void> Launch::send(init::InitPlan plan) {
  std::vector<UniqueFd> mounts;
  if (parent_prepares(plan_)) {
    TRY(mounts, prepare_in_parent(plan_, plan, process_.pid()));
  }
  std::vector<int> given;
  given.reserve(mounts.size());
  for (const UniqueFd& mount : mounts) given.push_back(mount.get());
  auto sent = send_with_mounts(channel_, reexec::encode(plan), given);
  // A child that failed before it could listen has said why: take_message reads it.
  if (!sent && sent.error().code == EPIPE) return {};
  return sent;
}

Result<void> Launch::go() {
  auto sent = channel_.send(static_cast<std::uint32_t>(MessageType::kGo), {});
  seal_.reset();
  if (!sent && sent.error().code == EPIPE) return {};  // as above
  return sent;
}

Result<bool> Launch::take_message(Started& started) {
  TRY(auto message, channel_.receive());
  if (!message) return false;
  switch (static_cast<MessageType>(message->type)) {
    case MessageType::kConsole:
      if (message->fds.size() == 1) started.console = std::move(message->fds.front());
      return true;
    case MessageType::kTrace: {
      TRY(started.times, reexec::decode<std::vector<init::StepTime>>(message->bytes));
      return true;
    }
    case MessageType::kFailed:
      return Failure(child_error(*message));
    default:
      return fail("unexpected message {} from the container's init", message->type);
  }
}

}  // namespace mycontainer::runtime::launch
