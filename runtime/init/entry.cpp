#include "runtime/init/entry.h"

#include <sys/prctl.h>

#include <algorithm>
#include <iterator>

#include "reexec/sys/file.h"
#include "reexec/wire.h"
#include "runtime/init/join.h"
#include "runtime/init/program.h"
#include "runtime/init/reaper.h"
#include "runtime/init/steps.h"

namespace mycontainer::runtime::init {

namespace {

constexpr int kFailedStatus = 125;

std::string failure_text(std::string_view step, const Error& error) {
  return reexec::encode(
      StepFailure{std::string(step), error.operation, error.hint, error.code, error.exit_status});
}

void send(reexec::Channel& channel, MessageType type, const std::string& bytes) {
  // When the parent is gone there is nobody left to tell.
  (void)channel.send(static_cast<std::uint32_t>(type), bytes);
}

// The plan, by whichever of our processes goes on with it; nothing in the joiner, which is done.
Result<std::optional<InitPlan>> receive_plan(reexec::Channel& channel,
                                             std::vector<UniqueFd>& given) {
  while (true) {
    TRY(auto message, channel.receive());
    if (!message) return fail("the parent process ended before it sent a plan");
    const auto type = static_cast<MessageType>(message->type);
    if (type == MessageType::kJoin) {
      TRY(const JoinSide side, join(channel, std::move(*message)));
      if (side == JoinSide::kJoiner) return std::nullopt;
      continue;
    }
    std::ranges::move(message->fds, std::back_inserter(given));
    if (type == MessageType::kPlan) return reexec::decode<InitPlan>(message->bytes);
    if (type != MessageType::kMounts) {
      return fail("unexpected message {} instead of a plan", message->type);
    }
  }
}

std::span<const Step> steps_of(const InitPlan& plan) {
  return plan.kind == InitPlan::Kind::kExec ? exec_steps() : container_steps();
}

}  // namespace

void report(Context& context, std::string_view step, const Error& error) {
  const std::string failure = failure_text(step, error);
  if (context.failure_file) {
    (void)sys::write_all(context.failure_file.get(), failure);
  } else {
    send(context.channel, MessageType::kFailed, failure);
  }
}

int run_init(reexec::Invocation& invocation) {
  reexec::Channel& channel = invocation.channel;
  // Until the user's program replaces us, processes of the container (after the join, or an exec
  // into a created container) must not reach our descriptors and memory: CVE-2016-9962.
  ::prctl(PR_SET_DUMPABLE, 0);
  std::vector<UniqueFd> given;
  const auto plan = receive_plan(channel, given);
  if (!plan) {
    send(channel, MessageType::kFailed, failure_text("receive the plan", plan.error()));
    return kFailedStatus;
  }
  if (!*plan) return 0;

  Context context{.plan = **plan, .channel = channel, .given = std::move(given)};
  std::vector<StepTime> times;
  const bool trace = context.plan.trace;
  auto done = run_steps(steps_of(context.plan), context, trace ? &times : nullptr);
  if (!done) {
    report(context, done.error().step, done.error().error);
    return kFailedStatus;
  }
  if (trace) send(channel, MessageType::kTrace, reexec::encode(times));

  report(context, "exec", context.plan.reaper ? become_reaper(context) : become_program(context));
  return kFailedStatus;
}

}  // namespace mycontainer::runtime::init
