// The test program is also the probe that a HealthMonitor starts: what it answers, it is ordered.
#include <gtest/gtest.h>
#include <unistd.h>

#include "reexec/registry.h"
#include "reexec/wire.h"
#include "runtime/monitor/health_probe.h"

namespace mycontainer::runtime::monitor {
namespace {

int fake_probe(reexec::Invocation& invocation) {
  const auto message = invocation.channel.receive();
  if (!message || !*message) return 1;
  const auto order = reexec::decode<ProbeOrder>((*message)->bytes);
  if (!order || order->args.empty() || order->args.front() == "die") return 1;
  if (order->args.front() == "hang") ::pause();
  ProbeResult result;
  result.skipped = order->args.front() == "skip";
  result.exit_code = order->args.front() == "succeed" ? 0 : 1;
  result.output = order->id;
  return invocation.channel.send(0, reexec::encode(result)) ? 0 : 1;
}

constexpr auto kEntries = reexec::table(reexec::Entry{kHealthEntry, fake_probe, ""});

}  // namespace
}  // namespace mycontainer::runtime::monitor

int main(int argc, char** argv) {
  using mycontainer::runtime::monitor::kEntries;
  if (const auto code = mycontainer::reexec::dispatch(argc, argv, kEntries)) return *code;
  ::testing::InitGoogleTest(&argc, argv);
  return RUN_ALL_TESTS();
}
