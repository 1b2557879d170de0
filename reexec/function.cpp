#include "reexec/function.h"

namespace mycontainer::reexec::detail {

Result<std::string> await_answer(std::string_view name, Process& process, const Channel& channel) {
  auto message = channel.receive();
  if (!message) return within(fmt::format("call {}", name), std::move(message).error());
  // Reaped in any case: an answer is the last thing the child does.
  TRY(const Status status, process.wait());
  if (!*message) return fail("call {}: no answer, the child {}", name, status.describe());
  if ((*message)->type != kAnswer) return fail_code(EBADMSG, "call {}: not an answer", name);
  return std::move((*message)->bytes);
}

Result<std::string> receive_arguments(const Channel& channel) {
  TRY(std::optional<Message> message, channel.receive());
  if (!message || message->type != kArguments) return fail_code(EBADMSG, "receive arguments");
  return std::move(message->bytes);
}

int send_answer(const Channel& channel, std::string_view bytes) {
  return channel.send(kAnswer, bytes) ? 0 : kStartedByHand;
}

}  // namespace mycontainer::reexec::detail
