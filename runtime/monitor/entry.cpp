#include "runtime/monitor/entry.h"

#include "reexec/wire.h"
#include "runtime/engine/monitor_protocol.h"
#include "runtime/monitor/monitor.h"

namespace mycontainer::runtime::monitor {

namespace {

using engine::MonitorMessage;

struct Order {
  engine::StartOrder order;
  UniqueFd client;
};

Result<Order> receive_order(const reexec::Channel& channel) {
  TRY(auto message, channel.receive());
  if (!message || message->type != static_cast<std::uint32_t>(MonitorMessage::kStart)) {
    return fail("the monitor was not told what to start");
  }
  TRY(auto order, reexec::decode<engine::StartOrder>(message->bytes));
  return Order{std::move(order),
               message->fds.empty() ? UniqueFd() : std::move(message->fds.front())};
}

void answer(reexec::Channel& channel, const Result<void>& started) {
  const auto type = started ? MonitorMessage::kStarted : MonitorMessage::kFailed;
  const std::string bytes = started ? std::string() : reexec::encode(started.error());
  // Who started us may be gone: the container runs all the same.
  (void)channel.send(static_cast<std::uint32_t>(type), bytes);
  channel.close();
}

}  // namespace

int run_monitor(reexec::Invocation& invocation) {
  auto order = receive_order(invocation.channel);
  if (!order) {
    answer(invocation.channel, Failure(order.error()));
    return 1;
  }
  Monitor monitor(order->order);
  const auto started =
      monitor.start(order->order.id, std::move(order->client), invocation.channel.fd());
  answer(invocation.channel, started);
  if (!started) return 1;
  monitor.serve();
  return 0;
}

}  // namespace mycontainer::runtime::monitor
