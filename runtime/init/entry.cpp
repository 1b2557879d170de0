#include "runtime/init/entry.h"

#include <algorithm>
#include <iterator>

#include "reexec/wire.h"
#include "runtime/init/program.h"
#include "runtime/init/reaper.h"
#include "runtime/init/steps.h"

namespace mycontainer::runtime::init {

namespace {

constexpr int kFailedStatus = 125;

void send(reexec::Channel& channel, MessageType type, const std::string& bytes) {
  // When the parent is gone there is nobody left to tell.
  (void)channel.send(static_cast<std::uint32_t>(type), bytes);
}

int report(reexec::Channel& channel, std::string_view step, const Error& error) {
  send(channel, MessageType::kFailed,
       reexec::encode(StepFailure{std::string(step), error.operation, error.hint, error.code,
                                  error.exit_status}));
  return kFailedStatus;
}

Result<InitPlan> receive_plan(reexec::Channel& channel, std::vector<UniqueFd>& given) {
  while (true) {
    TRY(auto message, channel.receive());
    if (!message) return fail("the parent process ended before it sent a plan");
    std::ranges::move(message->fds, std::back_inserter(given));
    const auto type = static_cast<MessageType>(message->type);
    if (type == MessageType::kPlan) return reexec::decode<InitPlan>(message->bytes);
    if (type != MessageType::kMounts) {
      return fail("unexpected message {} instead of a plan", message->type);
    }
  }
}

}  // namespace

int run_init(reexec::Invocation& invocation) {
  reexec::Channel& channel = invocation.channel;
  std::vector<UniqueFd> given;
  const auto plan = receive_plan(channel, given);
  if (!plan) return report(channel, "receive the plan", plan.error());

  Context context{*plan, channel, std::move(given), {}, {}, {}, -1};
  std::vector<StepTime> times;
  auto done = run_steps(container_steps(), context, plan->trace ? &times : nullptr);
  if (!done) return report(channel, done.error().step, done.error().error);
  if (plan->trace) send(channel, MessageType::kTrace, reexec::encode(times));

  const Error error = plan->reaper ? become_reaper(context) : become_program(*plan);
  return report(channel, "exec", error);
}

}  // namespace mycontainer::runtime::init
